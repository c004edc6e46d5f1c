-- Each row is a figure that does not agree with the rows it must follow from; an empty answer passes. `since` and `through`
-- are the Mondays of the first week of the release's plan year and of its own week.
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
assignment AS (
    SELECT count(*) AS n
    FROM catalogue.assignment a JOIN release r USING (county_code)
    JOIN catalogue.week w ON w.county_code = r.county_code AND w.week = r.week
    WHERE a.plan_year = w.plan_year AND a.share > 0
      AND a.known_from <= r.facts_frozen_at AND (a.known_to IS NULL OR a.known_to > r.facts_frozen_at)
      AND w.known_from <= r.facts_frozen_at AND (w.known_to IS NULL OR w.known_to > r.facts_frozen_at)),
row_completion AS (
    SELECT r.unit_code, sum(r.weight) AS weight_sum,
           sum(r.weight * least(greatest(coalesce(r.completion, 0), 0), s.cap)) / nullif(sum(r.weight), 0) AS c
    FROM row_week r, setting s WHERE r.state IN ('counted', 'carried', 'missing') GROUP BY r.unit_code),
weight AS (
    SELECT w.plan_year, w.responsibility_code, w.weight, w.area_code, w.task_force_code, w.leader_code
    FROM catalogue.responsibility w JOIN release r USING (county_code)
    WHERE w.known_from <= r.facts_frozen_at AND (w.known_to IS NULL OR w.known_to > r.facts_frozen_at)),
area_of (area_code, above) AS (
    WITH RECURSIVE part AS (
        SELECT a.area_code, a.parent_code FROM catalogue.area a JOIN release r USING (county_code)
        WHERE a.known_from <= r.facts_frozen_at AND (a.known_to IS NULL OR a.known_to > r.facts_frozen_at)),
    line (area_code, above) AS (
        SELECT area_code, area_code FROM part
        UNION ALL SELECT l.area_code, p.parent_code FROM line l JOIN part p ON p.area_code = l.above
        WHERE p.parent_code <> '')
    SELECT area_code, above FROM line),
owner AS (SELECT DISTINCT plan_year, responsibility_code, leader_code FROM row_week),
-- What each roll-up is made of: its kind, its code, and the responsibilities in it.
member AS (
    SELECT 'county' AS kind, '' AS code, w.plan_year, w.responsibility_code FROM weight w
    UNION ALL SELECT 'area', a.above, w.plan_year, w.responsibility_code FROM weight w JOIN area_of a USING (area_code)
    UNION ALL SELECT 'task_force', w.task_force_code, w.plan_year, w.responsibility_code FROM weight w
    UNION ALL SELECT 'leader', o.leader_code, o.plan_year, o.responsibility_code FROM owner o),
group_week AS (
    SELECT 'county' AS kind, '' AS code, completion, red_count, yellow_count, grey_count, green_count
    FROM mart.county_week_release WHERE county_code = %(county_code)s AND release_id = %(release_id)s
    UNION ALL SELECT 'area', area_code, completion, red_count, yellow_count, grey_count, green_count
    FROM mart.area_week_release WHERE county_code = %(county_code)s AND release_id = %(release_id)s
    UNION ALL SELECT 'task_force', task_force_code, completion, red_count, yellow_count, grey_count, green_count
    FROM mart.task_force_week_release WHERE county_code = %(county_code)s AND release_id = %(release_id)s
    UNION ALL SELECT 'leader', leader_code, completion, red_count, yellow_count, grey_count, green_count
    FROM mart.leader_week_release WHERE county_code = %(county_code)s AND release_id = %(release_id)s),
group_completion AS (
    SELECT m.kind, m.code,
           sum(w.weight * least(greatest(p.completion, 0), s.cap)) / nullif(sum(w.weight), 0) AS c
    FROM member m JOIN resp p USING (plan_year, responsibility_code) JOIN weight w USING (plan_year, responsibility_code)
    CROSS JOIN setting s WHERE p.completion IS NOT NULL GROUP BY m.kind, m.code),
row_light AS (SELECT plan_year, responsibility_code, light, count(*) AS n FROM row_week GROUP BY 1, 2, 3),
group_light AS (
    SELECT m.kind, m.code, r.light, sum(r.n) AS n
    FROM member m JOIN row_light r USING (plan_year, responsibility_code) GROUP BY m.kind, m.code, r.light),
row_state AS (SELECT plan_year, responsibility_code, unit_code, state FROM row_week),
row_count AS (
    SELECT plan_year, responsibility_code, count(*) AS n FROM row_week GROUP BY plan_year, responsibility_code),
-- A responsibility from its rows, where nothing but the rows is needed (section 7): sums without a missing row, means.
row_sum AS (
    SELECT plan_year, responsibility_code, min(measure) AS measure, count(*) FILTER (WHERE state = 'missing') AS missing,
           sum(numerator) / nullif(sum(denominator), 0) AS by_sum,
           sum(share * coalesce(completion, 0)) FILTER (WHERE state IN ('counted', 'carried', 'missing'))
               / nullif(sum(share) FILTER (WHERE state IN ('counted', 'carried', 'missing')), 0) AS by_share,
           count(completion) AS numbers, sum(denominator) AS denominator
    FROM row_week GROUP BY plan_year, responsibility_code),
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
    SELECT w.week FROM catalogue.week w JOIN release r USING (county_code)
    JOIN catalogue.week own ON own.county_code = r.county_code AND own.week = r.week AND own.plan_year = w.plan_year
    WHERE w.known_from <= r.facts_frozen_at AND (w.known_to IS NULL OR w.known_to > r.facts_frozen_at)
      AND own.known_from <= r.facts_frozen_at AND (own.known_to IS NULL OR own.known_to > r.facts_frozen_at)
      AND w.week <= r.week),
