SELECT release_id, content_sha256
FROM ops.release
WHERE county_code = %(county_code)s AND week = %(week)s AND status IN ('audited', 'published', 'superseded')
ORDER BY release_no DESC
LIMIT 1
