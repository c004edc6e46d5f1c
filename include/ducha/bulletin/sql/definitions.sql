-- 附件4 口径与阈值 · the county's thresholds, as they held when the facts were frozen
SELECT f.name, '' AS keys, f.label_zh, f.label_en, f.value, NULL::numeric AS numerator, NULL::numeric AS denominator,
       f.unit_of_measure, NULL AS word,
       jsonb_build_object('table', 'catalogue.county', 'where', jsonb_build_object('setting', f.setting)) AS source
FROM catalogue.county c CROSS JOIN LATERAL (VALUES
    (1, 'threshold.green', '绿灯下限', 'Green from', (c.settings #>> '{lights,green_gap}')::numeric, 'change', 'lights.green_gap'),
    (2, 'threshold.yellow', '黄灯下限', 'Yellow from', (c.settings #>> '{lights,yellow_gap}')::numeric, 'change', 'lights.yellow_gap'),
    (3, 'threshold.near_due', '临期天数', 'Near due, days', (c.settings #>> '{lights,near_due_days}')::numeric, 'day', 'lights.near_due_days'),
    (4, 'threshold.cap', '计分上限', 'Cap in scores', (c.settings ->> 'cap')::numeric, 'fraction', 'cap'),
    (5, 'threshold.min_counted', '参加排名的最少有数事项', 'Rows needed for a rank', (c.settings ->> 'min_counted')::numeric, 'item', 'min_counted'),
    (6, 'threshold.grace', '退回后宽限小时', 'Grace after a return, hours', (c.settings ->> 'grace_hours')::numeric, 'hour', 'grace_hours'),
    (7, 'threshold.tolerance', '核查允许误差占申报值', 'Tolerance of a check, of the reported value',
     -- a county loaded before this was a setting had this very share
     coalesce((c.settings #>> '{verification,relative_tolerance}')::numeric, 0.1), 'fraction', 'verification.relative_tolerance')
) AS f(ordinal, name, label_zh, label_en, value, unit_of_measure, setting)
WHERE c.county_code = %(county_code)s AND c.known_from <= %(known_at)s
    AND (c.known_to IS NULL OR c.known_to > %(known_at)s)
ORDER BY f.ordinal
