-- A release with the county's completion and the bulletin that rests on it; without a release id, the newest of a week
-- that readers see.
SELECT r.release_id, r.status AS release_status, r.facts_frozen_at, r.released_at, c.completion, c.worst_light,
       b.bulletin_id, b.status AS bulletin_status, b.directory AS bulletin_directory, b.signer
FROM ops.release r
JOIN mart.county_week_release c USING (county_code, release_id)
LEFT JOIN LATERAL (
    SELECT * FROM mart.bulletin b WHERE b.county_code = r.county_code AND b.week = r.week AND r.status <> 'what_if'
    ORDER BY b.total_no DESC, b.drafted_at DESC LIMIT 1) b ON true
WHERE r.county_code = %(county_code)s AND r.week_code = %(week_code)s
  AND coalesce(r.release_id = %(release_id)s, r.status IN ('audited', 'published', 'superseded'))
ORDER BY r.release_no DESC
LIMIT 1
