-- metrics.md section 2: the completion of one assignment, as reported and officially.

-- Flow, average, ratio by period: sums of each week's own fact.
CREATE OR REPLACE TEMP TABLE period_sum AS
SELECT d.unit_code, d.responsibility_code, d.week, d.rule,
    sum(f.value) AS value, sum(f.official_value) AS official_value,
    CASE d.rule WHEN 'average' THEN sum(f.value * coalesce(f.denominator, 1))
        ELSE sum(f.numerator) END AS numerator,
    CASE d.rule WHEN 'average' THEN sum(coalesce(f.denominator, 1)) ELSE sum(f.denominator) END AS denominator,
    CASE d.rule WHEN 'average' THEN sum(f.official_value * coalesce(f.official_denominator, 1))
        ELSE sum(f.official_numerator) END AS official_numerator,
    CASE d.rule WHEN 'average' THEN sum(coalesce(f.official_denominator, 1))
        ELSE sum(f.official_denominator) END AS official_denominator,
    bool_or(f.is_checked) AS is_checked
FROM duty_week d
JOIN official_fact f ON f.unit_code = d.unit_code AND f.responsibility_code = d.responsibility_code
    AND f.item = '' AND f.week <= d.week
WHERE d.rule IN ('flow', 'average', 'ratio_period')
GROUP BY d.unit_code, d.responsibility_code, d.week, d.rule;

-- The periods a range is held against; `once` ends with its first if that is met, for then all is done.
CREATE OR REPLACE TEMP TABLE range_due AS
SELECT m.*
FROM may_be_due m JOIN duty d USING (unit_code, responsibility_code)
LEFT JOIN official_fact f ON f.unit_code = m.unit_code AND f.responsibility_code = m.responsibility_code
    AND f.item = '' AND f.week = m.week
WHERE d.rule = 'range' AND m.exception IS NULL
WINDOW own AS (PARTITION BY m.unit_code, m.responsibility_code ORDER BY m.week)
QUALIFY NOT m.ends_when_done OR row_number() OVER own = 1 OR NOT first_value(
    coalesce(r9(f.official_value) BETWEEN r9(d.target_low) AND r9(d.target_high), false)) OVER own;

-- Range: periods met of periods due; a due period without a value is not met.
CREATE OR REPLACE TEMP TABLE range_sum AS
SELECT d.unit_code, d.responsibility_code, d.week,
    count(m.week) AS due,
    count(*) FILTER (r9(f.value) BETWEEN r9(d.target_low) AND r9(d.target_high)) AS met,
    count(*) FILTER (r9(f.official_value) BETWEEN r9(d.target_low) AND r9(d.target_high)) AS official_met,
    coalesce(bool_or(f.is_checked), false) AS is_checked,
    any_value(l.latest) AS latest, any_value(l.official_latest) AS official_latest,
    any_value(l.latest) IS NOT NULL AS has_value
FROM duty_week d
LEFT JOIN LATERAL (
    SELECT arg_max(f.value, f.week) AS latest, arg_max(f.official_value, f.week) AS official_latest
    FROM official_fact f WHERE f.unit_code = d.unit_code AND f.responsibility_code = d.responsibility_code
        AND f.item = '' AND f.week <= d.week
) l ON true
LEFT JOIN range_due m ON m.unit_code = d.unit_code AND m.responsibility_code = d.responsibility_code
    AND m.week <= d.week
LEFT JOIN official_fact f ON f.unit_code = m.unit_code AND f.responsibility_code = m.responsibility_code
    AND f.item = '' AND f.week = m.week
WHERE d.rule = 'range'
GROUP BY ALL;

-- Red lines: events since the start of the plan year, those found by checks added; zero-reports by week or by day.
CREATE OR REPLACE TEMP TABLE red_line_day AS
SELECT d.unit_code, d.responsibility_code, day::DATE AS day
FROM duty d, unnest(generate_series(
    greatest(d.begins_on, (SELECT min(week) FROM weeks WHERE weeks.plan_year = d.plan_year)::DATE),
    least(d.ends_on, (SELECT max(cut_off_on) FROM wk)), INTERVAL 1 DAY)) AS u (day)
WHERE in_season(day, d.season) AND d.rule = 'red_line' AND d.cadence = 'daily'
    AND NOT EXISTS (SELECT 1 FROM exceptions e
        WHERE e.plan_year = d.plan_year AND e.responsibility_code = d.responsibility_code
            AND e.unit_code = d.unit_code AND day >= coalesce(e.from_on, day) AND day <= coalesce(e.to_on, day));

