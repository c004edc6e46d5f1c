-- Why a row has no projection, and how projections made four weeks before fared.
ALTER TABLE mart.responsibility_unit_week_release ADD COLUMN projection_reason text;
CREATE TABLE mart.projection_week_release (
    county_code text, release_id text, week date, horizon_weeks int, week_code text NOT NULL, "interval" numeric NOT NULL,
    checked_count int NOT NULL, covered_count int NOT NULL, coverage numeric, median_error numeric,
    PRIMARY KEY (county_code, release_id, week, horizon_weeks),
    FOREIGN KEY (county_code, release_id) REFERENCES ops.release,
    CHECK (covered_count <= checked_count));
COMMENT ON COLUMN mart.responsibility_unit_week_release.projection_reason IS
    'text · 无预计的原因 · why there is no projection: insufficient_history, no_date, past_due, no_number, red_line; empty = there is one';
