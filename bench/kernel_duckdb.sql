-- Sections 2 to 7 of the metrics for the last of 52 weeks, as someone who knows DuckDB would write them: integer keys once, one
-- pass of filtered aggregates over the facts, everything after it on assignments. Frames: progress, inspections, unit, week,
-- responsibility, assignment, item. Columns of weeks: 51 is now, 50 the week before; both come from the same facts.
CREATE OR REPLACE TEMP TABLE w AS
SELECT (row_number() OVER (ORDER BY week) - 1)::INT AS col, * FROM week;

CREATE OR REPLACE TEMP TABLE a AS
SELECT (row_number() OVER () - 1)::INT AS r, s.unit_code, s.responsibility_code, s.share, u.peer_group, d.area_code, d.leader_code,
       d.task_force_code, d.measure, d.direction, d.cadence, d.plan_shape, d.start_on, d.due_on, d.tolerance,
       coalesce(nullif(s.weight, 'nan'), d.weight) AS weight, coalesce(nullif(s.target, 'nan'), nullif(d.target, 'nan')) AS t,
       coalesce(nullif(s.baseline, 'nan'), nullif(d.baseline, 'nan'), CASE WHEN d.direction <> 'down' THEN 0 END) AS b
FROM assignment s JOIN responsibility d USING (plan_year, responsibility_code) JOIN unit u USING (unit_code)
WHERE s.share > 0;

-- One fact, keyed: `place` orders versions, later weeks and later knowledge after earlier ones.
CREATE OR REPLACE TEMP TABLE f AS
SELECT a.r, w.col, w.col * 10_000_000_000_000_000 + epoch_us(p.known_at) AS place, a.measure, p.item, p.no_change,
       CASE WHEN a.measure = 'ratio' THEN p.numerator ELSE p.value END AS upper,
       CASE WHEN a.measure = 'ratio' THEN p.denominator ELSE 1 END AS lower, p.done, p.happened_on, p.received_at
FROM progress p JOIN a USING (unit_code, responsibility_code) JOIN w USING (week);

CREATE OR REPLACE TEMP TABLE c AS
SELECT a.r, w.col, w.col * 10_000_000_000_000_000 + epoch_us(p.known_at) AS place, a.measure, p.item, p.done, p.sample_kind,
       CASE WHEN a.measure = 'ratio' THEN p.numerator ELSE p.value END AS upper,
       CASE WHEN a.measure = 'ratio' THEN p.denominator ELSE 1 END AS lower
FROM inspections p JOIN a USING (unit_code, responsibility_code) JOIN w USING (week);

-- Values in force (section 1), as of now and as of the week before, in one pass.
CREATE OR REPLACE TEMP TABLE force AS
WITH g AS (
    SELECT r, arg_max(struct_pack(upper, lower), place) FILTER (NOT no_change) AS now,
           arg_max(struct_pack(upper, lower), place) FILTER (NOT no_change AND col < 51) AS before,
           max(col) FILTER (NOT no_change) AS now_said, max(col) FILTER (NOT no_change AND col < 51) AS before_said,
           max(col) AS now_any, max(col) FILTER (col < 51) AS before_any,
           min(received_at) FILTER (col = 51) AS first_received
    FROM f GROUP BY r)
SELECT r, 51 AS seen, now.upper AS upper, now.lower AS lower, now_said AS said, now_any AS told, first_received FROM g
UNION ALL SELECT r, 50, before.upper, before.lower, before_said, before_any, NULL FROM g;

-- Checks (section 6): the latest one by each cut-off, and what was reported in force for its week.
CREATE OR REPLACE TEMP TABLE latest_check AS
SELECT r, seen, max(col) AS col, arg_max(upper, place) AS v, arg_max(lower, place) AS v_lower
FROM c CROSS JOIN (VALUES (50), (51)) AS t (seen) WHERE col <= seen AND measure IN ('total', 'ratio', 'level') GROUP BY r, seen;
CREATE OR REPLACE TEMP TABLE held AS
SELECT k.r, k.seen, any_value(k.col) AS col, any_value(k.v) AS v, any_value(k.v_lower) AS v_lower,
       arg_max(f.upper, f.place) AS x, arg_max(f.lower, f.place) AS x_lower
