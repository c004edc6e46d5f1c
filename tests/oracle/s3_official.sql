-- metrics.md section 6: what the checks make of the reports.

-- The latest version of each check, with the reported value in force for its week.
CREATE OR REPLACE TEMP TABLE checked AS
WITH own AS (
    SELECT i.*
    FROM inspections i JOIN weeks w USING (week)
    WHERE w.plan_year = (SELECT any_value(plan_year) FROM wk) AND w.week <= (SELECT max(week) FROM wk)
    QUALIFY row_number() OVER (PARTITION BY unit_code, responsibility_code, item, week ORDER BY place DESC) = 1
)
SELECT o.unit_code, o.responsibility_code, o.item, o.week, o.value, o.numerator, o.denominator, o.done, o.method,
    o.sample_kind, d.rule, d.tolerance AS tolerance_said,
    f.week AS fact_week, f.said_week, f.value AS x_value, f.numerator AS x_numerator,
    f.denominator AS x_denominator, f.done AS x_done, f.happened_on AS x_happened_on
FROM own o
JOIN duty d USING (unit_code, responsibility_code)
LEFT JOIN fact f ON f.unit_code = o.unit_code AND f.responsibility_code = o.responsibility_code AND f.item = o.item
    AND CASE WHEN d.rule IN ('flow', 'average', 'range', 'ratio_period', 'red_line')
             THEN f.week = o.week ELSE f.week <= o.week END
QUALIFY row_number() OVER (
    PARTITION BY o.unit_code, o.responsibility_code, o.item, o.week ORDER BY f.week DESC NULLS LAST) = 1;

-- Per-period measures: v replaces that week's own fact. Red lines: events found are added.
CREATE OR REPLACE TEMP TABLE official_fact AS
SELECT f.unit_code, f.responsibility_code, f.item, f.week,
    f.value, f.numerator, f.denominator,
    coalesce(c.value, f.value) AS official_value,
    coalesce(c.numerator, f.numerator) AS official_numerator,
    CASE WHEN c.week IS NULL THEN f.denominator ELSE c.denominator END AS official_denominator,
    c.week IS NOT NULL AS is_checked
FROM fact f
LEFT JOIN checked c USING (unit_code, responsibility_code, item, week);

-- The value in force at each week: running totals, ratios to date, levels and ranks.
CREATE OR REPLACE TEMP TABLE in_force AS
SELECT d.unit_code, d.responsibility_code, d.week, d.rule, f.week AS fact_week, f.said_week,
    f.value, f.numerator, f.denominator
FROM duty_week d JOIN fact f ON f.unit_code = d.unit_code AND f.responsibility_code = d.responsibility_code
    AND f.item = '' AND f.week <= d.week
WHERE d.rule IN ('total', 'level', 'rank', 'ratio_to_date')
QUALIFY row_number() OVER (PARTITION BY d.unit_code, d.responsibility_code, d.week ORDER BY f.week DESC) = 1;

-- Of the checks the latest with week <= W speaks; one of a week with nothing in force changes nothing.
CREATE OR REPLACE TEMP TABLE official_in_force AS
SELECT i.*, c.week AS check_week,
    CASE
        WHEN c.week IS NULL THEN i.value
        WHEN i.rule = 'total' THEN i.value + (c.value - c.x_value)
        ELSE c.value
    END AS official_value,
    i.numerator + coalesce(c.numerator - c.x_numerator, 0) AS official_numerator,
    i.denominator + coalesce(c.denominator - c.x_denominator, 0) AS official_denominator
FROM in_force i
LEFT JOIN checked c ON c.unit_code = i.unit_code AND c.responsibility_code = i.responsibility_code AND c.item = ''
    AND c.week <= i.week AND c.said_week IS NOT NULL
    AND (i.rule IN ('total', 'ratio_to_date') OR c.week >= i.fact_week)
QUALIFY row_number() OVER (PARTITION BY i.unit_code, i.responsibility_code, i.week ORDER BY c.week DESC NULLS LAST) = 1;

-- Stages: each item as reported and as the last check of it says, whether or not a report came before the check.
CREATE OR REPLACE TEMP TABLE stage AS
WITH item_of AS (
    SELECT d.unit_code, d.responsibility_code, d.week, d.cut_off_on,
        coalesce(i.item_code, '') AS item, coalesce(i.weight, 1) AS weight
    FROM duty_week d
    LEFT JOIN items i ON i.plan_year = d.plan_year AND i.responsibility_code = d.responsibility_code
    WHERE d.rule = 'stages'
),
reported AS (
    SELECT s.*, f.week AS fact_week, f.said_week,
        coalesce(f.done AND (f.happened_on IS NULL OR f.happened_on <= s.cut_off_on), false) AS is_done
    FROM item_of s
    LEFT JOIN fact f ON f.unit_code = s.unit_code AND f.responsibility_code = s.responsibility_code
        AND f.item = s.item AND f.week <= s.week
    QUALIFY row_number() OVER (
        PARTITION BY s.unit_code, s.responsibility_code, s.week, s.item ORDER BY f.week DESC NULLS LAST) = 1
)
SELECT r.*, c.week AS check_week, CASE WHEN c.week IS NULL THEN r.is_done ELSE c.done END AS is_done_officially
FROM reported r
LEFT JOIN checked c ON c.unit_code = r.unit_code AND c.responsibility_code = r.responsibility_code
    AND c.item = r.item AND c.week <= r.week
QUALIFY row_number() OVER (
    PARTITION BY r.unit_code, r.responsibility_code, r.week, r.item ORDER BY c.week DESC NULLS LAST) = 1;
