-- What came, append-only. Nothing here is ever changed: corrections and withdrawals are new rows.
CREATE SCHEMA ledger;

CREATE TABLE ledger.receipt (
    county_code text, receipt_id text, unit_code text NOT NULL, kind text NOT NULL, source text NOT NULL,
    path text NOT NULL, sha256 text NOT NULL, byte_count bigint NOT NULL, ordinal bigint NOT NULL,
    received_at timestamptz NOT NULL, known_at timestamptz NOT NULL,
    PRIMARY KEY (county_code, receipt_id),
    CHECK (kind IN ('progress', 'inspection')));
CREATE INDEX receipt_by_path ON ledger.receipt (county_code, source, path, ordinal);

CREATE TABLE ledger.submission (
    county_code text, submission_id text, receipt_id text NOT NULL, unit_code text NOT NULL, kind text NOT NULL,
    week date NOT NULL, week_code text NOT NULL, verdict text NOT NULL, row_count int NOT NULL,
    accepted_rows int NOT NULL, rejected_rows int NOT NULL, ordinal bigint NOT NULL,
    received_at timestamptz NOT NULL, known_at timestamptz NOT NULL, batch_id text NOT NULL,
    PRIMARY KEY (county_code, submission_id),
    FOREIGN KEY (county_code, receipt_id) REFERENCES ledger.receipt,
    CHECK (verdict IN ('accepted', 'returned', 'refused')),
    CHECK (row_count = accepted_rows + rejected_rows));
CREATE INDEX submission_by_week ON ledger.submission (county_code, week, unit_code);

CREATE TABLE ledger.progress (
    county_code text, submission_id text, sheet text, row_no int, unit_code text NOT NULL, week date NOT NULL,
    responsibility_code text NOT NULL, item text NOT NULL, value numeric, numerator numeric, denominator numeric,
    done boolean, happened_on date, no_change boolean NOT NULL, reason text NOT NULL, measure text NOT NULL,
    next_step text NOT NULL, evidence text NOT NULL, received_at timestamptz NOT NULL, known_at timestamptz NOT NULL,
    PRIMARY KEY (county_code, submission_id, sheet, row_no),
    FOREIGN KEY (county_code, submission_id) REFERENCES ledger.submission,
    CHECK (value NOT IN ('NaN', 'Infinity', '-Infinity')),
    CHECK (numerator NOT IN ('NaN', 'Infinity', '-Infinity')),
    CHECK (denominator NOT IN ('NaN', 'Infinity', '-Infinity')));
CREATE INDEX progress_by_week ON ledger.progress (county_code, week);

CREATE TABLE ledger.inspection (
    county_code text, submission_id text, sheet text, row_no int, unit_code text NOT NULL, week date NOT NULL,
    responsibility_code text NOT NULL, item text NOT NULL, value numeric, numerator numeric, denominator numeric,
    done boolean, checked_on date, method text NOT NULL, sample_kind text NOT NULL, finding text NOT NULL,
    guidance text NOT NULL, received_at timestamptz NOT NULL, known_at timestamptz NOT NULL,
    PRIMARY KEY (county_code, submission_id, sheet, row_no),
    FOREIGN KEY (county_code, submission_id) REFERENCES ledger.submission,
    CHECK (value NOT IN ('NaN', 'Infinity', '-Infinity')),
    CHECK (numerator NOT IN ('NaN', 'Infinity', '-Infinity')),
    CHECK (denominator NOT IN ('NaN', 'Infinity', '-Infinity')));
CREATE INDEX inspection_by_week ON ledger.inspection (county_code, week);

CREATE TABLE ledger.withdrawal (
    county_code text, withdrawal_id text, unit_code text NOT NULL, week date NOT NULL, week_code text NOT NULL,
    ordinal bigint NOT NULL, received_at timestamptz NOT NULL, known_at timestamptz NOT NULL, reason text NOT NULL,
    PRIMARY KEY (county_code, withdrawal_id));
CREATE INDEX withdrawal_by_slot ON ledger.withdrawal (county_code, unit_code, week);

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '台账只增不改：% 不允许 % · the ledger is append-only: % on % is refused',
        TG_TABLE_NAME, TG_OP, TG_OP, TG_TABLE_NAME
        USING HINT = '更正与撤回请作为新记录提交 · record corrections and withdrawals as new rows';
END $$;
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['receipt', 'submission', 'progress', 'inspection', 'withdrawal'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', t);
    END LOOP;
END $$;
