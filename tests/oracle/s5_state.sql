-- metrics.md sections 3 to 5: what is due, the state, the lights.

CREATE OR REPLACE TEMP TABLE due AS
SELECT m.unit_code, m.responsibility_code, m.week, m.exception IS NULL AS is_held
FROM may_be_due m
LEFT JOIN completion c ON c.unit_code = m.unit_code AND c.responsibility_code = m.responsibility_code
    AND c.week = m.previous
WHERE NOT (m.ends_when_done AND coalesce(c.has_value AND r9(c.official) >= 1, false));

CREATE OR REPLACE TEMP TABLE reporting AS
SELECT d.unit_code, d.responsibility_code, d.week,
    (SELECT max(f.week) FROM fact f WHERE f.unit_code = d.unit_code
        AND f.responsibility_code = d.responsibility_code AND f.week <= d.week) AS last_report,
    (SELECT max(f.week) FROM fact f WHERE f.unit_code = d.unit_code
        AND f.responsibility_code = d.responsibility_code AND f.week <= d.week AND NOT f.no_change) AS last_change,
    (SELECT max(u.week) FROM due u WHERE u.unit_code = d.unit_code
        AND u.responsibility_code = d.responsibility_code AND u.week <= d.week AND u.is_held) AS last_due,
    EXISTS (SELECT 1 FROM due u WHERE u.unit_code = d.unit_code
        AND u.responsibility_code = d.responsibility_code AND u.week = d.week) AS is_report_due
FROM duty_week d;

CREATE OR REPLACE TEMP TABLE status AS
SELECT d.*, c.* EXCLUDE (unit_code, responsibility_code, week), r.last_report, r.last_change, r.last_due,
    r.is_report_due,
    CASE
        WHEN d.cut_off_on > d.ends_on THEN 'closed'
        WHEN d.exception IS NOT NULL THEN d.exception
        WHEN d.cut_off_on < d.begins_on THEN 'not_started'
        WHEN d.rule NOT IN ('stages', 'red_line', 'range') AND d.target IS NULL THEN 'no_target'
        WHEN d.rule = 'range' AND (d.target_low IS NULL OR d.target_high IS NULL) THEN 'no_target'
        WHEN d.rule NOT IN ('stages', 'range', 'rank', 'red_line') AND d.b IS NULL THEN 'no_baseline'
        WHEN d.plan_shape IN ('linear', 'season') AND d.due_on IS NULL THEN 'no_date'
        WHEN d.rule = 'flow' AND d.direction = 'down' AND c.p = 0 THEN 'awaiting'
        WHEN d.rule = 'red_line' AND c.official_x > 0 THEN 'counted'
        WHEN r.last_due IS NULL AND r.last_report IS NULL THEN 'awaiting'
        WHEN NOT coalesce(c.has_value, false) THEN CASE
            WHEN d.rule = 'red_line' THEN 'unknown'
            WHEN r.last_due IS NULL THEN 'awaiting'
            ELSE 'missing'
        END
        WHEN c.official IS NULL THEN 'unknown'
        WHEN d.rule <> 'red_line' AND r.last_report < r.last_due THEN 'carried'
        ELSE 'counted'
    END AS state
FROM duty_week d
JOIN completion c USING (unit_code, responsibility_code, week)
JOIN reporting r USING (unit_code, responsibility_code, week);

CREATE OR REPLACE TEMP TABLE raw AS
SELECT *, CASE WHEN state IN ('counted', 'carried') THEN official END AS c,
    CASE WHEN state IN ('counted', 'carried') AND rule <> 'red_line' THEN official - p END AS gap,
    CASE
        WHEN state = 'missing' THEN 'red'
        WHEN state NOT IN ('counted', 'carried') THEN 'grey'
        WHEN rule = 'red_line' THEN CASE WHEN official > 0 THEN 'green' ELSE 'red' END
        WHEN cut_off_on > due_on AND r9(official) < 1 THEN 'red'
        WHEN r9(official - p) >= green_gap THEN 'green'
        WHEN r9(official - p) >= yellow_gap THEN 'yellow'
        ELSE 'red'
    END AS raw_light
FROM status, settings;

-- Memory: raw green now and raw red in the previous week is yellow, `recovering`.
CREATE OR REPLACE TEMP TABLE lit AS
SELECT r.*,
    r.raw_light = 'green' AND coalesce(before.raw_light = 'red', false) AS is_recovering,
    CASE WHEN r.raw_light = 'green' AND before.raw_light = 'red' THEN 'yellow' ELSE r.raw_light END AS light,
    coalesce(r.due_on - r.cut_off_on BETWEEN 0 AND r.near_due_days
        AND (r.state = 'missing' OR r9(r.c) < 1), false) AS is_near_due,
    (SELECT count(*) FROM due u WHERE u.unit_code = r.unit_code AND u.responsibility_code = r.responsibility_code
        AND u.is_held AND u.week > coalesce(r.last_report, DATE '1900-01-01') AND u.week <= r.week) AS weeks_stale,
    (SELECT count(DISTINCT f.week) FROM fact f WHERE f.unit_code = r.unit_code
        AND f.responsibility_code = r.responsibility_code AND f.week <= r.week
        AND f.week > coalesce(r.last_change, DATE '1900-01-01')) AS unchanged_periods