in_force AS MATERIALIZED (
    SELECT DISTINCT ON (f.unit_code, f.responsibility_code) f.unit_code, f.responsibility_code, f.value
    FROM ledger.progress f JOIN standing s USING (submission_id) JOIN plan USING (week)
    WHERE f.county_code = %(county_code)s AND f.week BETWEEN %(since)s AND %(through)s AND f.item = '' AND f.value IS NOT NULL AND NOT f.no_change
    ORDER BY f.unit_code, f.responsibility_code, f.week DESC, f.known_at DESC, s.ordinal DESC, f.submission_id DESC,
             f.sheet DESC, f.row_no DESC),
findings (check_code, figure, expected, found) AS (
    SELECT 'assignments', 'responsibility_unit_week rows', a.n::text, (SELECT count(*) FROM row_week)::text
    FROM assignment a
    UNION ALL
    SELECT 'states', 'unit ' || u.unit_code || ' ' || x.state, coalesce(s.n, 0)::text, x.stated::text
    FROM unit u CROSS JOIN LATERAL (VALUES ('closed', u.closed_count), ('suspended', u.suspended_count), ('exempt', u.exempt_count),
                     ('not_started', u.not_started_count), ('no_target', u.no_target_count),
                     ('no_baseline', u.no_baseline_count), ('no_date', u.no_date_count),
                     ('awaiting', u.awaiting_count), ('missing', u.missing_count), ('unknown', u.unknown_count),
                     ('carried', u.carried_count), ('counted', u.counted_count)) AS x (state, stated)
    LEFT JOIN (SELECT unit_code, state, count(*) AS n FROM row_state GROUP BY 1, 2) s
      ON s.unit_code = u.unit_code AND s.state = x.state
    UNION ALL
    SELECT 'states', 'responsibility ' || p.responsibility_code || ' ' || x.state, coalesce(s.n, 0)::text, x.stated::text
    FROM resp p CROSS JOIN LATERAL (VALUES ('closed', p.closed_count), ('suspended', p.suspended_count), ('exempt', p.exempt_count),
                     ('not_started', p.not_started_count), ('no_target', p.no_target_count),
                     ('no_baseline', p.no_baseline_count), ('no_date', p.no_date_count),
                     ('awaiting', p.awaiting_count), ('missing', p.missing_count), ('unknown', p.unknown_count),
                     ('carried', p.carried_count), ('counted', p.counted_count)) AS x (state, stated)
    LEFT JOIN (SELECT plan_year, responsibility_code, state, count(*) AS n FROM row_state GROUP BY 1, 2, 3) s
      ON s.plan_year = p.plan_year AND s.responsibility_code = p.responsibility_code AND s.state = x.state
    UNION ALL
    SELECT 'lights_counted', 'responsibility ' || p.responsibility_code || ' ' || x.light, coalesce(l.n, 0)::text, x.stated::text
    FROM resp p CROSS JOIN LATERAL (VALUES ('red', p.red_count), ('yellow', p.yellow_count), ('grey', p.grey_count),
                     ('green', p.green_count)) AS x (light, stated)
    LEFT JOIN row_light l ON l.plan_year = p.plan_year AND l.responsibility_code = p.responsibility_code AND l.light = x.light
    UNION ALL
    SELECT 'lights_counted', 'unit ' || u.unit_code || ' ' || x.light, coalesce(l.n, 0)::text, x.stated::text
    FROM unit u CROSS JOIN LATERAL (VALUES ('red', u.red_count), ('yellow', u.yellow_count), ('grey', u.grey_count),
                     ('green', u.green_count)) AS x (light, stated)
    LEFT JOIN (SELECT unit_code, light, count(*) AS n FROM row_week GROUP BY 1, 2) l
      ON l.unit_code = u.unit_code AND l.light = x.light
    UNION ALL
    SELECT 'lights_counted', rtrim(g.kind || ' ' || g.code) || ' ' || x.light, coalesce(l.n, 0)::text, x.stated::text
    FROM group_week g CROSS JOIN LATERAL (VALUES ('red', g.red_count), ('yellow', g.yellow_count), ('grey', g.grey_count),
                     ('green', g.green_count)) AS x (light, stated)
    LEFT JOIN group_light l ON l.kind = g.kind AND l.code = g.code AND l.light = x.light
    UNION ALL
    SELECT 'weights', 'unit ' || u.unit_code, round(coalesce(r.weight_sum, 0), 12)::text, round(coalesce(u.weight_sum, 0), 12)::text
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
    SELECT 'responsibility_completion', 'responsibility ' || p.responsibility_code, round(x.c, 12)::text,
           round(p.completion, 12)::text
    FROM resp p JOIN row_sum r USING (plan_year, responsibility_code), LATERAL (
        SELECT CASE WHEN r.measure IN ('level', 'rank') THEN r.by_share ELSE r.by_sum END AS c) x
    WHERE r.numbers > 0 AND (r.measure IN ('level', 'rank')
        OR (r.measure IN ('total', 'flow', 'stages', 'range') AND r.missing = 0 AND r.denominator <> 0))
      AND (abs(x.c - p.completion) <= greatest(0.000000001, 0.000000000001 * abs(x.c))) IS NOT TRUE
    UNION ALL
    SELECT g.kind || '_completion', rtrim(g.kind || ' ' || g.code), round(r.c, 12)::text, round(g.completion, 12)::text
    FROM group_week g LEFT JOIN group_completion r USING (kind, code)
    WHERE (abs(r.c - g.completion) <= 0.000000001) IS NOT TRUE AND (r.c IS NOT NULL OR g.completion IS NOT NULL)
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
