-- Marked workbooks sent back for a week.
SELECT DISTINCT f.unit_code, f.path
FROM ops.returned_file f
JOIN ledger.submission s USING (county_code, receipt_id)
WHERE f.county_code = %(county_code)s AND s.week_code = %(week_code)s
ORDER BY f.unit_code, f.path
