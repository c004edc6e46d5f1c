-- 附件1 责任事项完成情况一览表 · every responsibility once
-- plan = mean of its assignments' planned completion (one plan shape a responsibility, so they agree)
WITH a AS (
    SELECT plan_year, responsibility_code, min(area_code) AS area_code, avg(planned_completion) AS planned,
           min(state) AS state, count(DISTINCT state) AS states,
           string_agg(unit_code, ',' ORDER BY role DESC, unit_code) AS units,
           jsonb_agg(unit_code ORDER BY unit_code) AS rows
    FROM mart.responsibility_unit_week_release
    WHERE county_code = %(county_code)s AND release_id = %(release_id)s AND week = %(week)s AND share > 0
    GROUP BY plan_year, responsibility_code)
SELECT f.name, w.plan_year || '/' || w.responsibility_code AS keys, f.label_zh, f.label_en, f.value, f.numerator,
       f.denominator, f.unit_of_measure, f.word,
       jsonb_build_object('table', 'mart.responsibility_week_release', 'where', jsonb_build_object('release_id', %(release_id)s,
           'week', w.week, 'plan_year', w.plan_year, 'responsibility_code', w.responsibility_code)) AS source
FROM mart.responsibility_week_release w
LEFT JOIN a USING (plan_year, responsibility_code)
LEFT JOIN catalogue.responsibility c ON c.county_code = w.county_code AND c.plan_year = w.plan_year
    AND c.responsibility_code = w.responsibility_code AND c.known_from <= %(known_at)s
    AND (c.known_to IS NULL OR c.known_to > %(known_at)s)
CROSS JOIN LATERAL (VALUES
    (1, 'responsibility.area', '领域', 'Area', NULL::numeric, NULL::numeric, NULL::numeric, 'area_code', c.area_code),
    (2, 'responsibility.units', '责任单位', 'Units', NULL, NULL, NULL, 'unit_codes', a.units),
    (3, 'responsibility.due', '完成时限', 'Due', NULL, NULL, NULL, 'date', c.due_on::text),
    (4, 'responsibility.completion', '完成率', 'Completion', w.completion,
     CASE WHEN w.completion IS NOT NULL THEN w.numerator END, CASE WHEN w.completion IS NOT NULL THEN w.denominator END,
     'fraction', CASE WHEN a.states = 1 THEN a.state END),
    (5, 'responsibility.plan', '计划进度', 'Plan', a.planned, NULL, NULL, 'fraction',
     CASE WHEN c.measure = 'red_line' THEN 'not_applicable' WHEN a.states = 1 THEN a.state END),
    (6, 'responsibility.light', '亮灯', 'Light', NULL, NULL, NULL, 'light', w.worst_light),
    (7, 'responsibility.state', '状态', 'State', NULL, NULL, NULL, 'state',
     CASE WHEN a.states = 1 THEN a.state ELSE 'mixed' END),
    (8, 'responsibility.counted', '有数单位', 'Units with a number', (w.counted_count + w.carried_count)::numeric, NULL, NULL, 'unit', NULL),
    (9, 'responsibility.unit_count', '责任单位数', 'Units', w.unit_count, NULL, NULL, 'unit', NULL),
    (10, 'responsibility.missing', '未报单位数', 'Units missing', w.missing_count, NULL, NULL, 'unit', NULL)
) AS f(ordinal, name, label_zh, label_en, value, numerator, denominator, unit_of_measure, word)
WHERE w.county_code = %(county_code)s AND w.release_id = %(release_id)s AND w.week = %(week)s
ORDER BY c.area_code, w.plan_year, w.responsibility_code, f.ordinal