FROM latest_check k JOIN f ON f.r = k.r AND f.col <= k.col AND NOT f.no_change GROUP BY k.r, k.seen;

-- Flow: each week's own fact in its latest version, a check in the place of its week's.
CREATE OR REPLACE TEMP TABLE flow AS
WITH own AS (
    SELECT r, col, arg_max(upper, place) AS x FROM f WHERE measure = 'flow' GROUP BY r, col),
checked AS (
    SELECT r, col, arg_max(upper, place) AS v FROM c WHERE measure = 'flow' GROUP BY r, col)
SELECT o.r, seen, sum(o.x) AS reported, sum(coalesce(k.v, o.x)) AS official, count(k.v) > 0 AS is_checked
FROM own o LEFT JOIN checked k USING (r, col) CROSS JOIN (VALUES (50), (51)) AS t (seen) WHERE o.col <= seen GROUP BY o.r, seen;

-- Stages: each item's word in force, done by the cut-off; a check's word holds.
CREATE OR REPLACE TEMP TABLE stages AS
WITH word AS (
    SELECT f.r, f.item, seen, arg_max(f.done AND (f.happened_on IS NULL OR f.happened_on <= z.cut_off_on), f.place) AS done
    FROM f CROSS JOIN (VALUES (50), (51)) AS t (seen) JOIN w z ON z.col = seen
    WHERE f.measure = 'stages' AND f.col <= seen GROUP BY f.r, f.item, seen),
checked AS (
    SELECT r, item, seen, arg_max(done, place) AS done FROM c CROSS JOIN (VALUES (50), (51)) AS t (seen)
    WHERE measure = 'stages' AND col <= seen GROUP BY r, item, seen)
SELECT a.r, t.seen, sum(i.weight) AS whole, sum(i.weight * coalesce(word.done, false)::INT) AS reported,
       sum(i.weight * coalesce(checked.done, word.done, false)::INT) AS official, count(checked.done) > 0 AS is_checked
FROM a JOIN item i USING (responsibility_code) CROSS JOIN (VALUES (50), (51)) AS t (seen)
LEFT JOIN word ON word.r = a.r AND word.item = i.item_code AND word.seen = t.seen
LEFT JOIN checked ON checked.r = a.r AND checked.item = i.item_code AND checked.seen = t.seen
WHERE a.measure = 'stages' GROUP BY a.r, t.seen;

-- What was due (section 4): by cadence and start, so once for many assignments.
CREATE OR REPLACE TEMP TABLE due AS
SELECT k.cadence, k.start_on, seen, max(w.col) AS last_due, coalesce(bool_or(w.col = seen), false) AS is_due
FROM (SELECT DISTINCT cadence, start_on FROM a) k CROSS JOIN (VALUES (50), (51)) AS t (seen)
LEFT JOIN w ON w.col <= seen AND w.cut_off_on >= k.start_on AND (k.cadence = 'weekly' OR w.month_end_on >= k.start_on)
GROUP BY k.cadence, k.start_on, seen;

-- Completion, state, plan and raw light of every assignment at both cut-offs (sections 2, 3, 5).
CREATE OR REPLACE TEMP TABLE rows AS
WITH x AS (
    SELECT a.*, t.seen, z.cut_off_on, z.cut_off_at, d.last_due, d.is_due, o.said, o.told, o.first_received, g.is_checked AS stage_checked,
           CASE a.measure WHEN 'flow' THEN l.reported WHEN 'stages' THEN g.reported ELSE o.upper END AS upper,
           CASE a.measure WHEN 'stages' THEN g.whole ELSE o.lower END AS lower,
           CASE a.measure WHEN 'flow' THEN l.official WHEN 'stages' THEN g.official
                WHEN 'level' THEN CASE WHEN h.col >= o.told THEN h.v ELSE o.upper END
                ELSE o.upper + coalesce(h.v - h.x, 0) END AS official_upper,
           CASE a.measure WHEN 'stages' THEN g.whole WHEN 'ratio' THEN o.lower + coalesce(h.v_lower - h.x_lower, 0)
                ELSE o.lower END AS official_lower,
           CASE a.measure WHEN 'flow' THEN l.is_checked WHEN 'stages' THEN g.is_checked WHEN 'level' THEN h.col >= o.told
                ELSE h.v IS NOT NULL END AS is_checked,
           CASE WHEN a.plan_shape = 'hold' THEN 1.0
                ELSE least(greatest(date_diff('day', a.start_on, z.cut_off_on) / date_diff('day', a.start_on, a.due_on), 0), 1)
           END AS p
    FROM a CROSS JOIN (VALUES (50), (51)) AS t (seen) JOIN w z ON z.col = t.seen
    JOIN due d ON d.cadence = a.cadence AND d.start_on = a.start_on AND d.seen = t.seen
    LEFT JOIN force o ON o.r = a.r AND o.seen = t.seen
    LEFT JOIN held h ON h.r = a.r AND h.seen = t.seen
    LEFT JOIN flow l ON l.r = a.r AND l.seen = t.seen
    LEFT JOIN stages g ON g.r = a.r AND g.seen = t.seen),
