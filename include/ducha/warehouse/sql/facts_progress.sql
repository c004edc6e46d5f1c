-- Accepted rows of the submissions that stand, in the order in which they outrank one another.
SELECT f.unit_code, f.week, f.responsibility_code, f.item, f.value, f.numerator, f.denominator, f.done,
       f.happened_on, f.no_change, f.reason, f.measure, f.next_step, f.evidence,
       f.submission_id, f.row_no, f.received_at, f.known_at
FROM ledger.progress f JOIN ledger.submission s USING (county_code, submission_id)
WHERE f.county_code = %(county_code)s AND f.known_at <= %(known_at)s AND f.week <= %(through)s
  AND NOT EXISTS (
      SELECT FROM ledger.withdrawal w
      WHERE w.county_code = s.county_code AND w.unit_code = s.unit_code AND w.week = s.week
        AND w.ordinal > s.ordinal AND w.known_at <= %(known_at)s)
ORDER BY f.week, f.known_at, s.ordinal, f.submission_id, f.sheet, f.row_no
