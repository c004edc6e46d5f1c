-- 全县总体 · the county as a whole: completion, lights and states of its assignments
WITH a AS (
    SELECT count(*) AS assignments, count(*) FILTER (WHERE is_report_due) AS due,
           count(*) FILTER (WHERE completion_verified IS NOT NULL) AS verified,
           count(*) FILTER (WHERE is_near_due) AS near_due,
           count(*) FILTER (WHERE light = 'red') AS red, count(*) FILTER (WHERE light = 'yellow') AS yellow,
           count(*) FILTER (WHERE light = 'grey') AS grey, count(*) FILTER (WHERE light = 'green') AS green,
           count(*) FILTER (WHERE state = 'missing') AS missing,
           count(*) FILTER (WHERE state = 'no_target') AS no_target
    FROM mart.responsibility_unit_week_release
    WHERE county_code = %(county_code)s AND release_id = %(release_id)s AND week = %(week)s AND share > 0),
previous AS (
    SELECT count(*) FILTER (WHERE light = 'red') AS red, count(*) FILTER (WHERE light = 'yellow') AS yellow,
           count(*) FILTER (WHERE light = 'green') AS green
    FROM mart.responsibility_unit_week_as_known(%(released_at)s)
    WHERE county_code = %(county_code)s AND share > 0 AND week = (
        SELECT max(week) FROM mart.county_week_as_known(%(released_at)s)
        WHERE county_code = %(county_code)s AND week < %(week)s)
    HAVING count(*) > 0)
SELECT f.name, '' AS keys, f.label_zh, f.label_en, f.value, NULL::numeric AS numerator, NULL::numeric AS denominator,
       f.unit_of_measure, NULL AS word,
       jsonb_build_object('table', f.relation, 'where',
           jsonb_build_object('release_id', %(release_id)s, 'week', %(week)s::date) || f.filter) AS source
FROM a LEFT JOIN previous p ON true
LEFT JOIN mart.county_week_release c ON c.county_code = %(county_code)s AND c.release_id = %(release_id)s
    AND c.week = %(week)s
CROSS JOIN LATERAL (VALUES
    (1, 'county.responsibilities', '责任事项', 'Responsibilities', c.responsibility_count::numeric, 'item', 'mart.county_week_release', '{}'::jsonb),
    (2, 'county.assignments', '责任分解（事项×单位）', 'Assignments (responsibility × unit)', a.assignments, 'item', 'mart.responsibility_unit_week_release', '{}'),
    (3, 'county.due', '本周应报', 'Reports due this week', a.due, 'item', 'mart.responsibility_unit_week_release', '{"is_report_due": true}'),
    (4, 'county.completion', '全县完成率', 'Completion of the county', c.completion, 'fraction', 'mart.county_week_release', '{}'),
    (5, 'county.cohort_change', '比上周（同口径）', 'Change on last week, same rows', c.cohort_change, 'change', 'mart.county_week_release', '{}'),
    (6, 'county.entered', '本周新有数据事项', 'Responsibilities with a first number', c.entered_count, 'item', 'mart.county_week_release', '{}'),
    (7, 'county.left', '本周失去数据事项', 'Responsibilities that lost their number', c.left_count, 'item', 'mart.county_week_release', '{}'),
    (8, 'county.verified', '含核查结果的责任分解', 'Assignments in which a check has a part', a.verified, 'item', 'mart.responsibility_unit_week_release', '{"completion_verified": "not null"}'),
    (9, 'county.green', '全县绿灯', 'Green lights, county', a.green, 'item', 'mart.responsibility_unit_week_release', '{"light": "green"}'),
    (10, 'county.yellow', '全县黄灯', 'Yellow lights, county', a.yellow, 'item', 'mart.responsibility_unit_week_release', '{"light": "yellow"}'),
    (11, 'county.red', '全县红灯', 'Red lights, county', a.red, 'item', 'mart.responsibility_unit_week_release', '{"light": "red"}'),
    (12, 'county.grey', '全县灰灯', 'Grey lights, county', a.grey, 'item', 'mart.responsibility_unit_week_release', '{"light": "grey"}'),
    (13, 'county.missing', '全县应报未报', 'Missing, county', a.missing, 'item', 'mart.responsibility_unit_week_release', '{"state": "missing"}'),
    (14, 'county.no_target', '全县未设目标', 'Without a target, county', a.no_target, 'item', 'mart.responsibility_unit_week_release', '{"state": "no_target"}'),
    (15, 'county.near_due', '全县临期', 'Near their due date, county', a.near_due, 'item', 'mart.responsibility_unit_week_release', '{"is_near_due": true}'),
    (16, 'county.red_change', '红灯比上周', 'Red lights, change on last week', a.red - p.red, 'signed', 'mart.responsibility_unit_week_release', '{"light": "red"}'),
    (17, 'county.yellow_change', '黄灯比上周', 'Yellow lights, change on last week', a.yellow - p.yellow, 'signed', 'mart.responsibility_unit_week_release', '{"light": "yellow"}'),
    (18, 'county.green_change', '绿灯比上周', 'Green lights, change on last week', a.green - p.green, 'signed', 'mart.responsibility_unit_week_release', '{"light": "green"}')
) AS f(ordinal, name, label_zh, label_en, value, unit_of_measure, relation, filter)
ORDER BY f.ordinal