y AS (
    SELECT *,
           CASE measure WHEN 'stages' THEN official_upper WHEN 'ratio' THEN official_upper
                ELSE CASE WHEN direction = 'down' THEN b - official_upper ELSE official_upper - b END END AS above,
           CASE measure WHEN 'stages' THEN official_lower WHEN 'ratio' THEN official_lower
                ELSE CASE WHEN direction = 'down' THEN b - t ELSE t - b END END AS below,
           CASE measure WHEN 'stages' THEN official_upper / official_lower
                WHEN 'ratio' THEN (official_upper / nullif(official_lower, 0) - b) / nullif(t - b, 0)
                ELSE (official_upper - b) / nullif(t - b, 0) END AS official_c,
           CASE measure WHEN 'stages' THEN upper / lower WHEN 'ratio' THEN (upper / nullif(lower, 0) - b) / nullif(t - b, 0)
                ELSE (upper - b) / nullif(t - b, 0) END AS reported_c
    FROM x),
s AS (
    SELECT *, CASE WHEN cut_off_on < start_on THEN 'not_started'
                   WHEN t IS NULL AND measure <> 'stages' THEN 'no_target'
                   WHEN b IS NULL AND measure <> 'stages' THEN 'no_baseline'
                   WHEN said IS NULL AND last_due IS NULL THEN 'awaiting'
                   WHEN said IS NULL THEN 'missing' WHEN official_c IS NULL THEN 'unknown'
                   WHEN told < last_due THEN 'carried' ELSE 'counted' END AS state
    FROM y),
n AS (
    SELECT *, CASE WHEN state IN ('counted', 'carried') THEN official_c END AS completion,
           CASE WHEN state IN ('counted', 'carried') THEN reported_c END AS completion_reported,
           CASE WHEN state IN ('counted', 'carried') AND is_checked THEN official_c END AS completion_verified,
           CASE WHEN state IN ('counted', 'carried', 'missing') THEN b + p * (t - b) END AS planned_value
    FROM s)
SELECT *, round(completion - p, 9) AS gap,
       CASE WHEN state = 'missing' THEN 'red' WHEN completion IS NULL THEN 'grey'
            WHEN due_on < cut_off_on AND round(completion, 9) < 1 THEN 'red'
            WHEN round(completion - p, 9) >= 0 THEN 'green' WHEN round(completion - p, 9) >= -0.15 THEN 'yellow'
            ELSE 'red' END AS raw_light,
       date_diff('day', cut_off_on, due_on) BETWEEN 0 AND 14 AND (coalesce(round(completion, 9) < 1, false) OR state = 'missing') AS is_near_due,
       CASE WHEN state = 'missing' THEN 0 WHEN completion IS NOT NULL THEN least(greatest(completion, 0), 1) END AS score
FROM n;

-- The light with a week's memory; one row an assignment, as published.
CREATE OR REPLACE TEMP TABLE responsibility_unit_week AS
SELECT n.*, CASE WHEN n.raw_light = 'green' AND e.raw_light = 'red' THEN 'yellow' ELSE n.raw_light END AS light
FROM rows n JOIN rows e ON e.r = n.r AND e.seen = 50 WHERE n.seen = 51;

