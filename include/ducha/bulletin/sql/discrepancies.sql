-- 核查不符的行 · checks that found another value than was reported
SELECT f.name, v.unit_code || '/' || v.responsibility_code || CASE v.item WHEN '' THEN '' ELSE '/' || v.item END AS keys,
       f.label_zh, f.label_en, f.value, NULL::numeric AS numerator, NULL::numeric AS denominator, f.unit_of_measure,
       f.word, jsonb_build_object('table', 'mart.verification_week_release', 'where', jsonb_build_object('release_id',
           %(release_id)s, 'week', v.week, 'unit_code', v.unit_code, 'responsibility_code', v.responsibility_code,
           'item', v.item)) AS source
FROM mart.verification_week_release v CROSS JOIN LATERAL (VALUES
    (1, 'discrepancy.reported', '申报值', 'Reported', v.reported, 'measured', NULL),
    (2, 'discrepancy.verified', '核实值', 'Verified', v.verified, 'measured', NULL),
    (3, 'discrepancy.factor', '核实系数', 'Verified / reported', v.factor, 'ratio', NULL),
    (4, 'discrepancy.sample', '抽样', 'Sample', NULL, 'sample', v.sample_kind)
) AS f(ordinal, name, label_zh, label_en, value, unit_of_measure, word)
WHERE v.county_code = %(county_code)s AND v.release_id = %(release_id)s AND v.week = %(week)s AND v.is_discrepant
ORDER BY v.unit_code, v.responsibility_code, v.item, f.ordinal
