-- 附件6 预计的回测 · how the projections made some weeks before fared, whatever it is
SELECT f.name, '' AS keys, f.label_zh, f.label_en, f.value::numeric, f.numerator::numeric, f.denominator::numeric,
       f.unit_of_measure, NULL AS word,
       jsonb_build_object('table', 'mart.projection_week_release', 'release_id', %(release_id)s, 'horizon_weeks', p.horizon_weeks) AS source
FROM mart.projection_week_release p CROSS JOIN LATERAL (VALUES
    (1, 'projection.horizon', '预计提前的周数', 'Weeks that a projection looked ahead', p.horizon_weeks::numeric, NULL::numeric, NULL::numeric, 'week'),
    (2, 'projection.interval', '预计区间应含的比例', 'Share that the interval should hold', p."interval", NULL, NULL, 'fraction'),
    (3, 'projection.checked', '到期对照的预计', 'Projections held against what came', p.checked_count, NULL, NULL, 'item'),
    (4, 'projection.covered', '落在区间内的预计', 'Projections whose interval held it', p.covered_count, NULL, NULL, 'item'),
    (5, 'projection.coverage', '预计区间的实际覆盖率', 'Share that the interval did hold', p.coverage, p.covered_count, p.checked_count, 'fraction'),
    (6, 'projection.median_error', '预计误差的中位数', 'Median error of the projections', p.median_error, NULL, NULL, 'fraction')
) AS f(ordinal, name, label_zh, label_en, value, numerator, denominator, unit_of_measure)
WHERE p.county_code = %(county_code)s AND p.release_id = %(release_id)s AND p.week = %(week)s
ORDER BY f.ordinal
