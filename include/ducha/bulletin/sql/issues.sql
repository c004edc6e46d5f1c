-- 未销号的问题 · problems of the ledger that are open on the last day of the week
SELECT f.name, i.issue_code AS keys, f.label_zh, f.label_en, f.value, NULL::numeric AS numerator,
       NULL::numeric AS denominator, f.unit_of_measure, f.word,
       jsonb_build_object('table', 'mart.issue', 'where', jsonb_build_object('issue_code', i.issue_code)) AS source
FROM mart.issue i CROSS JOIN LATERAL (VALUES
    (1, 'issue.unit', '责任单位', 'Unit', NULL::numeric, 'unit_code', i.unit),
    (2, 'issue.source', '来源', 'Source', NULL, 'text', i.source),
    (3, 'issue.cause', '根源', 'Root cause', NULL, 'text', i.root_cause),
    (4, 'issue.measure', '措施', 'Measure', NULL, 'text', i.measure),
    (5, 'issue.due', '时限', 'Due', NULL, 'date', i.due_on::text),
    (6, 'issue.overdue', '超期天数', 'Days overdue', i.overdue_days::numeric, 'day', NULL)
) AS f(ordinal, name, label_zh, label_en, value, unit_of_measure, word)
WHERE i.county_code = %(county_code)s AND i.opened_on <= %(week)s::date + 6
    AND (i.closed_on IS NULL OR i.closed_on > %(week)s::date + 6)
ORDER BY i.overdue_days DESC NULLS LAST, i.issue_code, f.ordinal
