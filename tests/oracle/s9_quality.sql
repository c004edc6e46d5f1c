-- mart.quality_week: what reporting asks of a unit and what it gives, by the words of its columns.
-- Where those words can be read in two ways the cell stays empty and is not compared (comparison.py, SILENT).

-- The cells of an expected row: one for a value, two where a size, a denominator or a day stands beside it.
CREATE OR REPLACE TEMP TABLE asked_row AS
SELECT e.unit_code, e.responsibility_code, r.definition, r.unit_of_measure, r.cadence = 'daily' AS is_daily,
    CASE
        WHEN r.measure = 'stages' THEN 2 * greatest(1, (SELECT count(*) FROM items i
            WHERE i.plan_year = r.plan_year AND i.responsibility_code = r.responsibility_code))
        WHEN r.measure IN ('ratio', 'average', 'rank') THEN 2
        ELSE 1
    END AS fields
FROM expected e JOIN responsibilities r USING (responsibility_code)
WHERE r.plan_year = (SELECT any_value(plan_year) FROM wk);

-- Nowhere is said whether a daily row asks one cell or seven, nor whether the first of two equal cells is a duplicate.
CREATE OR REPLACE TEMP TABLE asked_of_unit AS
SELECT unit_code,
    CASE WHEN NOT bool_or(is_daily) THEN sum(fields) END AS fields_asked,
    CASE WHEN NOT bool_or(definition <> '' AND EXISTS (
        SELECT 1 FROM asked_row o WHERE o.unit_code = a.unit_code AND o.definition = a.definition
            AND o.unit_of_measure = a.unit_of_measure AND o.responsibility_code <> a.responsibility_code)) THEN 0 END
    AS duplicate_fields
FROM asked_row a
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
        bool_or(NOT p.no_change) OVER (same ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS has_figure_before,
        lead(p.place) OVER same IS NULL AS is_last
    FROM progress p JOIN wk ON wk.week = p.week AND wk.is_asked
    SEMI JOIN duty d ON d.unit_code = p.unit_code AND d.responsibility_code = p.responsibility_code
    WINDOW same AS (PARTITION BY p.unit_code, p.responsibility_code, p.item ORDER BY p.place)
)
SELECT unit_code, responsibility_code, item, count(*) > 1 AS is_again,
    list(content ORDER BY place DESC)[1] IS DISTINCT FROM list(content ORDER BY place DESC)[2] AS is_corrected,
    NOT bool_or(is_last) AS ends_with_no_change
FROM came
WHERE NOT (no_change AND coalesce(has_figure_before, false))
GROUP BY unit_code, responsibility_code, item;

-- A duty counts once, whatever its items: corrected with any of them, repeated when each of those sent again says the
-- same. Open: does a "no change" after a figure repeat it; is a duty corrected in one item repeated in another.
CREATE OR REPLACE TEMP TABLE sent_again AS
SELECT unit_code, count(*) FILTER (any_corrected) AS corrected_rows,
    CASE WHEN NOT bool_or(any_corrected AND any_same OR ends_with_no_change AND NOT any_same) THEN
        count(*) FILTER (any_same) END AS repeated_rows
FROM (
    SELECT unit_code, responsibility_code, bool_or(is_again AND is_corrected) AS any_corrected,
        bool_or(is_again AND NOT is_corrected) AS any_same, bool_or(ends_with_no_change) AS ends_with_no_change
    FROM version
    GROUP BY unit_code, responsibility_code
)
GROUP BY unit_code;

-- Stale is what stands open; whether a row outside its life or under an exception is unchanged, no text says.
CREATE OR REPLACE TEMP TABLE standing AS
SELECT unit_code,
    count(*) FILTER (weeks_stale > 0 AND is_open) AS stale_rows,
    max(weeks_stale) FILTER (is_open) AS longest_stale,
    bool_or(unchanged_periods > 0 AND (NOT is_open OR state = 'not_started')) AS is_unsaid,
    count(*) FILTER (unchanged_periods > 0) AS unchanged_rows, max(unchanged_periods) AS longest_unchanged
FROM (
    SELECT *, state NOT IN ('closed', 'suspended', 'exempt') AS is_open
    FROM oracle_responsibility_unit_week WHERE is_asked
)
GROUP BY unit_code;

CREATE OR REPLACE TEMP TABLE oracle_quality_week AS
SELECT w.week_code, w.week, u.unit_code,
    CASE WHEN a.unit_code IS NULL THEN 0 ELSE a.fields_asked END AS fields_asked,
    CASE WHEN a.unit_code IS NULL THEN 0 ELSE a.duplicate_fields END AS duplicate_fields,
    CASE WHEN a.unit_code IS NULL THEN 0 ELSE 1 END AS files_asked,
    coalesce(f.files_sent, 0) AS files_sent, coalesce(f.empty_files, 0) AS empty_files,
    coalesce(v.corrected_rows, 0) AS corrected_rows,
    CASE WHEN v.unit_code IS NULL THEN 0 ELSE v.repeated_rows END AS repeated_rows,
    coalesce(s.stale_rows, 0) AS stale_rows, coalesce(s.longest_stale, 0) AS longest_stale,
    CASE WHEN s.is_unsaid THEN NULL ELSE coalesce(s.unchanged_rows, 0) END AS unchanged_rows,
    CASE WHEN s.is_unsaid THEN NULL ELSE coalesce(s.longest_unchanged, 0) END AS longest_unchanged
FROM units u CROSS JOIN wk w
LEFT JOIN asked_of_unit a USING (unit_code) LEFT JOIN came_file f USING (unit_code)
LEFT JOIN sent_again v USING (unit_code) LEFT JOIN standing s USING (unit_code)
WHERE w.is_asked;
