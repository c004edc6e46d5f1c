-- Accepted rows of the submissions that stand, in the order in which they outrank one another. Whether a submission
-- stands and where it ranks is asked once a submission, not once a row: its facts have its week and its times.
WITH s AS MATERIALIZED (
    SELECT s.county_code, s.submission_id,
           row_number() OVER (ORDER BY s.week, s.known_at, s.ordinal, s.submission_id) AS place
    FROM ledger.submission s
    WHERE s.county_code = %(county_code)s AND s.known_at <= %(known_at)s AND s.week BETWEEN %(since)s AND %(through)s
      AND NOT EXISTS (
          SELECT FROM ledger.withdrawal w
          WHERE w.county_code = s.county_code AND w.unit_code = s.unit_code AND w.week = s.week
            AND w.ordinal > s.ordinal AND w.known_at <= %(known_at)s))
SELECT f.unit_code, f.week, f.responsibility_code, f.item, f.value, f.numerator, f.denominator, f.done,
       f.checked_on, f.method, f.sample_kind, f.submission_id, f.row_no, f.received_at, f.known_at
FROM ledger.inspection f JOIN s USING (county_code, submission_id)
WHERE f.county_code = %(county_code)s AND f.known_at <= %(known_at)s AND f.week BETWEEN %(since)s AND %(through)s
ORDER BY s.place, f.sheet, f.row_no