CREATE OR REPLACE TEMP TABLE red_line_sum AS
SELECT d.unit_code, d.responsibility_code, d.week,
    coalesce((SELECT sum(f.value) FROM fact f
     WHERE f.unit_code = d.unit_code AND f.responsibility_code = d.responsibility_code AND f.week <= d.week), 0
    ) AS events,
    coalesce((SELECT sum(c.value) FROM checked c
     WHERE c.unit_code = d.unit_code AND c.responsibility_code = d.responsibility_code AND c.week <= d.week), 0
    ) AS events_found,
    EXISTS (SELECT 1 FROM checked c
     WHERE c.unit_code = d.unit_code AND c.responsibility_code = d.responsibility_code AND c.week <= d.week
    ) AS is_checked,
    EXISTS (SELECT 1 FROM fact f
     WHERE f.unit_code = d.unit_code AND f.responsibility_code = d.responsibility_code AND f.week <= d.week
    ) AS has_value,
    CASE WHEN d.cadence = 'daily' THEN
        (SELECT count(*) FROM red_line_day y WHERE y.unit_code = d.unit_code
            AND y.responsibility_code = d.responsibility_code AND y.day <= d.cut_off_on)
    ELSE
        (SELECT count(*) FROM may_be_due m WHERE m.unit_code = d.unit_code
            AND m.responsibility_code = d.responsibility_code AND m.week <= d.week AND m.exception IS NULL)
    END AS expected,
    CASE WHEN d.cadence = 'daily' THEN
        (SELECT count(DISTINCT y.day) FROM red_line_day y
         JOIN fact f ON f.unit_code = y.unit_code AND f.responsibility_code = y.responsibility_code
            AND f.item = strftime(y.day, '%Y-%m-%d')
         WHERE y.unit_code = d.unit_code AND y.responsibility_code = d.responsibility_code
            AND y.day <= d.cut_off_on AND f.week <= d.week)
    ELSE
        (SELECT count(DISTINCT m.week) FROM may_be_due m JOIN fact f USING (unit_code, responsibility_code, week)
         WHERE m.unit_code = d.unit_code AND m.responsibility_code = d.responsibility_code
            AND m.week <= d.week AND m.exception IS NULL)
    END AS received
FROM duty_week d
WHERE d.rule = 'red_line';

-- One line an assignment and week: x, its numerator and denominator, as reported and officially.
CREATE OR REPLACE TEMP TABLE figure AS
SELECT unit_code, responsibility_code, week, value AS x, numerator, denominator,
    official_value AS official_x, official_numerator, official_denominator, check_week IS NOT NULL AS is_checked,
    true AS has_value
FROM official_in_force WHERE said_week IS NOT NULL
UNION ALL
SELECT unit_code, responsibility_code, week, value, numerator, denominator, official_value, official_numerator,
    official_denominator, is_checked, true
FROM period_sum
UNION ALL
SELECT unit_code, responsibility_code, week, latest, met, due, official_latest, official_met, due, is_checked,
    has_value
FROM range_sum
UNION ALL
SELECT unit_code, responsibility_code, week, NULL,
    sum(weight) FILTER (is_done), sum(weight), NULL,
    sum(weight) FILTER (is_done_officially), sum(weight), bool_or(check_week IS NOT NULL),
    bool_or(said_week IS NOT NULL)
FROM stage
GROUP BY ALL
UNION ALL
SELECT unit_code, responsibility_code, week, events, received, expected, events + events_found, received, expected,
    is_checked, has_value
FROM red_line_sum;

CREATE OR REPLACE TEMP MACRO way(direction, x, b, t) AS
    CASE
        WHEN r9(t - b) = 0 THEN
            CASE WHEN (direction = 'up' AND r9(x) >= r9(t)) OR (direction = 'down' AND r9(x) <= r9(t)) THEN 1.0
                ELSE 0.0 END
        ELSE (x - b) / (t - b)
    END;

CREATE OR REPLACE TEMP MACRO completion_of(rule, direction, x, num, den, b, t, r0, p) AS
    CASE rule
        WHEN 'total' THEN way(direction, x, b, t)
        WHEN 'level' THEN way(direction, x, b, t)
        WHEN 'flow' THEN CASE
            WHEN direction = 'up' THEN way(direction, x, b, t)
            WHEN p > 0 THEN way(direction, x, p * b, p * t)
        END
        WHEN 'average' THEN CASE WHEN den <> 0 THEN way(direction, num / den, b, t) END
        WHEN 'ratio_to_date' THEN CASE WHEN den <> 0 THEN way(direction, num / den, b, t) END
        WHEN 'ratio_period' THEN CASE WHEN den <> 0 THEN way(direction, num / den, b, t) END
        WHEN 'stages' THEN CASE WHEN den <> 0 THEN coalesce(num, 0) / den END
        WHEN 'range' THEN CASE WHEN den <> 0 THEN num / den END
        WHEN 'rank' THEN CASE
            WHEN x IS NULL OR t IS NULL THEN NULL
            WHEN r9(x) <= r9(t) THEN 1.0
            WHEN r0 IS NULL OR r9(r0) <= r9(t) THEN 0.0
            ELSE greatest(0.0, least(1.0, (r0 - x) / (r0 - t)))
        END
        WHEN 'red_line' THEN CASE WHEN x > 0 THEN 0.0 WHEN num >= den THEN 1.0 END
    END;

CREATE OR REPLACE TEMP TABLE completion AS
SELECT d.unit_code, d.responsibility_code, d.week, f.* EXCLUDE (unit_code, responsibility_code, week), plan.p,
    completion_of(d.rule, d.direction, f.x, f.numerator, f.denominator, d.b, d.target, d.rank_start, plan.p)::DOUBLE
        AS reported,
    completion_of(d.rule, d.direction, f.official_x, f.official_numerator, f.official_denominator, d.b, d.target,
        d.rank_start, plan.p)::DOUBLE AS official
FROM duty_week d
LEFT JOIN figure f USING (unit_code, responsibility_code, week)
LEFT JOIN plan USING (responsibility_code, week);
