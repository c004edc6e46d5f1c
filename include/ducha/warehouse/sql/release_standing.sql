-- What a new release is held against: the newest that readers see, or the what-if of the same instant.
SELECT release_id, content_sha256, coalesce(holds_until, facts_frozen_at) AS facts_frozen_at
FROM ops.release
WHERE county_code = %(county_code)s AND week = %(week)s
  AND CASE WHEN %(is_what_if)s THEN status = 'what_if' AND facts_frozen_at = %(facts_frozen_at)s
           ELSE status IN ('audited', 'published', 'superseded') END
ORDER BY release_no DESC
LIMIT 1
