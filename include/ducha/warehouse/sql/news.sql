-- What became known between two instants of the plan year's weeks up to one: rows reported (in time), late, corrected, withdrawn,
-- checked, no longer checked, and files returned (without a responsibility). One line a unit, responsibility, week and
-- kind; n counts items, or files. A plan year has 53 weeks at
-- most, 371 days: told of every table of facts, so that the others' weeks are not even opened.
WITH plan AS (
    SELECT DISTINCT w.week, w.week_code, w.cut_off_at FROM catalogue.week w JOIN catalogue.week own USING (county_code, plan_year)
    WHERE own.county_code = %(county_code)s AND own.week = %(week)s AND own.known_to IS NULL AND w.known_to IS NULL
      AND w.week <= own.week),
fresh AS (
    SELECT f.unit_code, f.responsibility_code, f.week, f.item,
           CASE WHEN EXISTS (
               SELECT FROM ledger.progress o
               WHERE o.county_code = f.county_code AND o.week = f.week AND o.week BETWEEN %(week)s::date - 371 AND %(week)s
                 AND o.unit_code = f.unit_code
                 AND o.responsibility_code = f.responsibility_code AND o.item = f.item AND o.known_at <= %(since)s)
           THEN 'corrected' WHEN f.received_at > plan.cut_off_at THEN 'late' ELSE 'reported' END AS kind
    FROM ledger.progress f JOIN plan USING (week)
    WHERE f.county_code = %(county_code)s AND f.known_at > %(since)s AND f.known_at <= %(until)s
      AND f.week BETWEEN %(week)s::date - 371 AND %(week)s
    UNION ALL
    SELECT f.unit_code, f.responsibility_code, f.week, f.item, 'checked'
    FROM ledger.inspection f
    WHERE f.county_code = %(county_code)s AND f.known_at > %(since)s AND f.known_at <= %(until)s
      AND f.week BETWEEN %(week)s::date - 371 AND %(week)s
    UNION ALL
    SELECT w.unit_code, f.responsibility_code, w.week, f.item, f.kind
    FROM ledger.withdrawal w JOIN ledger.submission s
      ON s.county_code = w.county_code AND s.unit_code = w.unit_code AND s.week = w.week AND s.ordinal < w.ordinal
    CROSS JOIN LATERAL (
        SELECT p.responsibility_code, p.item, 'withdrawn' AS kind FROM ledger.progress p
        WHERE p.county_code = s.county_code AND p.week = s.week AND p.submission_id = s.submission_id
          AND p.week BETWEEN %(week)s::date - 371 AND %(week)s
        UNION ALL
        SELECT i.responsibility_code, i.item, 'unchecked' FROM ledger.inspection i
        WHERE i.county_code = s.county_code AND i.week = s.week AND i.submission_id = s.submission_id
          AND i.week BETWEEN %(week)s::date - 371 AND %(week)s) f
    WHERE w.county_code = %(county_code)s AND w.known_at > %(since)s AND w.known_at <= %(until)s
      AND s.known_at <= %(since)s
    UNION ALL
    SELECT s.unit_code, NULL, s.week, s.submission_id, 'returned'
    FROM ledger.submission s
    WHERE s.county_code = %(county_code)s AND s.known_at > %(since)s AND s.known_at <= %(until)s
      AND s.kind = 'progress' AND s.verdict <> 'accepted')
SELECT kind, unit_code, responsibility_code, week, week_code, count(DISTINCT item)::int AS n
FROM fresh JOIN plan USING (week)
GROUP BY kind, unit_code, responsibility_code, week, week_code
ORDER BY week, unit_code, responsibility_code, kind
