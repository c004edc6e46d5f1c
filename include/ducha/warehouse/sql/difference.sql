-- Figures of a table that two releases of a week say differently, one row a figure. Numbers within 1e-9 are the same.
WITH before AS (
    SELECT {key} AS key, to_jsonb(r) - %(apart)s AS figures FROM {table} r
    WHERE r.county_code = %(county_code)s AND r.release_id = %(before)s),
after AS (
    SELECT {key} AS key, to_jsonb(r) - %(apart)s AS figures FROM {table} r
    WHERE r.county_code = %(county_code)s AND r.release_id = %(after)s),
figure AS (
    SELECT key, f.name AS "column", nullif(b.figures -> f.name, 'null') AS was, nullif(a.figures -> f.name, 'null') AS is,
           (a.figures ->> 'completion')::numeric - (b.figures ->> 'completion')::numeric AS completion_effect,
           (b.figures ->> 'rank')::int - (a.figures ->> 'rank')::int AS rank_effect
    FROM before b FULL JOIN after a USING (key)
    CROSS JOIN LATERAL jsonb_object_keys(coalesce(a.figures, b.figures)) AS f (name)
    WHERE a.figures IS DISTINCT FROM b.figures)
SELECT key, "column", was #>> '{{}}' AS before, "is" #>> '{{}}' AS after, completion_effect, rank_effect
FROM figure
WHERE was IS DISTINCT FROM "is"
  AND NOT coalesce(jsonb_typeof(was) = 'number' AND jsonb_typeof("is") = 'number'
                   AND abs((was #>> '{{}}')::numeric - ("is" #>> '{{}}')::numeric) <= 0.000000001, false)
ORDER BY key::text, "column"
