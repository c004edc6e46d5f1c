-- 红灯、黄灯和未报的责任分解 · assignments that are red, yellow or missing: all that section two names
WITH e AS (
    SELECT r.*, r.plan_year || '/' || r.responsibility_code || '/' || r.unit_code AS keys
    FROM mart.responsibility_unit_week_release r
    WHERE r.county_code = %(county_code)s AND r.release_id = %(release_id)s AND r.week = %(week)s AND r.share > 0
        AND (r.light IN ('red', 'yellow') OR r.state = 'missing'))
SELECT f.name, e.keys, f.label_zh, f.label_en, f.value, NULL::numeric AS numerator, NULL::numeric AS denominator,
       f.unit_of_measure, f.word,
       jsonb_build_object('table', 'mart.responsibility_unit_week_release', 'where', jsonb_build_object('release_id', %(release_id)s,
           'week', e.week, 'plan_year', e.plan_year, 'responsibility_code', e.responsibility_code,
           'unit_code', e.unit_code)) AS source
FROM e CROSS JOIN LATERAL (VALUES
    (1, 'exception.light', '亮灯', 'Light', NULL::numeric, 'light', e.light),
    (2, 'exception.state', '状态', 'State', NULL, 'state', e.state),
    (3, 'exception.completion', '完成率', 'Completion', e.completion, 'fraction', e.state),
    (4, 'exception.plan', '计划进度', 'Plan', e.planned_completion, 'fraction', NULL),
    (5, 'exception.gap', '进度差', 'Gap to plan', e.schedule_gap, 'change', e.state),
    (6, 'exception.reason', '亮灯原因', 'Reason for the light', NULL, 'reason', e.light_reason),
    (7, 'exception.stale', '滞后期数', 'Periods without a report', e.weeks_stale::numeric, 'period', NULL)
) AS f(ordinal, name, label_zh, label_en, value, unit_of_measure, word)
ORDER BY e.area_code, e.plan_year, e.responsibility_code,
         array_position(ARRAY['red', 'yellow', 'grey', 'green'], e.light), e.schedule_gap, e.unit_code, f.ordinal
