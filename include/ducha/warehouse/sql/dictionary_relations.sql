-- Tables and views of the warehouse with their grain (the COMMENT) and primary key.
SELECT n.nspname AS schema, c.relname AS relation, c.relkind = 'v' AS is_view,
       obj_description(c.oid, 'pg_class') AS grain,
       coalesce((SELECT array_agg(a.attname::text ORDER BY k.position)
                 FROM pg_index i
                 CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, position)
                 JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                 WHERE i.indrelid = c.oid AND i.indisprimary), '{}') AS key
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('catalogue', 'ledger', 'mart', 'ops') AND c.relkind IN ('r', 'p', 'v')
  AND NOT c.relispartition AND c.relname <> 'schema_version'
ORDER BY schema, relation
