-- 近周走势 · lights and punctuality of each unit, completion of the county, as published by the time of this release
SELECT 'history.light' AS name, u.week_code || '/' || u.unit_code AS keys, '最差灯' AS label_zh, 'Worst light' AS label_en,
       NULL::numeric AS value, NULL::numeric AS numerator, NULL::numeric AS denominator, 'light' AS unit_of_measure,
       u.worst_light AS word, jsonb_build_object('table', 'mart.unit_week_release', 'where', jsonb_build_object(
           'release_id', u.release_id, 'week', u.week, 'unit_code', u.unit_code)) AS source
FROM mart.unit_week_as_known(%(released_at)s) u
WHERE u.county_code = %(county_code)s AND u.week BETWEEN %(week)s::date - 77 AND %(week)s
UNION ALL
SELECT 'history.status', s.week_code || '/' || s.unit_code, '报送状况', 'Status', NULL, NULL, NULL, 'status', s.status,
       jsonb_build_object('table', 'mart.submission_week_release', 'where', jsonb_build_object(
           'release_id', s.release_id, 'week', s.week, 'unit_code', s.unit_code))
FROM mart.submission_week_as_known(%(released_at)s) s
WHERE s.county_code = %(county_code)s AND s.week BETWEEN %(week)s::date - 77 AND %(week)s
UNION ALL
SELECT 'history.completion', c.week_code, '全县完成率', 'Completion of the county', c.completion, NULL, NULL, 'fraction',
       NULL, jsonb_build_object('table', 'mart.county_week_release', 'where', jsonb_build_object(
           'release_id', c.release_id, 'week', c.week))
FROM mart.county_week_as_known(%(released_at)s) c
WHERE c.county_code = %(county_code)s AND c.week BETWEEN %(week)s::date - 77 AND %(week)s
ORDER BY 1, 2
