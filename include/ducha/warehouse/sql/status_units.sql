-- Who has reported, in a release.
SELECT s.unit_code, u.name_zh, u.name_en, s.status, s.expected_rows, s.accepted_rows, s.rejected_rows,
       s.first_received_at, s.last_received_at, s.versions
FROM mart.submission_week_release s
JOIN catalogue.unit u ON u.county_code = s.county_code AND u.unit_code = s.unit_code AND u.known_to IS NULL
WHERE s.county_code = %(county_code)s AND s.release_id = %(release_id)s
ORDER BY s.unit_code
