-- Each row is a figure that does not agree with the rows it must follow from; an empty answer passes. `since` and
-- `through` are the Mondays of the first week of the release's plan year and of its own week.
-- Counts exactly, completions within 1e-9: made in floating point there, in decimal here.
WITH release AS (
    SELECT * FROM ops.release WHERE county_code = %(county_code)s AND release_id = %(release_id)s),
row_week AS (
    SELECT * FROM mart.responsibility_unit_week_release
    WHERE county_code = %(county_code)s AND release_id = %(release_id)s),
resp AS (
    SELECT * FROM mart.responsibility_week_release
    WHERE county_code = %(county_code)s AND release_id = %(release_id)s),
unit AS (
    SELECT * FROM mart.unit_week_release WHERE county_code = %(county_code)s AND release_id = %(release_id)s),
submission AS (
    SELECT * FROM mart.submission_week_release WHERE county_code = %(county_code)s AND release_id = %(release_id)s),
setting AS (
    SELECT coalesce((c.settings ->> 'cap')::numeric, 1) AS cap
    FROM catalogue.county c, release r
    WHERE c.county_code = r.county_code AND c.known_from <= r.facts_frozen_at
    ORDER BY c.known_from DESC LIMIT 1),
-- The week itself as the release knew it, with its plan year.
cut_off AS (
    SELECT w.county_code, w.plan_year, w.week, w.cut_off_on, r.facts_frozen_at AS frozen_at
    FROM catalogue.week w JOIN release r USING (county_code, week)
    WHERE w.known_from <= r.facts_frozen_at AND (w.known_to IS NULL OR w.known_to > r.facts_frozen_at)),
assignment AS (
    SELECT count(*) AS n
    FROM catalogue.assignment a JOIN cut_off c USING (county_code, plan_year)
    WHERE a.share > 0 AND a.known_from <= c.frozen_at AND (a.known_to IS NULL OR a.known_to > c.frozen_at)),
row_completion AS (
    SELECT r.unit_code, sum(r.weight) AS weight_sum,
           sum(r.weight * least(greatest(coalesce(r.completion, 0), 0), s.cap)) / nullif(sum(r.weight), 0) AS c
    FROM row_week r, setting s WHERE r.state IN ('counted', 'carried', 'missing') GROUP BY r.unit_code),
weight AS (
    SELECT w.plan_year, w.responsibility_code, w.weight, w.area_code, w.task_force_code, w.leader_code, w.baseline,
           w.target
    FROM catalogue.responsibility w JOIN cut_off c USING (county_code, plan_year)
    WHERE w.known_from <= c.frozen_at AND (w.known_to IS NULL OR w.known_to > c.frozen_at)),
area_of (area_code, above) AS (
    WITH RECURSIVE part AS (
        SELECT a.area_code, a.parent_code FROM catalogue.area a JOIN release r USING (county_code)
        WHERE a.known_from <= r.facts_frozen_at AND (a.known_to IS NULL OR a.known_to > r.facts_frozen_at)),
    line (area_code, above) AS (
        SELECT area_code, area_code FROM part
        UNION ALL SELECT l.area_code, p.parent_code FROM line l JOIN part p ON p.area_code = l.above
        WHERE p.parent_code <> '')
    SELECT area_code, above FROM line),
-- Who answers for a responsibility at the cut-off: the latest portfolio that holds, else the leader it names.
portfolio AS (
    SELECT DISTINCT ON (p.responsibility_code) p.responsibility_code, p.leader_code
    FROM catalogue.portfolio p JOIN cut_off c USING (county_code)
    WHERE p.known_from <= c.frozen_at AND (p.known_to IS NULL OR p.known_to > c.frozen_at)
      AND (p.from_on IS NULL OR p.from_on <= c.cut_off_on) AND (p.to_on IS NULL OR p.to_on >= c.cut_off_on)
    ORDER BY p.responsibility_code, p.from_on DESC NULLS LAST, p.leader_code DESC),
owner AS (
    SELECT w.plan_year, w.responsibility_code, coalesce(p.leader_code, w.leader_code) AS leader_code
    FROM weight w LEFT JOIN portfolio p USING (responsibility_code)),
-- What each roll-up is made of: its kind, its code, and the responsibilities in it.
member AS (
    SELECT 'county' AS kind, '' AS code, w.plan_year, w.responsibility_code FROM weight w
    UNION ALL SELECT 'area', a.above, w.plan_year, w.responsibility_code FROM weight w JOIN area_of a USING (area_code)
    UNION ALL SELECT 'task_force', w.task_force_code, w.plan_year, w.responsibility_code FROM weight w
    UNION ALL SELECT 'leader', o.leader_code, o.plan_year, o.responsibility_code FROM owner o),
