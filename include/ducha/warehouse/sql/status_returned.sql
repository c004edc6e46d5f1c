-- Marked workbooks sent back for a week that still wait for a corrected one.
SELECT DISTINCT f.unit_code, f.path
FROM ops.returned_file f
JOIN ledger.submission s USING (county_code, receipt_id)
WHERE f.county_code = %(county_code)s AND s.week_code = %(week_code)s
  AND NOT EXISTS (
      SELECT FROM ledger.submission later
      WHERE later.county_code = s.county_code AND later.unit_code = s.unit_code AND later.week = s.week
        AND later.kind = s.kind AND later.ordinal > s.ordinal AND later.verdict = 'accepted')
ORDER BY f.unit_code, f.path
