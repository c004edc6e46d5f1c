-- The Mondays of the first week of a release's plan year and of its own week, by the calendar known to it.
SELECT min(w.week) AS since, r.week AS through
FROM ops.release r
JOIN catalogue.week own ON own.county_code = r.county_code AND own.week = r.week
JOIN catalogue.week w ON w.county_code = own.county_code AND w.plan_year = own.plan_year
WHERE r.county_code = %(county_code)s AND r.release_id = %(release_id)s
  AND own.known_from <= r.facts_frozen_at AND (own.known_to IS NULL OR own.known_to > r.facts_frozen_at)
  AND w.known_from <= r.facts_frozen_at AND (w.known_to IS NULL OR w.known_to > r.facts_frozen_at)
GROUP BY r.week
