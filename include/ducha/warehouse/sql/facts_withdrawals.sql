SELECT unit_code, week, ordinal, received_at, known_at, reason
FROM ledger.withdrawal
WHERE county_code = %(county_code)s AND known_at <= %(known_at)s AND week BETWEEN %(since)s AND %(through)s
ORDER BY ordinal, withdrawal_id
