-- 分领域进展 · completion, plan and lights of each area
-- plan of an area = sum(w * planned completion held within 0 and the cap) / sum(w), over the responsibilities that
-- have a completion, with the weights that completion is made with; those of its parts are its own. An area stands
-- before its parts.
WITH RECURSIVE tree AS (
    SELECT area_code, ARRAY[area_code] AS path FROM catalogue.area
    WHERE county_code = %(county_code)s AND known_from <= %(known_at)s
        AND (known_to IS NULL OR known_to > %(known_at)s) AND parent_code = ''
    UNION ALL
    SELECT a.area_code, t.path || a.area_code FROM catalogue.area a
    JOIN tree t ON t.area_code = a.parent_code
    WHERE a.county_code = %(county_code)s AND a.known_from <= %(known_at)s
        AND (a.known_to IS NULL OR a.known_to > %(known_at)s)),
settings AS (
    SELECT (settings ->> 'cap')::numeric AS cap FROM catalogue.county
    WHERE county_code = %(county_code)s AND known_from <= %(known_at)s AND (known_to IS NULL OR known_to > %(known_at)s)),
planned AS (
    SELECT r.area_code, r.weight,
           (SELECT avg(p.planned_completion) FROM mart.responsibility_unit_week_release p
            WHERE p.county_code = r.county_code AND p.release_id = %(release_id)s AND p.week = %(week)s
                AND p.plan_year = r.plan_year AND p.responsibility_code = r.responsibility_code) AS planned
    FROM catalogue.responsibility r
    JOIN mart.responsibility_week_release m ON m.county_code = r.county_code AND m.release_id = %(release_id)s
        AND m.week = %(week)s AND m.plan_year = r.plan_year AND m.responsibility_code = r.responsibility_code
        AND m.completion IS NOT NULL
    WHERE r.county_code = %(county_code)s AND r.known_from <= %(known_at)s
        AND (r.known_to IS NULL OR r.known_to > %(known_at)s)),
plan AS (
    SELECT t.area_code, sum(weight * least(greatest(planned, 0), cap)) / nullif(sum(weight), 0) AS planned
    FROM tree t JOIN tree part ON t.area_code = ANY(part.path)
    JOIN planned p ON p.area_code = part.area_code CROSS JOIN settings
    WHERE planned IS NOT NULL GROUP BY t.area_code)
SELECT f.name, w.area_code AS keys, f.label_zh, f.label_en, f.value, NULL::numeric AS numerator,
       NULL::numeric AS denominator, f.unit_of_measure, f.word,
       jsonb_build_object('table', 'mart.area_week_release', 'where', jsonb_build_object('release_id', %(release_id)s,
           'week', %(week)s::date, 'area_code', w.area_code)) AS source
FROM mart.area_week_release w
LEFT JOIN plan p ON p.area_code = w.area_code
LEFT JOIN tree t ON t.area_code = w.area_code
CROSS JOIN LATERAL (VALUES
    (1, 'area.completion', '完成率', 'Completion', w.completion, 'fraction', NULL),
    (2, 'area.plan', '计划进度', 'Plan', p.planned, 'fraction',
     CASE WHEN w.completion IS NOT NULL THEN 'not_applicable' END),
    (3, 'area.light', '最差灯', 'Worst light', NULL, 'light', w.worst_light),
    (4, 'area.responsibilities', '责任事项', 'Responsibilities', w.responsibility_count::numeric, 'item', NULL),
    (5, 'area.red', '红灯', 'Red lights', w.red_count, 'item', NULL),
    (6, 'area.yellow', '黄灯', 'Yellow lights', w.yellow_count, 'item', NULL),
    (7, 'area.green', '绿灯', 'Green lights', w.green_count, 'item', NULL),
    (8, 'area.grey', '灰灯', 'Grey lights', w.grey_count, 'item', NULL),
    (9, 'area.missing', '应报未报', 'Missing', w.missing_count, 'item', NULL),
    (10, 'area.change', '比上周（同口径）', 'Change on last week, same rows', w.cohort_change, 'change', NULL)
) AS f(ordinal, name, label_zh, label_en, value, unit_of_measure, word)
WHERE w.county_code = %(county_code)s AND w.release_id = %(release_id)s AND w.week = %(week)s
ORDER BY t.path, w.area_code, f.ordinal
