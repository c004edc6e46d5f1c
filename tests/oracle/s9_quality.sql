-- mart.quality_week: what reporting asks of a unit and what it gives, by the words of its columns and decision 21.

-- The cells of an expected row: one for a value, two where a size, a denominator or a day stands beside it, one a day
-- owed since the last cut-off for a daily red line.
CREATE OR REPLACE TEMP TABLE asked_row AS
SELECT e.unit_code, e.responsibility_code, r.definition, r.unit_of_measure,
    CASE
        WHEN r.measure = 'stages' THEN 2 * greatest(1, (SELECT count(*) FROM items i
            WHERE i.plan_year = r.plan_year AND i.responsibility_code = r.responsibility_code))
        WHEN r.measure IN ('ratio', 'average', 'rank') THEN 2
        WHEN r.measure = 'red_line' AND r.cadence = 'daily' THEN (
            SELECT count(*) FROM red_line_day y, wk w
            WHERE w.is_asked AND y.unit_code = e.unit_code AND y.responsibility_code = e.responsibility_code
              AND y.day <= w.cut_off_on
              AND y.day > coalesce((SELECT b.cut_off_on FROM wk b WHERE b.week = w.previous), DATE '1900-01-01'))
        ELSE 1
    END AS fields
FROM expected e JOIN responsibilities r USING (responsibility_code)
WHERE r.plan_year = (SELECT any_value(plan_year) FROM wk);

-- Of rows that ask the same, all but the largest are duplicates.
CREATE OR REPLACE TEMP TABLE asked_of_unit AS
SELECT unit_code, sum(fields) AS fields_asked, sum(fields) - sum(fields) FILTER (place = 1) AS duplicate_fields
FROM (
    SELECT *, CASE WHEN definition = '' THEN 1 ELSE row_number() OVER (
        PARTITION BY unit_code, definition, unit_of_measure ORDER BY fields DESC) END AS place
    FROM asked_row
)
GROUP BY unit_code;

CREATE OR REPLACE TEMP TABLE came_file AS
SELECT s.unit_code, count(*) AS files_sent,
    count(*) FILTER (s.withdrawn_at IS NULL AND s.accepted_rows = 0) AS empty_files
FROM submissions s JOIN wk ON wk.week = s.week AND wk.is_asked
WHERE s.kind = 'progress'
GROUP BY s.unit_code;

-- The versions of an item in the week; a "no change" after a figure says nothing new and is none of them (decision 21).
CREATE OR REPLACE TEMP TABLE version AS
WITH came AS (
    SELECT p.*, (p.value, p.numerator, p.denominator, p.done, p.happened_on) AS content,
        bool_or(NOT p.no_change) OVER (same ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS has_figure_before
    FROM progress p JOIN wk ON wk.week = p.week AND wk.is_asked
    SEMI JOIN duty d ON d.unit_code = p.unit_code AND d.responsibility_code = p.responsibility_code
    WINDOW same AS (PARTITION BY p.unit_code, p.responsibility_code, p.item ORDER BY p.place)
)
SELECT unit_code, responsibility_code, item, count(*) > 1 AS is_again,
    list(content ORDER BY place DESC)[1] IS DISTINCT FROM list(content ORDER BY place DESC)[2] AS is_corrected
FROM came
WHERE NOT (no_change AND coalesce(has_figure_before, false))
GROUP BY unit_code, responsibility_code, item;

-- A duty counts once in each, whatever its items: corrected with any of them, repeated with any sent again the same.
CREATE OR REPLACE TEMP TABLE sent_again AS
SELECT unit_code, count(*) FILTER (any_corrected) AS corrected_rows, count(*) FILTER (any_same) AS repeated_rows
FROM (
    SELECT unit_code, responsibility_code, bool_or(is_again AND is_corrected) AS any_corrected,
        bool_or(is_again AND NOT is_corrected) AS any_same
    FROM version
    GROUP BY unit_code, responsibility_code
)
GROUP BY unit_code;

-- Stale and unchanged is what stands open.
CREATE OR REPLACE TEMP TABLE standing AS
SELECT unit_code, count(*) FILTER (weeks_stale > 0) AS stale_rows, max(weeks_stale) AS longest_stale,
    count(*) FILTER (unchanged_periods > 0) AS unchanged_rows, max(unchanged_periods) AS longest_unchanged
FROM oracle_responsibility_unit_week
WHERE is_asked AND state NOT IN ('closed', 'suspended', 'exempt', 'not_started')
GROUP BY unit_code;

CREATE OR REPLACE TEMP TABLE oracle_quality_week AS
SELECT w.week_code, w.week, u.unit_code,
    coalesce(a.fields_asked, 0) AS fields_asked, coalesce(a.duplicate_fields, 0) AS duplicate_fields,
    CASE WHEN a.unit_code IS NULL THEN 0 ELSE 1 END AS files_asked,
    coalesce(f.files_sent, 0) AS files_sent, coalesce(f.empty_files, 0) AS empty_files,
    coalesce(v.corrected_rows, 0) AS corrected_rows,
    coalesce(v.repeated_rows, 0) AS repeated_rows,
    coalesce(s.stale_rows, 0) AS stale_rows, coalesce(s.longest_stale, 0) AS longest_stale,
    coalesce(s.unchanged_rows, 0) AS unchanged_rows, coalesce(s.longest_unchanged, 0) AS longest_unchanged
FROM units u CROSS JOIN wk w
LEFT JOIN asked_of_unit a USING (unit_code) LEFT JOIN came_file f USING (unit_code)
LEFT JOIN sent_again v USING (unit_code) LEFT JOIN standing s USING (unit_code)
WHERE w.is_asked;
