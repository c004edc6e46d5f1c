-- Each row is a figure that does not agree with the rows it must follow from; an empty answer passes.
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
county AS (
    SELECT * FROM mart.county_week_release WHERE county_code = %(county_code)s AND release_id = %(release_id)s),
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
row_state AS (SELECT unit_code, state, count(*) AS n FROM row_week GROUP BY unit_code, state),
row_completion AS (
    SELECT r.unit_code,
           sum(r.weight * least(greatest(coalesce(r.completion, 0), 0), s.cap)) / nullif(sum(r.weight), 0) AS c
    FROM row_week r, setting s WHERE r.state IN ('counted', 'carried', 'missing') GROUP BY r.unit_code),
row_count AS (
    SELECT plan_year, responsibility_code, count(*) AS n FROM row_week GROUP BY plan_year, responsibility_code),
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
    LEFT JOIN row_state s ON s.unit_code = u.unit_code AND s.state = x.state
    UNION ALL
    SELECT 'unit_completion', 'unit ' || u.unit_code, round(r.c, 12)::text, round(u.completion, 12)::text
    FROM unit u LEFT JOIN row_completion r USING (unit_code)
    WHERE (abs(r.c - u.completion) <= 0.000000001) IS NOT TRUE AND (r.c IS NOT NULL OR u.completion IS NOT NULL)
    UNION ALL
    SELECT 'responsibility_rows', 'responsibility ' || p.responsibility_code, coalesce(r.n, 0)::text,
           p.unit_count::text
    FROM resp p LEFT JOIN row_count r USING (plan_year, responsibility_code)
    UNION ALL
    SELECT 'county_completion', 'county', round(r.c, 12)::text, round(c.completion, 12)::text
    FROM county c, setting, LATERAL (
        SELECT sum(w.weight * least(greatest(p.completion, 0), setting.cap)) / nullif(sum(w.weight), 0) AS c
        FROM resp p JOIN release rel ON true JOIN catalogue.responsibility w
          ON w.county_code = p.county_code AND w.plan_year = p.plan_year
         AND w.responsibility_code = p.responsibility_code AND w.known_from <= rel.facts_frozen_at
         AND (w.known_to IS NULL OR w.known_to > rel.facts_frozen_at)
        WHERE p.completion IS NOT NULL) r
    WHERE (abs(r.c - c.completion) <= 0.000000001) IS NOT TRUE AND (r.c IS NOT NULL OR c.completion IS NOT NULL)
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
