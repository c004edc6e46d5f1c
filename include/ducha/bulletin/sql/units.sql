-- 附件2 单位排名（分组） · every unit inside its peer group
SELECT f.name, u.unit_code AS keys, f.label_zh, f.label_en, f.value, NULL::numeric AS numerator,
       NULL::numeric AS denominator, f.unit_of_measure, f.word,
       jsonb_build_object('table', 'mart.unit_week_release', 'where', jsonb_build_object('release_id', %(release_id)s,
           'week', u.week, 'unit_code', u.unit_code)) AS source
FROM mart.unit_week_release u CROSS JOIN LATERAL (VALUES
    (1, 'unit.group', '分组', 'Peer group', NULL::numeric, 'text', u.peer_group),
    (2, 'unit.rank', '名次', 'Rank', u.rank::numeric, 'rank', 'not_ranked'),
    (3, 'unit.rank_reason', '不排名原因', 'Why there is no rank', NULL, 'reason', u.rank_reason),
    (4, 'unit.rank_best', '名次区间上', 'Best rank', u.rank_best, 'rank', 'not_ranked'),
    (5, 'unit.rank_worst', '名次区间下', 'Worst rank', u.rank_worst, 'rank', 'not_ranked'),
    (6, 'unit.rank_change', '名次变化', 'Change of rank', u.rank_change, 'signed', NULL),
    (7, 'unit.completion', '完成率', 'Completion', u.completion, 'fraction', NULL),
    (8, 'unit.red', '红灯', 'Red lights', u.red_count, 'item', NULL),
    (9, 'unit.yellow', '黄灯', 'Yellow lights', u.yellow_count, 'item', NULL),
    (10, 'unit.green', '绿灯', 'Green lights', u.green_count, 'item', NULL),
    (11, 'unit.grey', '灰灯', 'Grey lights', u.grey_count, 'item', NULL),
    (12, 'unit.missing', '未报', 'Missing', u.missing_count, 'item', NULL),
    (13, 'unit.light', '最差灯', 'Worst light', NULL, 'light', u.worst_light),
    (14, 'unit.veto', '一票否决', 'Veto', NULL, 'reason', CASE WHEN u.is_vetoed THEN coalesce(u.veto_reason, '触红线 · red line crossed') END)
) AS f(ordinal, name, label_zh, label_en, value, unit_of_measure, word)
WHERE u.county_code = %(county_code)s AND u.release_id = %(release_id)s AND u.week = %(week)s
ORDER BY u.peer_group, u.rank NULLS LAST, u.unit_code, f.ordinal
