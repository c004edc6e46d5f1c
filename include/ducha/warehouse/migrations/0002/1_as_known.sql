-- mart.T answers as published by the instant that the transaction's setting ducha.as_known names, under every name a
-- query may give it; without the setting it is the newest release of each week, as before.
CREATE FUNCTION ops.as_known() RETURNS timestamptz LANGUAGE sql STABLE AS
    'SELECT coalesce(nullif(current_setting(''ducha.as_known'', true), '''')::timestamptz, ''infinity'')';
COMMENT ON FUNCTION ops.as_known() IS 'the instant that mart.T answers for: setting ducha.as_known, else now and ever';
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['responsibility_unit_week', 'responsibility_week', 'unit_week', 'area_week', 'leader_week', 'task_force_week', 'county_week', 'submission_week', 'verification_week', 'red_line_week'] LOOP
        EXECUTE format(
            'CREATE OR REPLACE VIEW mart.%1$I WITH (security_invoker) AS SELECT r.* FROM mart.%2$I r JOIN ('
            'SELECT DISTINCT ON (county_code, week) county_code, release_id FROM ops.release '
            'WHERE status IN (''audited'', ''published'', ''superseded'') AND released_at <= ops.as_known() '
            'ORDER BY county_code, week, release_no DESC'
            ') newest USING (county_code, release_id)', t, t || '_release');
    END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION ops.as_known() TO ducha_analyst;
