-- The same for the largest table of a release. Its other tables keep their keys: a release with figures cannot go.
DO $$
DECLARE key text;
BEGIN
    SELECT conname INTO STRICT key FROM pg_constraint
    WHERE conrelid = 'mart.responsibility_unit_week_release'::regclass AND contype = 'f';
    EXECUTE format('ALTER TABLE mart.responsibility_unit_week_release DROP CONSTRAINT %I', key);
END $$;

CREATE FUNCTION mart.require_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE lost text;
BEGIN
    SELECT c.release_id INTO lost FROM (SELECT DISTINCT county_code, release_id FROM came) c
    WHERE NOT EXISTS (SELECT FROM ops.release r
                      WHERE r.county_code = c.county_code AND r.release_id = c.release_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE foreign_key_violation USING
            MESSAGE = format('%s：没有版本 %s · no release %s', TG_TABLE_NAME, lost, lost),
            HINT = '先写入版本，再写入其数据 · write the release before its figures';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER has_release AFTER INSERT ON mart.responsibility_unit_week_release
    REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION mart.require_release();