group_week AS (
    SELECT kind, code, (said ->> 'completion')::numeric AS completion, (said ->> 'responsibility_count')::int AS members,
           (said ->> 'cohort_change')::numeric AS cohort_change, (said ->> 'entered_count')::int AS entered_count, said
    FROM (
        SELECT 'county' AS kind, '' AS code, to_jsonb(g) AS said FROM mart.county_week_release g
        WHERE county_code = %(county_code)s AND release_id = %(release_id)s
        UNION ALL SELECT 'area', area_code, to_jsonb(g) FROM mart.area_week_release g
        WHERE county_code = %(county_code)s AND release_id = %(release_id)s
        UNION ALL SELECT 'task_force', task_force_code, to_jsonb(g) FROM mart.task_force_week_release g
        WHERE county_code = %(county_code)s AND release_id = %(release_id)s
        UNION ALL SELECT 'leader', leader_code, to_jsonb(g) FROM mart.leader_week_release g
        WHERE county_code = %(county_code)s AND release_id = %(release_id)s) g),
group_completion AS (
    SELECT m.kind, m.code, count(*) AS members, count(p.completion) AS numbers, min(w.weight) AS least_weight,
           sum(w.weight * least(greatest(p.completion, 0), s.cap))
               / nullif(sum(w.weight) FILTER (WHERE p.completion IS NOT NULL), 0) AS c
    FROM member m JOIN resp p USING (plan_year, responsibility_code)
    JOIN weight w USING (plan_year, responsibility_code)
    CROSS JOIN setting s GROUP BY m.kind, m.code),
-- How often each state and each light stands in the rows of a responsibility, of a unit and of each roll-up.
word (word, place) AS (
    VALUES ('red', 1), ('yellow', 2), ('grey', 3), ('green', 4), ('closed', 0), ('suspended', 0), ('exempt', 0),
           ('not_started', 0), ('no_target', 0), ('no_baseline', 0), ('no_date', 0), ('awaiting', 0), ('missing', 0),
           ('unknown', 0), ('carried', 0), ('counted', 0)),
duty_tally AS (
    SELECT r.plan_year, r.responsibility_code, w.word, sum(r.n) AS n
    FROM (SELECT plan_year, responsibility_code, state, light, count(*) AS n FROM row_week GROUP BY 1, 2, 3, 4) r
    JOIN word w ON w.word IN (r.state, r.light) GROUP BY 1, 2, 3),
tally AS (
    SELECT 'responsibility' AS kind, plan_year || ' ' || responsibility_code AS code, word, n FROM duty_tally
    UNION ALL
    SELECT 'unit', r.unit_code, w.word, sum(r.n)
    FROM (SELECT unit_code, state, light, count(*) AS n FROM row_week GROUP BY 1, 2, 3) r
    JOIN word w ON w.word IN (r.state, r.light) GROUP BY r.unit_code, w.word
    UNION ALL
    SELECT m.kind, m.code, d.word, sum(d.n) FROM member m JOIN duty_tally d USING (plan_year, responsibility_code)
    GROUP BY m.kind, m.code, d.word),
told AS (
    SELECT 'responsibility' AS kind, plan_year || ' ' || responsibility_code AS code,
           'responsibility ' || responsibility_code AS figure, to_jsonb(p) AS said FROM resp p
    UNION ALL SELECT 'unit', unit_code, 'unit ' || unit_code, to_jsonb(u) FROM unit u
    UNION ALL SELECT kind, code, rtrim(kind || ' ' || code), said FROM group_week),
counted AS (
    SELECT t.figure, t.said, w.word, w.place, coalesce(y.n, 0) AS n
    FROM told t CROSS JOIN word w LEFT JOIN tally y ON y.kind = t.kind AND y.code = t.code AND y.word = w.word),
row_count AS (
    SELECT plan_year, responsibility_code, count(*) AS n FROM row_week GROUP BY plan_year, responsibility_code),
-- A responsibility from its rows (section 7). b and T of a pooled one are its own, else its rows', weighed by
-- denominator. Sums of large parts that cancel keep the rounding of the parts: the errors.
numbered AS (
    SELECT *, coalesce(baseline, CASE WHEN direction IS DISTINCT FROM 'down' THEN 0 END) AS b,
           state IN ('counted', 'carried') AS has_number, state IN ('counted', 'carried', 'missing') AS is_scored
    FROM row_week),
