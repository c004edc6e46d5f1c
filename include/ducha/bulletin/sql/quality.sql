-- 附件6 数据质量 · what a reader should know before relying on the figures
WITH r AS (
    SELECT count(*) AS all_rows, count(*) FILTER (WHERE is_sample_target) AS sample_target,
           count(*) FILTER (WHERE definition = '') AS undefined,
           count(*) FILTER (WHERE leader_code ~ '^#*$') AS no_leader,
           jsonb_agg(responsibility_code ORDER BY responsibility_code) FILTER (WHERE is_sample_target) AS sample_rows,
           jsonb_agg(responsibility_code ORDER BY responsibility_code) FILTER (WHERE definition = '') AS undefined_rows,
           jsonb_agg(responsibility_code ORDER BY responsibility_code) FILTER (WHERE leader_code ~ '^#*$') AS no_leader_rows
    FROM catalogue.responsibility
    WHERE county_code = %(county_code)s AND plan_year = %(plan_year)s AND known_from <= %(known_at)s
        AND (known_to IS NULL OR known_to > %(known_at)s)),
w AS (
    SELECT count(*) AS unofficial FROM catalogue.week
    WHERE county_code = %(county_code)s AND plan_year = %(plan_year)s AND NOT is_official
        AND known_from <= %(known_at)s AND (known_to IS NULL OR known_to > %(known_at)s)),
a AS (
    SELECT count(*) FILTER (WHERE state = 'no_target') AS no_target, count(*) FILTER (WHERE state = 'no_baseline') AS no_baseline,
           count(*) FILTER (WHERE state = 'no_date') AS no_date, count(*) FILTER (WHERE state = 'carried') AS carried,
           count(*) FILTER (WHERE state = 'unknown') AS unknown, count(*) FILTER (WHERE state = 'awaiting') AS awaiting,
           count(*) FILTER (WHERE state = 'missing') AS missing, count(*) FILTER (WHERE state = 'counted') AS counted,
           count(*) FILTER (WHERE state = 'not_started') AS not_started, count(*) FILTER (WHERE state = 'closed') AS closed,
           count(*) FILTER (WHERE state = 'suspended') AS suspended, count(*) FILTER (WHERE state = 'exempt') AS exempt,
           count(*) FILTER (WHERE is_baseline_assumed) AS baseline_assumed
    FROM mart.responsibility_unit_week_release
    WHERE county_code = %(county_code)s AND release_id = %(release_id)s AND week = %(week)s AND share > 0),
p AS (
    SELECT count(*) FILTER (WHERE is_partial) AS is_partial FROM mart.responsibility_week_release
    WHERE county_code = %(county_code)s AND release_id = %(release_id)s AND week = %(week)s)
SELECT f.name, '' AS keys, f.label_zh, f.label_en, f.value::numeric, NULL::numeric AS numerator,
       NULL::numeric AS denominator, f.unit_of_measure, NULL AS word,
       jsonb_build_object('table', f.relation, 'where', f.filter, 'rows', coalesce(f.rows, '[]'::jsonb)) AS source
FROM r CROSS JOIN w CROSS JOIN a CROSS JOIN p CROSS JOIN LATERAL (VALUES
    (1, 'quality.unofficial_weeks', '节假日尚未公布的周', 'Weeks whose holidays are not announced', w.unofficial, 'week', 'catalogue.week', jsonb_build_object('plan_year', %(plan_year)s, 'is_official', false), NULL::jsonb),
    (2, 'quality.sample_targets', '示例目标', 'Invented sample targets', r.sample_target, 'item', 'catalogue.responsibility', jsonb_build_object('plan_year', %(plan_year)s, 'is_sample_target', true), r.sample_rows),
    (3, 'quality.undefined', '口径待定义', 'Without a definition', r.undefined, 'item', 'catalogue.responsibility', jsonb_build_object('plan_year', %(plan_year)s, 'definition', ''), r.undefined_rows),
    (4, 'quality.no_leader', '责任领导未明确或已隐去', 'Leader not named, or withheld', r.no_leader, 'item', 'catalogue.responsibility', jsonb_build_object('plan_year', %(plan_year)s), r.no_leader_rows),
    (5, 'quality.baseline_assumed', '基期缺失按零计', 'Baseline missing, taken as zero', a.baseline_assumed, 'item', 'mart.responsibility_unit_week_release', jsonb_build_object('release_id', %(release_id)s, 'is_baseline_assumed', true), NULL),
    (6, 'quality.partial', '有单位缺数的比率', 'Ratios that lack a unit', p.is_partial, 'item', 'mart.responsibility_week_release', jsonb_build_object('release_id', %(release_id)s, 'is_partial', true), NULL),
    (11, 'state.counted', '有数', 'Counted', a.counted, 'item', 'mart.responsibility_unit_week_release', jsonb_build_object('release_id', %(release_id)s, 'state', 'counted'), NULL),
    (12, 'state.carried', '沿用', 'Carried', a.carried, 'item', 'mart.responsibility_unit_week_release', jsonb_build_object('release_id', %(release_id)s, 'state', 'carried'), NULL),
    (13, 'state.missing', '应报未报', 'Missing', a.missing, 'item', 'mart.responsibility_unit_week_release', jsonb_build_object('release_id', %(release_id)s, 'state', 'missing'), NULL),
    (14, 'state.unknown', '无法判定', 'Unknown', a.unknown, 'item', 'mart.responsibility_unit_week_release', jsonb_build_object('release_id', %(release_id)s, 'state', 'unknown'), NULL),
    (15, 'state.awaiting', '未到报期', 'Awaiting', a.awaiting, 'item', 'mart.responsibility_unit_week_release', jsonb_build_object('release_id', %(release_id)s, 'state', 'awaiting'), NULL),
    (16, 'state.no_target', '未设目标', 'No target', a.no_target, 'item', 'mart.responsibility_unit_week_release', jsonb_build_object('release_id', %(release_id)s, 'state', 'no_target'), NULL),
    (17, 'state.no_baseline', '未设基期', 'No baseline', a.no_baseline, 'item', 'mart.responsibility_unit_week_release', jsonb_build_object('release_id', %(release_id)s, 'state', 'no_baseline'), NULL),
    (18, 'state.no_date', '未设时限', 'No date', a.no_date, 'item', 'mart.responsibility_unit_week_release', jsonb_build_object('release_id', %(release_id)s, 'state', 'no_date'), NULL),
    (19, 'state.not_started', '尚未开始', 'Not started', a.not_started, 'item', 'mart.responsibility_unit_week_release', jsonb_build_object('release_id', %(release_id)s, 'state', 'not_started'), NULL),
    (20, 'state.exempt', '免考', 'Exempt', a.exempt, 'item', 'mart.responsibility_unit_week_release', jsonb_build_object('release_id', %(release_id)s, 'state', 'exempt'), NULL),
    (21, 'state.suspended', '暂停', 'Suspended', a.suspended, 'item', 'mart.responsibility_unit_week_release', jsonb_build_object('release_id', %(release_id)s, 'state', 'suspended'), NULL),
    (22, 'state.closed', '已结束', 'Closed', a.closed, 'item', 'mart.responsibility_unit_week_release', jsonb_build_object('release_id', %(release_id)s, 'state', 'closed'), NULL)
) AS f(ordinal, name, label_zh, label_en, value, unit_of_measure, relation, filter, rows)
ORDER BY f.ordinal
