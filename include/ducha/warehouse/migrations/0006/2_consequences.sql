-- What follows for a unit, and what is asked of it.
ALTER TABLE mart.unit_week_release
    ADD COLUMN bonus numeric, ADD COLUMN penalty numeric, ADD COLUMN points_evidence text,
    ADD COLUMN missed_weeks int, ADD COLUMN ladder_step text,
    ADD CHECK (ladder_step IN ('reminder', 'notice', 'yellow', 'red'));
CREATE TABLE mart.quality_week_release (
    county_code text, release_id text, week date, unit_code text, week_code text NOT NULL, fields_asked int NOT NULL,
    duplicate_fields int NOT NULL, files_asked int NOT NULL, files_sent int NOT NULL, empty_files int NOT NULL,
    corrected_rows int NOT NULL, repeated_rows int NOT NULL, stale_rows int NOT NULL, longest_stale int NOT NULL,
    unchanged_rows int NOT NULL, longest_unchanged int NOT NULL,
    PRIMARY KEY (county_code, release_id, week, unit_code),
    FOREIGN KEY (county_code, release_id) REFERENCES ops.release);
-- Proven cases of merit and fault (加分、扣分).
CREATE TABLE catalogue.extra_point (
    county_code text, case_code text, unit_code text NOT NULL, kind text NOT NULL, happened_on date NOT NULL,
    case_count numeric NOT NULL, evidence text NOT NULL, approved_by text NOT NULL,
    known_from timestamptz, known_to timestamptz, loaded_by text NOT NULL,
    PRIMARY KEY (county_code, case_code, known_from),
    CHECK (kind IN ('bonus', 'penalty')));
