-- 红线 · each red line across its units: events, zero-reports expected and received since the start of the plan year.
-- Held (守住) is said only where somebody was held to it: units that are exempt or not due yet prove nothing.
WITH r AS (
    SELECT responsibility_code, count(*) AS units, sum(events) AS events, sum(zero_reports_expected) AS expected,
           sum(zero_reports_received) AS received, count(*) FILTER (WHERE state = 'unknown') AS unknown,
           CASE WHEN bool_or(state = 'event') THEN 'event' WHEN bool_or(state = 'unknown') THEN 'unknown'
                WHEN bool_or(state = 'clean') THEN 'clean' WHEN bool_or(state = 'awaiting') THEN 'awaiting'
                WHEN min(state) = max(state) THEN min(state) ELSE 'mixed' END AS state,
           jsonb_agg(unit_code ORDER BY unit_code) AS rows
    FROM mart.red_line_week_release
    WHERE county_code = %(county_code)s AND release_id = %(release_id)s AND week = %(week)s
    GROUP BY responsibility_code)
SELECT f.name, %(plan_year)s || '/' || r.responsibility_code AS keys, f.label_zh, f.label_en, f.value, f.numerator, f.denominator,
       f.unit_of_measure, f.word,
       jsonb_build_object('table', 'mart.red_line_week_release', 'where', jsonb_build_object('release_id', %(release_id)s,
           'week', %(week)s::date, 'responsibility_code', r.responsibility_code), 'row_key', 'unit_code',
           'rows', r.rows) AS source
FROM r CROSS JOIN LATERAL (VALUES
    (1, 'red_line.state', '红线状态', 'State', NULL::numeric, NULL::numeric, NULL::numeric, 'red_line', r.state),
    (2, 'red_line.units', '涉及单位', 'Units', r.units::numeric, NULL, NULL, 'unit', NULL),
    (3, 'red_line.events', '事件', 'Events', r.events, NULL, NULL, 'event', NULL),
    (4, 'red_line.expected', '应零报告', 'Zero-reports expected', r.expected, NULL, NULL, 'report', NULL),
    (5, 'red_line.received', '已零报告', 'Zero-reports received', r.received, NULL, NULL, 'report', NULL),
    (6, 'red_line.share', '零报告率', 'Share of zero-reports', r.received::numeric / nullif(r.expected, 0), r.received,
     r.expected, 'fraction', NULL),
    (7, 'red_line.unknown', '零报告不全的单位', 'Units with a gap', r.unknown, NULL, NULL, 'unit', NULL)
) AS f(ordinal, name, label_zh, label_en, value, numerator, denominator, unit_of_measure, word)
ORDER BY r.responsibility_code, f.ordinal
