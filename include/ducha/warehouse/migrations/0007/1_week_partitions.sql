-- Facts lie in a table a week, in a schema of their own; `ledger.progress` and `ledger.inspection` are all of them. A load
-- goes into the table of its week, keys and guards and all, in about twice the time of a bare COPY (bench/load.py), and
-- a question about a plan year opens its weeks only.
CREATE SCHEMA ledger_week;
COMMENT ON SCHEMA ledger_week IS 'one table a week behind ledger.progress and ledger.inspection; read those';

DROP TRIGGER has_submission ON ledger.progress;
DROP TRIGGER has_submission ON ledger.inspection;
DROP FUNCTION ledger.require_submission();

-- A submission's facts come in one statement, all of them, after it: neither a fact without a submission nor a half.
CREATE FUNCTION ledger.require_submission() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE lost record;
BEGIN
    SELECT c.submission_id, c.n, s.accepted_rows INTO lost
    FROM (SELECT county_code, submission_id, count(*) AS n FROM came GROUP BY county_code, submission_id) c
    LEFT JOIN ledger.submission s USING (county_code, submission_id)
    WHERE s.accepted_rows IS DISTINCT FROM c.n
    ORDER BY c.submission_id LIMIT 1;
    IF FOUND AND lost.accepted_rows IS NULL THEN
        RAISE foreign_key_violation USING
            MESSAGE = format('%s：没有报送 %s · no submission %s', TG_TABLE_NAME, lost.submission_id, lost.submission_id),
            HINT = '先记录报送，再记录其中的事实 · record the submission before its facts';
    ELSIF FOUND THEN
        RAISE check_violation USING
            MESSAGE = format('%s：报送 %s 应有 %s 行，来了 %s 行 · submission %s has %s rows, %s came', TG_TABLE_NAME,
                             lost.submission_id, lost.accepted_rows, lost.n, lost.submission_id, lost.accepted_rows, lost.n),
            HINT = '一份报送的事实要一次全部记录 · record all facts of a submission at once';
    END IF;
    RETURN NULL;
END $$;

CREATE PROCEDURE ledger.guard(facts regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', facts);
    EXECUTE format('CREATE TRIGGER has_submission AFTER INSERT ON %s '
                   'REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION ledger.require_submission()', facts);
END $$;

-- The table that holds the facts of a week, made when the first of them come; two loads that come at once make it once.
CREATE FUNCTION ledger.week_table(facts text, week date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    monday date := date_trunc('week', week);
    name text := 'ledger_week.' || facts || to_char(monday, '_IYYY"w"IW');
BEGIN
    IF to_regclass(name) IS NULL THEN
        EXECUTE format('LOCK TABLE ledger.%I IN SHARE UPDATE EXCLUSIVE MODE', facts);
        IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %s (LIKE ledger.%I INCLUDING ALL)', name, facts);
            EXECUTE format('ALTER TABLE ledger.%I ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', facts, name, monday, monday + 7);
            CALL ledger.guard(name);
        END IF;
    END IF;
    RETURN name;
END $$;

DO $$
DECLARE facts text; week date;
BEGIN
    FOREACH facts IN ARRAY ARRAY['progress', 'inspection'] LOOP
        EXECUTE format('ALTER TABLE ledger.%I SET SCHEMA ledger_week', facts);
        EXECUTE format('CREATE TABLE ledger.%1$I (LIKE ledger_week.%1$I INCLUDING CONSTRAINTS INCLUDING COMMENTS, '
                       'PRIMARY KEY (county_code, week, submission_id, row_no, sheet)) PARTITION BY RANGE (week)', facts);
        FOR week IN EXECUTE format('SELECT DISTINCT week FROM ledger_week.%I ORDER BY 1', facts) LOOP
            PERFORM ledger.week_table(facts, week);
        END LOOP;
        EXECUTE format('INSERT INTO ledger.%1$I SELECT * FROM ledger_week.%1$I '
                       'ORDER BY county_code, week, submission_id, row_no, sheet', facts);
        CALL ledger.guard(('ledger.' || facts)::regclass);
        EXECUTE format('DROP TABLE ledger_week.%I', facts);
    END LOOP;
END $$;
COMMENT ON TABLE ledger.progress IS '进度事实 · accepted row of a progress submission';
COMMENT ON TABLE ledger.inspection IS '核查事实 · accepted row of an inspection submission';
GRANT SELECT ON ledger.progress, ledger.inspection TO ducha_analyst;
