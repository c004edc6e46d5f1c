-- metrics.md section 7: responsibility, unit, area, leader, task force, county.

-- A row's part in the sums of its responsibility: progress and way, in the direction's sense.
CREATE OR REPLACE TEMP TABLE part AS
SELECT *,
    CASE WHEN state = 'missing' THEN 0 WHEN direction = 'up' THEN official_x - b
        WHEN rule = 'flow' THEN p * b - official_x ELSE b - official_x END AS progress_made,
    CASE WHEN direction = 'up' THEN target - b WHEN rule = 'flow' THEN p * (b - target) ELSE b - target END AS way_to_go,
    state IN ('counted', 'carried') AS has_number,
    state IN ('counted', 'carried', 'missing') AS is_scored
FROM oracle_responsibility_unit_week;

CREATE OR REPLACE TEMP TABLE pooled AS
SELECT p.week, p.responsibility_code, p.rule, p.direction,
    bool_or(has_number) AS any_number, bool_or(state = 'missing') AS any_missing,
    sum(progress_made) FILTER (is_scored) AS progress_made, sum(way_to_go) FILTER (is_scored) AS way_to_go,
    sum(share * CASE WHEN state = 'missing' THEN 0 ELSE completion END) FILTER (is_scored)
        / sum(share) FILTER (is_scored) AS mean,
    sum(official_numerator) FILTER (has_number) AS numerator,
    sum(official_denominator) FILTER (has_number) AS denominator,
    sum(official_denominator) FILTER (is_scored) AS owed,
    coalesce(any_value(r.baseline),
        sum(official_denominator * b) FILTER (has_number) / sum(official_denominator) FILTER (has_number)) AS b,
    coalesce(any_value(r.target),
        sum(official_denominator * p.target) FILTER (has_number) / sum(official_denominator) FILTER (has_number)
    ) AS target,
    CASE WHEN bool_or(completion = 0) THEN 0 WHEN bool_or(state = 'unknown') THEN NULL
        WHEN bool_or(has_number) THEN 1 END AS red_line
FROM part p JOIN responsibilities r USING (plan_year, responsibility_code)
GROUP BY p.week, p.responsibility_code, p.rule, p.direction;

CREATE OR REPLACE TEMP TABLE responsibility_completion AS
SELECT week, responsibility_code,
    any_missing AND rule IN ('average', 'ratio_to_date', 'ratio_period') AS is_partial,
    CASE
        WHEN rule = 'red_line' THEN red_line
        WHEN NOT any_number THEN CASE WHEN any_missing THEN 0 END
        WHEN rule IN ('total', 'flow') THEN
            CASE WHEN r9(way_to_go) = 0 THEN CASE WHEN r9(progress_made) >= 0 THEN 1 ELSE 0 END
                ELSE progress_made / way_to_go END
        WHEN rule IN ('level', 'rank') THEN mean
        WHEN rule IN ('stages', 'range') THEN coalesce(numerator, 0) / owed
        ELSE CASE WHEN denominator <> 0 THEN way(direction, numerator / denominator, b, target) END
    END::DOUBLE AS completion,
    CASE WHEN NOT any_number THEN NULL WHEN rule IN ('total', 'flow') THEN progress_made
        WHEN rule NOT IN ('level', 'rank', 'red_line') THEN coalesce(numerator, 0) END::DOUBLE AS numerator,
    CASE WHEN NOT any_number THEN NULL WHEN rule IN ('total', 'flow') THEN way_to_go
        WHEN rule IN ('stages', 'range') THEN owed
        WHEN rule NOT IN ('level', 'rank', 'red_line') THEN denominator END::DOUBLE AS denominator
FROM pooled;

-- Every table counts its rows by state and by light, after memory; worst-wins order red > yellow > grey > green.
CREATE OR REPLACE TEMP MACRO worst(lights) AS
    CASE WHEN list_contains(lights, 'red') THEN 'red' WHEN list_contains(lights, 'yellow') THEN 'yellow'
        WHEN list_contains(lights, 'grey') THEN 'grey' WHEN list_contains(lights, 'green') THEN 'green' END;