row_sum AS (
    SELECT plan_year, responsibility_code, min(measure) AS measure, count(*) FILTER (WHERE state = 'missing') AS missing,
           count(completion) AS numbers,
           sum(numerator) FILTER (WHERE has_number) AS numerator,
           sum(denominator) FILTER (WHERE has_number) AS denominator,
           0.000000000001 * sum(abs(numerator)) FILTER (WHERE has_number) AS numerator_error,
           0.000000000001 * sum(abs(denominator)) FILTER (WHERE has_number) AS denominator_error,
           sum(denominator * b) FILTER (WHERE has_number)
               / nullif(sum(denominator) FILTER (WHERE has_number AND b IS NOT NULL), 0) AS b,
           sum(denominator * target) FILTER (WHERE has_number)
               / nullif(sum(denominator) FILTER (WHERE has_number AND target IS NOT NULL), 0) AS target,
           sum(share * coalesce(completion, 0)) FILTER (WHERE is_scored)
               / nullif(sum(share) FILTER (WHERE is_scored), 0) AS by_share,
           CASE WHEN bool_or(completion = 0) THEN 0 WHEN bool_or(state = 'unknown') THEN NULL ELSE 1 END AS by_event
    FROM numbered GROUP BY plan_year, responsibility_code),
-- How each measure's completion is formed, and where nothing but this is needed to form it. Left out: T = b and sums
-- over nothing (met or not, as the rows' rounding decides), sums with a missing row (its way is not in its row).
duty_completion AS (
    SELECT r.plan_year, r.responsibility_code, CASE
               WHEN r.numbers = 0 THEN CASE WHEN r.missing > 0 THEN 0 END
               WHEN r.measure = 'red_line' THEN r.by_event
               WHEN r.measure IN ('level', 'rank') THEN r.by_share
               WHEN r.measure IN ('ratio', 'average')
               THEN (r.numerator / nullif(r.denominator, 0) - x.b) / nullif(x.target - x.b, 0)
               ELSE r.numerator / nullif(r.denominator, 0) END AS c,
           r.numerator_error / nullif(abs(r.denominator), 0)
               / CASE WHEN r.measure IN ('ratio', 'average') THEN nullif(abs(x.target - x.b), 0) ELSE 1 END AS error,
           r.numbers = 0 OR r.measure IN ('red_line', 'level', 'rank')
               OR (r.measure IN ('ratio', 'average') AND x.b <> x.target AND r.denominator <> 0)
               OR (r.measure IN ('total', 'flow', 'stages', 'range') AND r.missing = 0 AND r.denominator <> 0) AS is_held
    FROM row_sum r JOIN weight w USING (plan_year, responsibility_code),
         LATERAL (SELECT coalesce(w.baseline, r.b) AS b, coalesce(w.target, r.target) AS target) x),
ranking AS (
    SELECT unit_code, rank() OVER (PARTITION BY peer_group ORDER BY round(completion, 9) DESC) AS place
    FROM unit WHERE rank_reason IS NULL AND completion IS NOT NULL),
-- The value in force as the ledger holds it: the last own figure of a row that stands, of the plan year's weeks.
standing AS MATERIALIZED (
    SELECT s.submission_id, s.ordinal FROM ledger.submission s JOIN release r USING (county_code)
    WHERE s.known_at <= r.facts_frozen_at AND s.week BETWEEN %(since)s AND %(through)s AND NOT EXISTS (
        SELECT FROM ledger.withdrawal w
        WHERE w.county_code = s.county_code AND w.unit_code = s.unit_code AND w.week = s.week
          AND w.ordinal > s.ordinal AND w.known_at <= r.facts_frozen_at)),
plan AS MATERIALIZED (
    SELECT w.week FROM catalogue.week w JOIN cut_off c USING (county_code, plan_year)
    WHERE w.known_from <= c.frozen_at AND (w.known_to IS NULL OR w.known_to > c.frozen_at) AND w.week <= c.week),
in_force AS MATERIALIZED (
    SELECT DISTINCT ON (f.unit_code, f.responsibility_code) f.unit_code, f.responsibility_code, f.value
    FROM ledger.progress f JOIN standing s USING (submission_id) JOIN plan USING (week)
    WHERE f.county_code = %(county_code)s AND f.week BETWEEN %(since)s AND %(through)s
      AND f.item = '' AND f.value IS NOT NULL AND NOT f.no_change
    ORDER BY f.unit_code, f.responsibility_code, f.week DESC, f.known_at DESC, s.ordinal DESC, f.submission_id DESC,
             f.sheet DESC, f.row_no DESC),
findings (check_code, figure, expected, found) AS (
    SELECT 'assignments', 'responsibility_unit_week rows', a.n::text, (SELECT count(*) FROM row_week)::text
    FROM assignment a
    UNION ALL
    SELECT 'states', figure || ' ' || word, n::text, said ->> (word || '_count') FROM counted WHERE place = 0
    UNION ALL
    SELECT 'lights_counted', figure || ' ' || word, n::text, said ->> (word || '_count') FROM counted WHERE place > 0
    UNION ALL
    SELECT 'worst_lights', figure, (array_agg(word ORDER BY place) FILTER (WHERE place > 0 AND n > 0))[1],
           min(said ->> 'worst_light')
    FROM counted GROUP BY figure
    UNION ALL
    SELECT 'weights', 'unit ' || u.unit_code, round(coalesce(r.weight_sum, 0), 12)::text,
           round(coalesce(u.weight_sum, 0), 12)::text
    FROM unit u LEFT JOIN row_completion r USING (unit_code)
    WHERE (abs(coalesce(r.weight_sum, 0) - coalesce(u.weight_sum, 0)) <= 0.000000001) IS NOT TRUE
    UNION ALL
    SELECT 'unit_completion', 'unit ' || u.unit_code, round(r.c, 12)::text, round(u.completion, 12)::text
    FROM unit u LEFT JOIN row_completion r USING (unit_code)
    WHERE (abs(r.c - u.completion) <= 0.000000001) IS NOT TRUE AND (r.c IS NOT NULL OR u.completion IS NOT NULL)
    UNION ALL
    SELECT 'responsibility_rows', 'responsibility ' || p.responsibility_code, coalesce(r.n, 0)::text,
           p.unit_count::text
    FROM resp p LEFT JOIN row_count r USING (plan_year, responsibility_code)
    UNION ALL
    SELECT 'responsibility_completion', 'responsibility ' || p.responsibility_code, round(r.c, 12)::text,
           round(p.completion, 12)::text
    FROM resp p JOIN duty_completion r USING (plan_year, responsibility_code)
    WHERE r.is_held AND (r.c IS NOT NULL OR p.completion IS NOT NULL)
      AND (abs(r.c - p.completion) <= greatest(0.000000001, 0.000000000001 * abs(r.c), r.error)) IS NOT TRUE
    UNION ALL
    SELECT 'responsibility_sums', 'responsibility ' || p.responsibility_code || ' ' || x.part, round(x.sum, 12)::text,
           round(x.stated, 12)::text
    FROM resp p JOIN row_sum r USING (plan_year, responsibility_code) CROSS JOIN LATERAL (VALUES
        ('numerator', r.numerator, p.numerator, r.numerator_error),
        ('denominator', r.denominator, p.denominator, r.denominator_error)) AS x (part, sum, stated, error)
    WHERE r.numbers > 0 AND (abs(coalesce(x.sum, 0) - x.stated) <= greatest(0.000000001, x.error)) IS NOT TRUE
      AND (r.measure IN ('ratio', 'average') OR (r.measure IN ('total', 'flow', 'stages', 'range') AND r.missing = 0))
    UNION ALL
    SELECT 'partial', 'responsibility ' || p.responsibility_code,
           (r.measure IN ('ratio', 'average') AND r.missing > 0)::text, p.is_partial::text
    FROM resp p JOIN row_sum r USING (plan_year, responsibility_code)
    UNION ALL
    SELECT g.kind || '_completion', rtrim(g.kind || ' ' || g.code), round(r.c, 12)::text, round(g.completion, 12)::text
    FROM group_week g LEFT JOIN group_completion r USING (kind, code)
    WHERE (abs(r.c - g.completion) <= 0.000000001) IS NOT TRUE AND (r.c IS NOT NULL OR g.completion IS NOT NULL)
    UNION ALL
    SELECT 'members', rtrim(kind || ' ' || code), coalesce(r.members, 0)::text, g.members::text
    FROM group_week g FULL JOIN group_completion r USING (kind, code) WHERE kind = 'county' OR code <> ''
    UNION ALL
    SELECT 'cohorts', rtrim(g.kind || ' ' || g.code), 'a change where a number stayed, of ' || r.numbers || ' now',
           coalesce(round(g.cohort_change, 12)::text, 'none') || ', entered ' || coalesce(g.entered_count::text, 'none')
    FROM group_week g JOIN group_completion r USING (kind, code)
    WHERE g.entered_count > r.numbers OR (g.cohort_change IS NOT NULL AND (r.numbers > g.entered_count) IS NOT TRUE)
       OR (g.cohort_change IS NULL AND r.numbers > g.entered_count AND r.least_weight > 0)
    UNION ALL
    SELECT 'ranks', 'unit ' || u.unit_code, coalesce(k.place::text, 'none'), coalesce(u.rank::text, 'none')
    FROM unit u LEFT JOIN ranking k USING (unit_code)
    UNION ALL
    SELECT 'rank_bounds', 'unit ' || unit_code, 'best ≤ worst', rank_best || ' > ' || rank_worst
    FROM unit WHERE rank_best > rank_worst
    UNION ALL
    SELECT 'ledger_values', 'row ' || r.responsibility_code || ' ' || r.unit_code, coalesce(f.value::text, 'none'),
           coalesce(r.reported_value::text, 'none')
    FROM row_week r LEFT JOIN in_force f USING (unit_code, responsibility_code)
    WHERE r.measure IN ('total', 'level', 'rank') AND (f.value IS NOT NULL OR r.reported_value IS NOT NULL)
      AND (abs(f.value - r.reported_value) <= greatest(0.000000001, 0.000000000001 * abs(f.value))) IS NOT TRUE
    UNION ALL
    SELECT 'expected_rows', 'unit ' || s.unit_code, count(r.unit_code)::text, s.expected_rows::text
    FROM submission s LEFT JOIN row_week r ON r.unit_code = s.unit_code AND r.is_report_due
      AND r.state NOT IN ('closed', 'suspended', 'exempt', 'not_started')
    GROUP BY s.unit_code, s.expected_rows
    UNION ALL
    SELECT 'reported_rows', 'unit ' || unit_code, 'on time ≤ accepted ≤ expected',
           on_time_rows || ', ' || accepted_rows || ', ' || expected_rows
    FROM submission WHERE on_time_rows > accepted_rows OR accepted_rows > expected_rows
    UNION ALL
    SELECT 'shares', 'unit ' || u.unit_code, round(s.accepted_rows::numeric / nullif(s.expected_rows, 0), 12)::text,
           round(u.completeness, 12)::text
    FROM unit u JOIN submission s USING (unit_code)
    WHERE (abs(s.accepted_rows::numeric / nullif(s.expected_rows, 0) - u.completeness) <= 0.000000001) IS NOT TRUE
      AND (s.expected_rows > 0 OR u.completeness IS NOT NULL)
    UNION ALL
    SELECT 'discrepancies', 'unit ' || unit_code || ' ' || x.sample, round(x.k::numeric / nullif(x.n, 0), 12)::text,
           round(x.rate, 12)::text
    FROM unit CROSS JOIN LATERAL (VALUES
        ('random', checked_count, discrepant_count, discrepancy_rate),
        ('risk', risk_checked_count, risk_discrepant_count, risk_discrepancy_rate)) AS x (sample, n, k, rate)
    WHERE (abs(x.k::numeric / nullif(x.n, 0) - x.rate) <= 0.000000001) IS NOT TRUE
      AND (x.n IS DISTINCT FROM 0 OR x.rate IS NOT NULL)
    UNION ALL
    SELECT 'versions', 'unit ' || s.unit_code, l.n::text, s.versions::text
    FROM submission s, release r, LATERAL (
        SELECT count(*) AS n FROM ledger.submission x
        WHERE x.county_code = r.county_code AND x.week = r.week AND x.unit_code = s.unit_code
          AND x.kind = 'progress' AND x.known_at <= r.facts_frozen_at) l
    UNION ALL
    SELECT 'submission_units', 'submission_week rows', u.n::text, (SELECT count(*) FROM submission)::text
    FROM (SELECT count(*) AS n FROM unit) u
    WHERE EXISTS (SELECT FROM unit)
    UNION ALL
    SELECT 'lights', 'row ' || responsibility_code || ' ' || unit_code, 'red where missing', light
    FROM row_week WHERE state = 'missing' AND light <> 'red'
    UNION ALL
    SELECT 'numbers', 'row ' || responsibility_code || ' ' || unit_code, 'a number exactly where counted or carried',
           coalesce(completion::text, 'none')
    FROM row_week WHERE (completion IS NOT NULL) <> (state IN ('counted', 'carried'))
)
SELECT check_code, figure, coalesce(expected, 'none') AS expected, coalesce(found, 'none') AS found
FROM findings
WHERE expected IS DISTINCT FROM found
ORDER BY check_code, figure
