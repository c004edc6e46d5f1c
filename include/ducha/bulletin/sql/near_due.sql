-- 临期事项 · assignments due within the county's days and not complete
SELECT f.name, r.plan_year || '/' || r.responsibility_code || '/' || r.unit_code AS keys, f.label_zh, f.label_en,
       f.value, NULL::numeric AS numerator, NULL::numeric AS denominator, f.unit_of_measure, f.word,
       jsonb_build_object('table', 'mart.responsibility_unit_week_release', 'where', jsonb_build_object('release_id', %(release_id)s,
           'week', r.week, 'plan_year', r.plan_year, 'responsibility_code', r.responsibility_code,
           'unit_code', r.unit_code)) AS source
FROM mart.responsibility_unit_week_release r
LEFT JOIN catalogue.responsibility c ON c.county_code = r.county_code AND c.plan_year = r.plan_year
    AND c.responsibility_code = r.responsibility_code AND c.known_from <= %(known_at)s
    AND (c.known_to IS NULL OR c.known_to > %(known_at)s)
CROSS JOIN LATERAL (VALUES
    (1, 'near_due.due', '完成时限', 'Due', NULL::numeric, 'date', c.due_on::text),
    (2, 'near_due.completion', '完成率', 'Completion', r.completion, 'fraction', r.state)
) AS f(ordinal, name, label_zh, label_en, value, unit_of_measure, word)
WHERE r.county_code = %(county_code)s AND r.release_id = %(release_id)s AND r.week = %(week)s AND r.share > 0
    AND r.is_near_due
ORDER BY c.due_on, r.responsibility_code, r.unit_code, f.ordinal