-- Counts of states and lights for every roll-up of section 7 in one pass.
CREATE OR REPLACE TEMP TABLE counts AS
SELECT unit_code, responsibility_code, area_code, leader_code, task_force_code,
       grouping(unit_code, responsibility_code, area_code, leader_code, task_force_code) AS level,
       count(*) FILTER (state = 'closed') AS closed_count, count(*) FILTER (state = 'suspended') AS suspended_count,
       count(*) FILTER (state = 'exempt') AS exempt_count, count(*) FILTER (state = 'not_started') AS not_started_count,
       count(*) FILTER (state = 'no_target') AS no_target_count, count(*) FILTER (state = 'no_baseline') AS no_baseline_count,
       count(*) FILTER (state = 'no_date') AS no_date_count, count(*) FILTER (state = 'awaiting') AS awaiting_count,
       count(*) FILTER (state = 'missing') AS missing_count, count(*) FILTER (state = 'unknown') AS unknown_count,
       count(*) FILTER (state = 'carried') AS carried_count, count(*) FILTER (state = 'counted') AS counted_count,
       count(*) FILTER (light = 'red') AS red_count, count(*) FILTER (light = 'yellow') AS yellow_count,
       count(*) FILTER (light = 'grey') AS grey_count, count(*) FILTER (light = 'green') AS green_count
FROM responsibility_unit_week
GROUP BY GROUPING SETS ((unit_code), (responsibility_code), (area_code), (leader_code), (task_force_code), ());

CREATE OR REPLACE TEMP TABLE responsibility_week AS
WITH g AS (
    SELECT responsibility_code, seen, any_value(measure) AS measure,
           sum(CASE WHEN state = 'missing' THEN 0 ELSE above END)
               FILTER (state IN ('counted', 'carried') OR (state = 'missing' AND measure <> 'ratio')) AS above,
           sum(below) FILTER (state IN ('counted', 'carried') OR (state = 'missing' AND measure <> 'ratio')) AS below,
           sum(share * CASE WHEN state = 'missing' THEN 0 ELSE completion END) AS weighed,
           sum(share) FILTER (state = 'missing' OR completion IS NOT NULL) AS shares,
           bool_or(state IN ('counted', 'carried')) AS has_number, bool_or(state = 'missing') AS has_missing
    FROM rows GROUP BY responsibility_code, seen)
SELECT g.responsibility_code, seen, d.area_code, d.leader_code, d.task_force_code, d.weight, has_missing AND g.measure = 'ratio' AS is_partial,
       CASE WHEN NOT has_number THEN CASE WHEN has_missing THEN 0 END
            WHEN g.measure = 'level' THEN weighed / shares WHEN g.measure = 'ratio' THEN
                (above / nullif(below, 0) - coalesce(nullif(d.baseline, 'nan'), 0)) / (d.target - coalesce(nullif(d.baseline, 'nan'), 0))
            ELSE above / nullif(below, 0) END AS completion
FROM g JOIN responsibility d USING (responsibility_code);

-- Area, leader, task force and county: completion, and change over the same responsibilities.
CREATE OR REPLACE TEMP TABLE group_week AS
SELECT n.area_code, n.leader_code, n.task_force_code, grouping(n.area_code, n.leader_code, n.task_force_code) AS level,
       sum(n.weight * least(greatest(n.completion, 0), 1)) / sum(n.weight) FILTER (n.completion IS NOT NULL) AS completion,
       (sum(n.weight * least(greatest(n.completion, 0), 1)) FILTER (e.completion IS NOT NULL)
        - sum(n.weight * least(greatest(e.completion, 0), 1)) FILTER (n.completion IS NOT NULL))
       / sum(n.weight) FILTER (n.completion IS NOT NULL AND e.completion IS NOT NULL) AS cohort_change,
       count(*) AS responsibility_count, count(*) FILTER (e.completion IS NULL AND n.completion IS NOT NULL) AS entered_count,
       count(*) FILTER (n.completion IS NULL AND e.completion IS NOT NULL) AS left_count
FROM responsibility_week n JOIN responsibility_week e ON e.responsibility_code = n.responsibility_code AND e.seen = 50
WHERE n.seen = 51 GROUP BY GROUPING SETS ((n.area_code), (n.leader_code), (n.task_force_code), ());