CREATE OR REPLACE TEMP TABLE belongs AS
WITH RECURSIVE above (area_code, whole) AS (
    SELECT area_code, area_code FROM areas
    UNION
    SELECT above.area_code, areas.parent_code
    FROM above JOIN areas ON areas.area_code = above.whole
    WHERE areas.parent_code <> ''
)
SELECT p.week, p.responsibility_code, p.unit_code, 'responsibility' AS scope, p.responsibility_code AS key FROM part p
UNION ALL SELECT week, responsibility_code, unit_code, 'unit', unit_code FROM part
UNION ALL SELECT week, responsibility_code, unit_code, 'area', whole FROM part JOIN above USING (area_code)
UNION ALL SELECT week, responsibility_code, unit_code, 'leader', leader_code FROM part WHERE leader_code <> ''
UNION ALL SELECT week, responsibility_code, unit_code, 'task_force', task_force_code FROM part
    WHERE task_force_code <> ''
UNION ALL SELECT week, responsibility_code, unit_code, 'county', '' FROM part;

CREATE OR REPLACE TEMP TABLE counts AS
SELECT b.scope, b.key, b.week,
    count(*) AS unit_count,
    count(DISTINCT b.responsibility_code) AS responsibility_count,
    count(*) FILTER (state = 'closed') AS closed_count,
    count(*) FILTER (state = 'suspended') AS suspended_count,
    count(*) FILTER (state = 'exempt') AS exempt_count,
    count(*) FILTER (state = 'not_started') AS not_started_count,
    count(*) FILTER (state = 'no_target') AS no_target_count,
    count(*) FILTER (state = 'no_baseline') AS no_baseline_count,
    count(*) FILTER (state = 'no_date') AS no_date_count,
    count(*) FILTER (state = 'awaiting') AS awaiting_count,
    count(*) FILTER (state = 'missing') AS missing_count,
    count(*) FILTER (state = 'unknown') AS unknown_count,
    count(*) FILTER (state = 'carried') AS carried_count,
    count(*) FILTER (state = 'counted') AS counted_count,
    count(*) FILTER (light = 'red') AS red_count,
    count(*) FILTER (light = 'yellow') AS yellow_count,
    count(*) FILTER (light = 'grey') AS grey_count,
    count(*) FILTER (light = 'green') AS green_count,
    worst(list(light)) AS worst_light
FROM belongs b JOIN part USING (week, responsibility_code, unit_code)
GROUP BY b.scope, b.key, b.week;

CREATE OR REPLACE TEMP TABLE oracle_responsibility_week AS
SELECT w.plan_year, w.week_code, w.week, c.key AS responsibility_code, r.completion, r.is_partial, r.numerator,
    r.denominator, c.* EXCLUDE (scope, key, week, responsibility_count)
FROM counts c JOIN wk w USING (week)
JOIN responsibility_completion r ON r.week = c.week AND r.responsibility_code = c.key
WHERE c.scope = 'responsibility' AND w.is_asked;

-- Areas, leaders, task forces, the county: each responsibility once; whose it is at the asked week's cut-off.
CREATE OR REPLACE TEMP TABLE scored AS
SELECT DISTINCT b.scope, b.key, c.week, b.responsibility_code, r.weight,
    least(greatest(c.completion, 0), s.cap) AS score
FROM belongs b JOIN wk ON wk.week = b.week AND wk.is_asked
JOIN responsibility_completion c ON c.responsibility_code = b.responsibility_code AND c.week IN (wk.week, wk.previous)
JOIN responsibilities r ON r.responsibility_code = b.responsibility_code
    AND r.plan_year = (SELECT any_value(plan_year) FROM wk),
settings s
WHERE b.scope IN ('area', 'leader', 'task_force', 'county') AND c.completion IS NOT NULL;

CREATE OR REPLACE TEMP TABLE above AS
SELECT w.week_code, w.week, c.*  EXCLUDE (week, unit_count),
    (SELECT sum(weight * score) / nullif(sum(weight), 0) FROM scored n
     WHERE n.scope = c.scope AND n.key = c.key AND n.week = c.week) AS completion,
    cohort.cohort_change,
    CASE WHEN w.previous IS NOT NULL THEN coalesce(cohort.entered_count, 0) END AS entered_count,
    CASE WHEN w.previous IS NOT NULL THEN coalesce(cohort.left_count, 0) END AS left_count
