-- metrics.md section 1: the weeks, the assignments with their lives, each week's own fact. Section 4: what is due.
-- Given as tables: the catalogue's and the ledger's frames, `settings` (one row) and `asked` (week_code).

CREATE OR REPLACE TEMP MACRO r9(x) AS round(x, 9);

CREATE OR REPLACE TEMP MACRO in_season(day, season) AS
    CASE
        WHEN season = '' THEN true
        WHEN season[1:5] <= season[8:12] THEN strftime(day, '%m-%d') BETWEEN season[1:5] AND season[8:12]
        ELSE strftime(day, '%m-%d') >= season[1:5] OR strftime(day, '%m-%d') <= season[8:12]
    END;

-- The asked week and those before it in its plan year; a week without a cut-off is never asked about.
CREATE OR REPLACE TEMP TABLE wk AS
SELECT w.*, lag(w.week) OVER (ORDER BY w.week) AS previous, w.week_code = asked.week_code AS is_asked
FROM weeks w, asked
WHERE w.cut_off_at IS NOT NULL
    AND w.plan_year = (SELECT plan_year FROM weeks WHERE week_code = asked.week_code)
    AND w.week <= (SELECT week FROM weeks WHERE week_code = asked.week_code);

-- Only assignments with share > 0 carry figures.
CREATE OR REPLACE TEMP TABLE duty AS
SELECT
    a.plan_year, a.responsibility_code, a.unit_code, a.role, a.share,
    r.kind, r.measure, r.direction, r.time_basis, r.cadence, r.season, r.plan_shape, r.plan_points,
    r.start_on, r.due_on, r.tolerance, r.area_code, r.task_force_code, r.leader_code AS own_leader_code,
    coalesce(a.weight, r.weight) AS weight,
    coalesce(a.baseline, r.baseline) AS baseline_said,
    coalesce(a.target, r.target) AS target,
    r.target_low, r.target_high, r.rank_start,
    greatest(r.start_on, a.from_on) AS begins_on,
    least(a.to_on, u.closed_on, make_date(a.plan_year, 12, 31)) AS ends_on,
    CASE
        WHEN r.measure NOT IN ('total', 'level', 'flow', 'average', 'ratio') THEN NULL
        WHEN r.direction = 'up' THEN coalesce(a.baseline, r.baseline, 0)
        ELSE coalesce(a.baseline, r.baseline)
    END AS b,
    CASE
        WHEN r.measure = 'ratio' THEN 'ratio_' || r.time_basis
        ELSE r.measure
    END AS rule
FROM assignments a
JOIN responsibilities r USING (plan_year, responsibility_code)
JOIN units u USING (unit_code)
WHERE a.share > 0 AND a.plan_year = (SELECT any_value(plan_year) FROM wk);

-- Each assignment in each week, with the exception that covers the cut-off date.
CREATE OR REPLACE TEMP TABLE duty_week AS
SELECT d.*, w.week, w.week_code, w.previous, w.cut_off_on, w.cut_off_at, w.is_asked,
    w.cut_off_on >= d.begins_on AND w.cut_off_on <= d.ends_on AS is_inside,
    (SELECT max(e.state) FROM exceptions e
     WHERE e.plan_year = d.plan_year AND e.responsibility_code = d.responsibility_code AND e.unit_code = d.unit_code
         AND w.cut_off_on >= coalesce(e.from_on, w.cut_off_on) AND w.cut_off_on <= coalesce(e.to_on, w.cut_off_on)
    ) AS exception  -- 'suspended' comes before 'exempt', and after it in the alphabet
FROM duty d, wk w;

-- Each week's own fact: of its accepted versions with a value the one that outranks the others. "No change" after a
-- value for the same week repeats that value; a week of nothing but "no change" repeats an earlier week's, by reference.
CREATE OR REPLACE TEMP TABLE fact AS
WITH own AS (
    SELECT p.*, bool_and(p.no_change) OVER same AS repeats
    FROM progress p JOIN weeks w USING (week)
    WHERE w.plan_year = (SELECT any_value(plan_year) FROM wk) AND w.week <= (SELECT max(week) FROM wk)
    WINDOW same AS (PARTITION BY unit_code, responsibility_code, item, week)
    QUALIFY row_number() OVER (
        PARTITION BY unit_code, responsibility_code, item, week ORDER BY p.no_change, place DESC) = 1
),
referring AS (
    SELECT *,
        last_value(CASE WHEN NOT repeats THEN week END IGNORE NULLS) OVER (
            PARTITION BY unit_code, responsibility_code, item ORDER BY week
        ) AS said_week
    FROM own
)
SELECT r.unit_code, r.responsibility_code, r.item, r.week, r.repeats AS no_change, r.said_week,
    s.value, s.numerator, s.denominator, s.done, s.happened_on
FROM referring r
LEFT JOIN own s ON s.unit_code = r.unit_code AND s.responsibility_code = r.responsibility_code AND s.item = r.item
    AND s.week = r.said_week;

-- What is due by the plain cadence inside the season; `once` waits for the completions (s5).
CREATE OR REPLACE TEMP TABLE may_be_due AS
SELECT d.responsibility_code, d.unit_code, d.week, d.previous, d.exception, d.cadence = 'once' AS ends_when_done
FROM duty_week d JOIN wk w USING (week)
WHERE d.is_inside AND in_season(d.cut_off_on, d.season) AND CASE
    WHEN d.measure = 'red_line' THEN true
    WHEN d.cadence = 'weekly' THEN true
    WHEN d.cadence = 'monthly' THEN w.month_end_on >= d.start_on
    WHEN d.cadence = 'quarterly' THEN w.quarter_end_on >= d.start_on
    WHEN d.cadence = 'half_yearly' THEN w.half_year_end_on >= d.start_on
    WHEN d.cadence = 'once' THEN
        w.week = (SELECT min(n.week) FROM weeks n  -- the week of due_on, else the next of the plan year with a cut-off
                  WHERE n.cut_off_at IS NOT NULL AND n.plan_year = d.plan_year
                      AND n.week >= date_trunc('week', d.due_on)::DATE)
        OR date_trunc('month', w.month_end_on) > date_trunc('month', d.due_on)
END;
