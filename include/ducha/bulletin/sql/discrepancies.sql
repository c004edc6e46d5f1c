-- 核查不符的行 · checks that found another value than was reported
SELECT f.name, %(plan_year)s || '/' || v.responsibility_code || '/' || v.unit_code
           || CASE v.item WHEN '' THEN '' ELSE '/' || v.item END AS keys,
       f.label_zh, f.label_en, f.value, NULL::numeric AS numerator, NULL::numeric AS denominator, f.unit_of_measure,
       f.word, jsonb_build_object('table', 'mart.verification_week_release', 'where', jsonb_build_object('release_id',
           %(release_id)s, 'week', v.week, 'unit_code', v.unit_code, 'responsibility_code', v.responsibility_code,
           'item', v.item)) AS source
FROM mart.verification_week_release v
JOIN catalogue.week w ON w.county_code = v.county_code AND w.week = v.week
    AND w.known_from <= %(known_at)s AND (w.known_to IS NULL OR w.known_to > %(known_at)s)
LEFT JOIN catalogue.responsibility r ON r.county_code = v.county_code AND r.plan_year = w.plan_year
    AND r.responsibility_code = v.responsibility_code AND r.known_from <= %(known_at)s
    AND (r.known_to IS NULL OR r.known_to > %(known_at)s)
CROSS JOIN LATERAL (SELECT CASE WHEN r.measure = 'stages' THEN 'done'
                                WHEN r.measure = 'ratio' AND r.unit_of_measure = '%%' THEN 'fraction'
                                ELSE 'measured' END AS shown) u
CROSS JOIN LATERAL (VALUES
    (1, 'discrepancy.reported', '申报', 'Reported', v.reported, u.shown, CASE v.reported WHEN 1 THEN 'done' ELSE 'not_done' END),
    (2, 'discrepancy.verified', '核实', 'Verified', v.verified, u.shown, CASE v.verified WHEN 1 THEN 'done' ELSE 'not_done' END),
    (3, 'discrepancy.factor', '核实系数', 'Verified / reported', v.factor, 'ratio', NULL),
    (4, 'discrepancy.sample', '抽样', 'Sample', NULL, 'sample', v.sample_kind)
) AS f(ordinal, name, label_zh, label_en, value, unit_of_measure, word)
WHERE v.county_code = %(county_code)s AND v.release_id = %(release_id)s AND v.week = %(week)s AND v.is_discrepant
ORDER BY v.unit_code, v.responsibility_code, v.item, f.ordinal
