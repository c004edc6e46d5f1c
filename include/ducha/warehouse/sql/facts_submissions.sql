-- Every submission known by then, with the time it was withdrawn: a withdrawal takes back what came before it.
SELECT s.unit_code, s.week, s.kind, s.submission_id, s.verdict, s.row_count, s.accepted_rows, s.rejected_rows,
       s.received_at, s.known_at, s.ordinal,
       (SELECT min(w.received_at) FROM ledger.withdrawal w
        WHERE w.county_code = s.county_code AND w.unit_code = s.unit_code AND w.week = s.week
          AND w.ordinal > s.ordinal AND w.known_at <= %(known_at)s) AS withdrawn_at
FROM ledger.submission s
WHERE s.county_code = %(county_code)s AND s.known_at <= %(known_at)s AND s.week BETWEEN %(since)s AND %(through)s
ORDER BY s.ordinal, s.submission_id
