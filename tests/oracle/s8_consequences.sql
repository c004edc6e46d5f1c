-- metrics.md section 7: what follows for a unit, by its county's configuration; nothing here edits a number or a rank.

-- Proven cases of the plan year, as far as they had happened by the cut-off.
CREATE OR REPLACE TEMP TABLE extra AS
SELECT e.unit_code,
    least(s.bonus_cap, s.bonus_per_case * coalesce(sum(e.case_count) FILTER (e.kind = 'bonus'), 0)) AS bonus,
    least(s.penalty_cap, s.penalty_per_case * coalesce(sum(e.case_count) FILTER (e.kind = 'penalty'), 0)) AS penalty,
    string_agg(e.case_code, ' ') AS points_evidence
FROM extra_points e, wk w, settings s
WHERE w.is_asked AND year(e.happened_on) = w.plan_year AND e.happened_on <= w.cut_off_on
GROUP BY e.unit_code, s.bonus_cap, s.bonus_per_case, s.penalty_cap, s.penalty_per_case;

-- The weeks of the plan year in which a report was due, and whether any came; a week that owed none is no link.
CREATE OR REPLACE TEMP TABLE owed_week AS
SELECT unit_code, week, bool_or(EXISTS (
    SELECT 1 FROM progress p
    WHERE p.unit_code = d.unit_code AND p.responsibility_code = d.responsibility_code AND p.week = d.week
)) AS came
FROM oracle_responsibility_unit_week d
WHERE is_report_due AND state NOT IN ('closed', 'suspended', 'exempt', 'not_started')
GROUP BY unit_code, week;

CREATE OR REPLACE TEMP TABLE missed AS
SELECT unit_code, count(*) AS missed_weeks
FROM owed_week o
WHERE week > coalesce((SELECT max(week) FROM owed_week c WHERE c.unit_code = o.unit_code AND c.came),
    DATE '1900-01-01')
GROUP BY unit_code;

-- Of the words of a reason only what it is about is compared.
CREATE OR REPLACE TEMP TABLE oracle_unit_week AS
SELECT l.*,
    CASE WHEN l.rank IS NULL THEN CASE
        WHEN l.counted_count < s.min_counted THEN 'few' ELSE 'red line' END END AS rank_reason,
    CASE WHEN l.is_vetoed THEN 'vetoed' END AS veto_reason,
    coalesce(e.bonus, 0) AS bonus, coalesce(e.penalty, 0) AS penalty, e.points_evidence,
    coalesce(m.missed_weeks, 0) AS missed_weeks,
    CASE
        WHEN m.missed_weeks >= s.red_after THEN 'red'
        WHEN m.missed_weeks >= s.yellow_after THEN 'yellow'
        WHEN m.missed_weeks >= s.notice_after THEN 'notice'
        WHEN m.missed_weeks >= s.reminder_after THEN 'reminder'
    END AS ladder_step
FROM unit_line l CROSS JOIN settings s
LEFT JOIN extra e USING (unit_code)
LEFT JOIN missed m USING (unit_code);