FROM counts c JOIN wk w USING (week)
LEFT JOIN (
    SELECT scope, key,
        sum(n.weight * n.score) FILTER (b.score IS NOT NULL) / sum(n.weight) FILTER (b.score IS NOT NULL)
            - sum(b.weight * b.score) FILTER (n.score IS NOT NULL) / sum(b.weight) FILTER (n.score IS NOT NULL)
            AS cohort_change,
        count(*) FILTER (b.score IS NULL) AS entered_count, count(*) FILTER (n.score IS NULL) AS left_count
    FROM (FROM scored WHERE week = (SELECT week FROM wk WHERE is_asked)) n
    FULL JOIN (FROM scored WHERE week = (SELECT previous FROM wk WHERE is_asked)) b
        USING (scope, key, responsibility_code)
    GROUP BY scope, key
) cohort USING (scope, key)
WHERE c.scope IN ('area', 'leader', 'task_force', 'county') AND w.is_asked;

CREATE OR REPLACE TEMP TABLE oracle_area_week AS
SELECT * EXCLUDE (scope), key AS area_code FROM above WHERE scope = 'area';
CREATE OR REPLACE TEMP TABLE oracle_leader_week AS
SELECT * EXCLUDE (scope), key AS leader_code FROM above WHERE scope = 'leader';
CREATE OR REPLACE TEMP TABLE oracle_task_force_week AS
SELECT * EXCLUDE (scope), key AS task_force_code FROM above WHERE scope = 'task_force';
CREATE OR REPLACE TEMP TABLE oracle_county_week AS
SELECT * EXCLUDE (scope) FROM above WHERE scope = 'county';

-- Units: their own rows by weight, whatever the share.
CREATE OR REPLACE TEMP TABLE unit_row AS
SELECT week, unit_code, responsibility_code, weight,
    least(greatest(CASE WHEN state = 'missing' THEN 0 ELSE completion END, 0), cap) AS score
FROM part, settings WHERE is_scored;

CREATE OR REPLACE TEMP TABLE unit_completion AS
SELECT p.week, p.unit_code, u.peer_group,
    (SELECT sum(weight * score) / nullif(sum(weight), 0) FROM unit_row r
     WHERE r.week = p.week AND r.unit_code = p.unit_code) AS completion,
    (SELECT coalesce(sum(weight), 0) FROM unit_row r
     WHERE r.week = p.week AND r.unit_code = p.unit_code) AS weight_sum,
    count(*) FILTER (p.state = 'counted') >= any_value(s.min_counted)
        AND NOT bool_or(p.rule = 'red_line' AND p.state = 'unknown') AS may_rank
FROM part p JOIN units u USING (unit_code), settings s
GROUP BY p.week, p.unit_code, u.peer_group;

CREATE OR REPLACE TEMP TABLE ranked AS
SELECT *, rank() OVER (PARTITION BY week, peer_group ORDER BY r9(completion) DESC) AS rank
FROM unit_completion WHERE may_rank AND completion IS NOT NULL;

-- Both weeks re-ranked on the units ranked in both.
CREATE OR REPLACE TEMP TABLE moved AS
SELECT n.unit_code,
    rank() OVER (PARTITION BY n.peer_group ORDER BY r9(b.completion) DESC)
        - rank() OVER (PARTITION BY n.peer_group ORDER BY r9(n.completion) DESC) AS rank_change
FROM ranked n JOIN wk ON wk.week = n.week AND wk.is_asked
JOIN ranked b ON b.unit_code = n.unit_code AND b.week = wk.previous;

CREATE OR REPLACE TEMP TABLE left_out AS
SELECT n.unit_code, min(place) AS rank_best, max(place) AS rank_worst
FROM (
    SELECT n.unit_code, r.responsibility_code,
        1 + (SELECT count(*) FROM ranked o WHERE o.week = n.week AND o.peer_group = n.peer_group
            AND o.unit_code <> n.unit_code AND r9(o.completion) > r9(without.completion)) AS place
    FROM ranked n JOIN wk ON wk.week = n.week AND wk.is_asked
    JOIN unit_row r ON r.week = n.week AND r.unit_code = n.unit_code,
    LATERAL (
        SELECT sum(q.weight * q.score) / nullif(sum(q.weight), 0) AS completion FROM unit_row q
        WHERE q.week = n.week AND q.unit_code = n.unit_code AND q.responsibility_code <> r.responsibility_code
    ) AS without
    WHERE without.completion IS NOT NULL
) n
GROUP BY n.unit_code;