FROM raw r
LEFT JOIN raw before ON before.unit_code = r.unit_code AND before.responsibility_code = r.responsibility_code
    AND before.week = r.previous;

-- The report in force is the last that came for the latest week: "no change" is a report.
CREATE OR REPLACE TEMP TABLE report_in_force AS
SELECT d.unit_code, d.responsibility_code, d.week, f.submission_id, f.received_at
FROM duty_week d JOIN progress f ON f.unit_code = d.unit_code AND f.responsibility_code = d.responsibility_code
    AND f.week <= d.week
JOIN weeks w ON w.week = f.week AND w.plan_year = d.plan_year
QUALIFY row_number() OVER (
    PARTITION BY d.unit_code, d.responsibility_code, d.week ORDER BY f.week DESC, f.place DESC) = 1;

-- The owner at the cut-off, by dated portfolios.
CREATE OR REPLACE TEMP TABLE oracle_responsibility_unit_week AS
SELECT plan_year, week, week_code, responsibility_code, unit_code, kind, measure, direction, role, share, weight,
    baseline_said AS baseline, target, is_asked, previous, rule, b, p, state, is_report_due,
    rule IN ('total', 'level', 'flow', 'average') AND direction = 'up' AND baseline_said IS NULL AS is_baseline_assumed,
    CASE WHEN (state IN ('counted', 'carried', 'missing')) AND rule <> 'red_line' THEN p END AS planned_completion,
    CASE WHEN state IN ('counted', 'carried', 'missing') AND rule IN ('total', 'level', 'flow', 'average',
        'ratio_to_date', 'ratio_period') THEN b + p * (target - b)
        WHEN state IN ('counted', 'carried', 'missing') AND rule = 'rank' THEN
            CASE WHEN p = 1 THEN target ELSE rank_start + p * (target - rank_start) END END AS planned_value,
    CASE WHEN state IN ('counted', 'carried') THEN reported END AS completion_reported,
    CASE WHEN state IN ('counted', 'carried') AND is_checked THEN official END AS completion_verified,
    c AS completion, gap AS schedule_gap, raw_light, light, is_recovering, is_near_due,
    CASE WHEN is_recovering THEN 'recovering' ELSE '' END AS light_reason,
    weeks_stale, unchanged_periods, area_code, task_force_code,
    in_force.submission_id, in_force.received_at AS reported_at,
    CASE WHEN has_value THEN CASE
        WHEN rule IN ('average', 'ratio_to_date', 'ratio_period') THEN l.numerator / nullif(l.denominator, 0)
        WHEN rule = 'stages' THEN coalesce(l.numerator, 0) ELSE x END END AS reported_value,
    CASE WHEN is_checked THEN CASE
        WHEN rule IN ('average', 'ratio_to_date', 'ratio_period') THEN
            official_numerator / nullif(official_denominator, 0)
        WHEN rule = 'stages' THEN coalesce(official_numerator, 0) ELSE official_x END
        END AS verified_value,
    CASE WHEN c IS NOT NULL THEN CASE
        WHEN rule IN ('rank', 'red_line') THEN NULL
        WHEN rule NOT IN ('total', 'level', 'flow') THEN coalesce(official_numerator, 0)
        WHEN direction = 'up' THEN official_x - b
        WHEN rule = 'flow' THEN p * b - official_x ELSE b - official_x END END AS numerator,
    CASE WHEN c IS NOT NULL THEN CASE
        WHEN rule IN ('rank', 'red_line') THEN NULL
        WHEN rule NOT IN ('total', 'level', 'flow') THEN official_denominator
        WHEN direction = 'up' THEN target - b
        WHEN rule = 'flow' THEN p * (b - target) ELSE b - target END END AS denominator,
    official_x, official_numerator, official_denominator,
    coalesce((SELECT any_value(o.leader_code) FROM portfolios o WHERE o.responsibility_code = l.responsibility_code
        AND l.cut_off_on >= coalesce(o.from_on, l.cut_off_on) AND l.cut_off_on <= coalesce(o.to_on, l.cut_off_on)
    ), own_leader_code) AS leader_code,
    cut_off_on, cut_off_at, has_value
FROM lit l
LEFT JOIN report_in_force in_force USING (unit_code, responsibility_code, week);
