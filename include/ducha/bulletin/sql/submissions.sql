-- 全县报送情况 · how the county's units reported this week
WITH s AS (
    SELECT s.*, round(u.completeness * s.expected_rows) AS complete_rows
    FROM mart.submission_week_release s
    LEFT JOIN mart.unit_week_release u USING (county_code, release_id, week, unit_code)
    WHERE s.county_code = %(county_code)s AND s.release_id = %(release_id)s AND s.week = %(week)s
        AND s.status <> 'not_expected'),
t AS (
    SELECT count(*) AS expected, count(*) FILTER (WHERE status IN ('on_time', 'late', 'returned')) AS received,
           count(*) FILTER (WHERE status = 'on_time') AS on_time, count(*) FILTER (WHERE status = 'late') AS late,
           count(*) FILTER (WHERE status IN ('missing', 'withdrawn')) AS missing,
           count(*) FILTER (WHERE status = 'returned') AS returned_whole,
           count(*) FILTER (WHERE rejected_rows > 0 OR status = 'returned') AS returned,
           count(*) FILTER (WHERE versions > 1) AS corrected,
           sum(expected_rows) AS expected_rows, sum(complete_rows) AS complete_rows, sum(on_time_rows) AS on_time_rows,
           sum(rejected_rows) AS rejected_rows, sum(changed_late_rows) AS changed_late_rows,
           jsonb_agg(unit_code ORDER BY unit_code) AS units,
           jsonb_agg(unit_code ORDER BY unit_code) FILTER (WHERE status IN ('on_time', 'late', 'returned'))
               AS received_units,
           jsonb_agg(unit_code ORDER BY unit_code) FILTER (WHERE status = 'on_time') AS on_time_units,
           jsonb_agg(unit_code ORDER BY unit_code) FILTER (WHERE status = 'late') AS late_units,
           jsonb_agg(unit_code ORDER BY unit_code) FILTER (WHERE status IN ('missing', 'withdrawn')) AS missing_units,
           jsonb_agg(unit_code ORDER BY unit_code) FILTER (WHERE status = 'returned') AS returned_whole_units,
           jsonb_agg(unit_code ORDER BY unit_code)
               FILTER (WHERE rejected_rows > 0 OR status = 'returned') AS returned_units,
           jsonb_agg(unit_code ORDER BY unit_code) FILTER (WHERE versions > 1) AS corrected_units
    FROM s)
SELECT f.name, '' AS keys, f.label_zh, f.label_en, f.value, f.numerator, f.denominator, f.unit_of_measure,
       NULL AS word,
       jsonb_build_object('table', 'mart.submission_week_release', 'where',
           jsonb_build_object('release_id', %(release_id)s, 'week', %(week)s::date),
           'row_key', 'unit_code', 'rows', coalesce(f.rows, '[]'::jsonb)) AS source
FROM t CROSS JOIN LATERAL (VALUES
    (1, 'submissions.expected', '应报单位', 'Units expected', t.expected::numeric, NULL::numeric, NULL::numeric, 'unit', t.units),
    (2, 'submissions.received', '已报单位', 'Units received', t.received, NULL, NULL, 'unit', t.received_units),
    (3, 'submissions.on_time', '按时报送单位', 'Units on time', t.on_time, NULL, NULL, 'unit', t.on_time_units),
    (4, 'submissions.late', '迟报单位', 'Units late', t.late, NULL, NULL, 'unit', t.late_units),
    (5, 'submissions.missing', '未报单位', 'Units missing', t.missing, NULL, NULL, 'unit', t.missing_units),
    (6, 'submissions.returned_whole', '全件退回单位', 'Units whose whole report was returned', t.returned_whole, NULL, NULL, 'unit', t.returned_whole_units),
    (7, 'submissions.returned', '有退回内容的单位', 'Units with something returned', t.returned, NULL, NULL, 'unit', t.returned_units),
    (8, 'submissions.corrected', '更正重报单位', 'Units that sent a new version', t.corrected, NULL, NULL, 'unit', t.corrected_units),
    (9, 'submissions.expected_rows', '应报行数', 'Rows expected', t.expected_rows, NULL, NULL, 'row', t.units),
    (10, 'submissions.rejected_rows', '退回行数', 'Rows returned', t.rejected_rows, NULL, NULL, 'row', t.returned_units),
    (11, 'submissions.changed_late_rows', '截止后改动行数', 'Rows changed after the cut-off', t.changed_late_rows, NULL, NULL, 'row', t.units),
    (12, 'submissions.completeness', '报送完整率', 'Completeness', t.complete_rows / nullif(t.expected_rows, 0), t.complete_rows, t.expected_rows, 'fraction', t.units),
    (13, 'submissions.timeliness', '报送及时率', 'Timeliness', t.on_time_rows::numeric / nullif(t.expected_rows, 0), t.on_time_rows, t.expected_rows, 'fraction', t.units)
) AS f(ordinal, name, label_zh, label_en, value, numerator, denominator, unit_of_measure, rows)
ORDER BY f.ordinal
