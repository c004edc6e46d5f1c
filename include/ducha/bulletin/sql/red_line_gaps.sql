-- 红线有事件或零报告不全的单位 · units with an event on a red line, or with zero-reports lacking
SELECT f.name, %(plan_year)s || '/' || r.responsibility_code || '/' || r.unit_code AS keys, f.label_zh, f.label_en, f.value, f.numerator,
       f.denominator, f.unit_of_measure, f.word,
       jsonb_build_object('table', 'mart.red_line_week_release', 'where', jsonb_build_object('release_id', %(release_id)s,
           'week', r.week, 'responsibility_code', r.responsibility_code, 'unit_code', r.unit_code)) AS source
FROM mart.red_line_week_release r CROSS JOIN LATERAL (VALUES
    (1, 'red_line_gap.state', '红线状态', 'State', NULL::numeric, NULL::numeric, NULL::numeric, 'red_line', r.state),
    (2, 'red_line_gap.events', '事件', 'Events', r.events, NULL, NULL, 'event', NULL),
    (3, 'red_line_gap.lacking', '缺零报告', 'Zero-reports lacking',
     (r.zero_reports_expected - r.zero_reports_received)::numeric, NULL, NULL, 'report', NULL)
) AS f(ordinal, name, label_zh, label_en, value, numerator, denominator, unit_of_measure, word)
WHERE r.county_code = %(county_code)s AND r.release_id = %(release_id)s AND r.week = %(week)s
    AND (r.state IN ('event', 'unknown') OR r.events > 0 OR r.zero_reports_received < r.zero_reports_expected)
ORDER BY r.responsibility_code, r.unit_code, f.ordinal
