-- How the work went: runs, releases, what intake said of each file and row. (The schema is made before the first migration.)
CREATE TABLE ops.run (
    county_code text, run_id text, verb text NOT NULL, week_code text, status text NOT NULL,
    started_at timestamptz NOT NULL, finished_at timestamptz, detail jsonb NOT NULL,
    PRIMARY KEY (county_code, run_id));
CREATE TABLE ops.release (
    county_code text, release_id text, week date NOT NULL, week_code text NOT NULL, release_no int NOT NULL,
    released_at timestamptz NOT NULL, facts_frozen_at timestamptz NOT NULL, status text NOT NULL,
    content_sha256 text NOT NULL,
    PRIMARY KEY (county_code, release_id),
    UNIQUE (county_code, week, release_no),
    CHECK (status IN ('draft', 'audited', 'published', 'superseded', 'what_if', 'failed')));
CREATE TABLE ops.audit_result (
    county_code text, release_id text, check_code text, is_passed boolean NOT NULL, figure text NOT NULL,
    expected text NOT NULL, found text NOT NULL,
    PRIMARY KEY (county_code, release_id, check_code, figure));
CREATE TABLE ops.intake_event (
    county_code text, receipt_id text, event_no int, unit_code text NOT NULL, week_code text NOT NULL,
    reason_code text NOT NULL, file text NOT NULL, sheet text NOT NULL, cell text NOT NULL, row_no int NOT NULL,
    responsibility_code text NOT NULL, raw_content text NOT NULL, message_zh text NOT NULL,
    message_en text NOT NULL, known_at timestamptz NOT NULL,
    PRIMARY KEY (county_code, receipt_id, event_no));
CREATE TABLE ops.rejected_row (
    county_code text, receipt_id text, sheet text, row_no int, unit_code text NOT NULL, week_code text NOT NULL,
    responsibility_code text NOT NULL, reason_code text NOT NULL, file text NOT NULL, cell text NOT NULL,
    raw_content text NOT NULL, message_zh text NOT NULL, message_en text NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (county_code, receipt_id, sheet, row_no));
CREATE TABLE ops.returned_file (
    county_code text, receipt_id text, unit_code text NOT NULL, path text NOT NULL, sha256 text NOT NULL,
    returned_at timestamptz NOT NULL,
    PRIMARY KEY (county_code, receipt_id));

-- One question as a cursor: a string that holds more than one statement, or one that answers nothing, is refused here.
CREATE FUNCTION ops.open_question(question text) RETURNS refcursor LANGUAGE plpgsql AS $$
DECLARE answer refcursor := 'answer';
BEGIN
    OPEN answer FOR EXECUTE question;
    RETURN answer;
END $$;
