-- What shows the released tables, now in one place for this and later migrations: the views and functions of every one, with the columns
-- that came last, and what each column means.
CREATE PROCEDURE ops.show_released_tables() LANGUAGE plpgsql AS $procedure$
DECLARE t text; c record;
BEGIN
    FOR t IN SELECT regexp_replace(relname, '_release$', '') FROM pg_class
             WHERE relnamespace = 'mart'::regnamespace AND relkind = 'r' AND relname ~ '_release$' LOOP
        EXECUTE format(
            'CREATE OR REPLACE VIEW mart.%1$I WITH (security_invoker) AS SELECT r.* FROM mart.%2$I r JOIN ('
            'SELECT DISTINCT ON (county_code, week) county_code, release_id FROM ops.release '
            'WHERE status IN (''audited'', ''published'', ''superseded'') AND released_at <= ops.as_known() '
            'ORDER BY county_code, week, release_no DESC'
            ') newest USING (county_code, release_id)', t, t || '_release');
        EXECUTE format(
            'CREATE OR REPLACE FUNCTION mart.%1$I(known timestamptz) RETURNS SETOF mart.%2$I LANGUAGE sql STABLE AS '
            '''SELECT r.* FROM mart.%2$I r JOIN ('
            'SELECT DISTINCT ON (county_code, week) county_code, release_id FROM ops.release '
            'WHERE status IN (''''audited'''', ''''published'''', ''''superseded'''') AND released_at <= known '
            'ORDER BY county_code, week, release_no DESC) newest USING (county_code, release_id)''',
            t || '_as_known', t || '_release');
        -- What a column means stands on its table; the view says the same.
        FOR c IN SELECT a.attname AS col, col_description(a.attrelid, a.attnum) AS meaning FROM pg_attribute a
                 WHERE a.attrelid = format('mart.%I', t || '_release')::regclass AND a.attnum > 0 AND NOT a.attisdropped LOOP
            EXECUTE format('COMMENT ON COLUMN mart.%I.%I IS %L', t, c.col, c.meaning);
        END LOOP;
    END LOOP;
    GRANT SELECT ON ALL TABLES IN SCHEMA mart TO ducha_analyst;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA mart TO ducha_analyst;
END $procedure$;
CALL ops.show_released_tables();
