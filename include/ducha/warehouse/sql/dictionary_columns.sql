-- Columns of the warehouse in their order, with type and meaning (the COMMENT).
SELECT n.nspname AS schema, c.relname AS relation, a.attname AS name,
       format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS is_required,
       col_description(c.oid, a.attnum) AS meaning
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname IN ('catalogue', 'ledger', 'mart', 'ops') AND c.relkind IN ('r', 'p', 'v')
  AND NOT c.relispartition AND c.relname <> 'schema_version'
ORDER BY schema, relation, a.attnum