-- Units: completion, rank in the peer group, change among those ranked in both weeks, best and worst with one row left out.
CREATE OR REPLACE TEMP TABLE unit_at AS
SELECT unit_code, peer_group, seen, sum(weight * score) / sum(weight) FILTER (score IS NOT NULL) AS completion,
       sum(weight) FILTER (score IS NOT NULL) AS weights, count(*) FILTER (state = 'counted') >= 3 AS is_ranked
FROM rows GROUP BY unit_code, peer_group, seen;
CREATE OR REPLACE TEMP TABLE reporting AS
SELECT unit_code, count(*) FILTER (is_due AND state <> 'not_started') AS expected,
       count(*) FILTER (is_due AND state <> 'not_started' AND first_received IS NOT NULL) AS accepted,
       count(*) FILTER (is_due AND state <> 'not_started' AND first_received <= cut_off_at) AS on_time
FROM responsibility_unit_week GROUP BY unit_code;
CREATE OR REPLACE TEMP TABLE unit_week AS
WITH bounds AS (
    SELECT r.unit_code, max((u.completion * u.weights - r.weight * r.score) / (u.weights - r.weight)) AS highest,
           min((u.completion * u.weights - r.weight * r.score) / (u.weights - r.weight)) AS lowest
    FROM responsibility_unit_week r JOIN unit_at u ON u.unit_code = r.unit_code AND u.seen = 51
    WHERE r.score IS NOT NULL AND round(u.weights - r.weight, 9) > 0 GROUP BY r.unit_code),
changed AS (
    SELECT n.unit_code, rank() OVER (PARTITION BY n.peer_group ORDER BY round(e.completion, 9) DESC)
           - rank() OVER (PARTITION BY n.peer_group ORDER BY round(n.completion, 9) DESC) AS rank_change
    FROM unit_at n JOIN unit_at e ON e.unit_code = n.unit_code AND e.seen = 50
    WHERE n.seen = 51 AND n.is_ranked AND e.is_ranked),
ranked AS (
    SELECT u.unit_code, 1 + count(*) FILTER (round(o.completion, 9) > round(u.completion, 9)) AS rank,
           1 + count(*) FILTER (o.unit_code <> u.unit_code AND round(o.completion, 9) > round(b.highest, 9)) AS rank_best,
           1 + count(*) FILTER (o.unit_code <> u.unit_code AND round(o.completion, 9) > round(b.lowest, 9)) AS rank_worst
    FROM unit_at u JOIN unit_at o ON o.peer_group = u.peer_group AND o.seen = 51 AND o.is_ranked
    LEFT JOIN bounds b ON b.unit_code = u.unit_code
    WHERE u.seen = 51 AND u.is_ranked GROUP BY u.unit_code)
SELECT u.unit_code, u.completion, u.weights, k.rank, k.rank_best, k.rank_worst, h.rank_change,
       q.accepted / q.expected AS completeness, q.on_time / q.expected AS timeliness
FROM unit_at u LEFT JOIN ranked k USING (unit_code) LEFT JOIN changed h USING (unit_code) LEFT JOIN reporting q USING (unit_code)
WHERE u.seen = 51;

-- Checks against reports, with tolerance.
CREATE OR REPLACE TEMP TABLE verification_week AS
WITH usable AS (SELECT c.*, a.unit_code, a.responsibility_code FROM c JOIN a USING (r)),
reported AS (
    SELECT k.r, k.col, k.item, arg_max(CASE WHEN k.measure = 'stages' THEN f.done::INT ELSE f.upper / nullif(f.lower, 0) END, f.place) AS x
    FROM usable k JOIN f ON f.r = k.r AND f.col <= k.col AND NOT f.no_change AND f.item = k.item
         AND (k.measure <> 'flow' OR f.col = k.col)
    GROUP BY k.r, k.col, k.item)
SELECT k.unit_code, k.responsibility_code, k.col, k.item, k.sample_kind, x,
       CASE WHEN k.measure = 'stages' THEN k.done::INT ELSE k.upper / nullif(k.lower, 0) END AS v, v / nullif(x, 0) AS factor,
       round(abs(v - x), 9) > round(0.1 * abs(x), 9) AS is_discrepant
FROM usable k LEFT JOIN reported USING (r, col, item);
