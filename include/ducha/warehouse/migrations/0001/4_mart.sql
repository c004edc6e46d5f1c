-- What analysts read. mart.T is a view of the newest release of each week, mart.T_release holds every release,
-- mart.T_as_known(T) answers as published by then.
CREATE SCHEMA mart;

CREATE TABLE mart.responsibility_unit_week_release (
    county_code text, release_id text, plan_year int, week date, responsibility_code text, unit_code text,
    week_code text NOT NULL, kind text NOT NULL, measure text NOT NULL, direction text, role text NOT NULL,
    share numeric NOT NULL, weight numeric NOT NULL, baseline numeric, target numeric, planned_value numeric,
    planned_completion numeric, reported_value numeric, verified_value numeric, numerator numeric,
    denominator numeric, completion_reported numeric, completion_verified numeric, completion numeric,
    schedule_gap numeric, raw_light text NOT NULL, light text NOT NULL, light_reason text,
    is_near_due boolean NOT NULL, state text NOT NULL, is_report_due boolean NOT NULL,
    is_baseline_assumed boolean NOT NULL, weeks_stale int, unchanged_periods int, leader_code text,
    area_code text, task_force_code text, submission_id text, reported_at timestamptz,
    projected_completion numeric, projection_low numeric, projection_high numeric,
    PRIMARY KEY (county_code, release_id, plan_year, week, responsibility_code, unit_code),
    FOREIGN KEY (county_code, release_id) REFERENCES ops.release);
CREATE TABLE mart.responsibility_week_release (
    county_code text, release_id text, plan_year int, week date, responsibility_code text,
    week_code text NOT NULL, completion numeric, is_partial boolean NOT NULL, numerator numeric,
    denominator numeric, unit_count int NOT NULL, closed_count int, suspended_count int, exempt_count int,
    not_started_count int, no_target_count int, no_baseline_count int, no_date_count int, awaiting_count int,
    missing_count int, unknown_count int, carried_count int, counted_count int, red_count int,
    yellow_count int, grey_count int, green_count int, worst_light text,
    PRIMARY KEY (county_code, release_id, plan_year, week, responsibility_code),
    FOREIGN KEY (county_code, release_id) REFERENCES ops.release);
CREATE TABLE mart.unit_week_release (
    county_code text, release_id text, week date, unit_code text, week_code text NOT NULL, completion numeric,
    weight_sum numeric, closed_count int, suspended_count int, exempt_count int, not_started_count int,
    no_target_count int, no_baseline_count int, no_date_count int, awaiting_count int, missing_count int,
    unknown_count int, carried_count int, counted_count int, red_count int, yellow_count int, grey_count int,
    green_count int, worst_light text, peer_group text, rank int, rank_reason text, rank_best int,
    rank_worst int, rank_change int, completeness numeric, timeliness numeric, first_pass_validity numeric,
    discrepancy_rate numeric, discrepancy_low numeric, discrepancy_high numeric, is_vetoed boolean,
    veto_reason text,
    PRIMARY KEY (county_code, release_id, week, unit_code),
    FOREIGN KEY (county_code, release_id) REFERENCES ops.release);
CREATE TABLE mart.area_week_release (
    county_code text, release_id text, week date, area_code text, week_code text NOT NULL, completion numeric,
    worst_light text, responsibility_count int NOT NULL, closed_count int, suspended_count int,
    exempt_count int, not_started_count int, no_target_count int, no_baseline_count int, no_date_count int,
    awaiting_count int, missing_count int, unknown_count int, carried_count int, counted_count int,
    red_count int, yellow_count int, grey_count int, green_count int, cohort_change numeric, entered_count int,
    left_count int,
    PRIMARY KEY (county_code, release_id, week, area_code),
    FOREIGN KEY (county_code, release_id) REFERENCES ops.release);
CREATE TABLE mart.leader_week_release (
    county_code text, release_id text, week date, leader_code text, week_code text NOT NULL,
    completion numeric, worst_light text, responsibility_count int NOT NULL, closed_count int,
    suspended_count int, exempt_count int, not_started_count int, no_target_count int, no_baseline_count int,
    no_date_count int, awaiting_count int, missing_count int, unknown_count int, carried_count int,
    counted_count int, red_count int, yellow_count int, grey_count int, green_count int, cohort_change numeric,
    entered_count int, left_count int,
    PRIMARY KEY (county_code, release_id, week, leader_code),
    FOREIGN KEY (county_code, release_id) REFERENCES ops.release);
CREATE TABLE mart.task_force_week_release (
    county_code text, release_id text, week date, task_force_code text, week_code text NOT NULL,
    completion numeric, worst_light text, responsibility_count int NOT NULL, closed_count int,
    suspended_count int, exempt_count int, not_started_count int, no_target_count int, no_baseline_count int,
    no_date_count int, awaiting_count int, missing_count int, unknown_count int, carried_count int,
    counted_count int, red_count int, yellow_count int, grey_count int, green_count int, cohort_change numeric,
    entered_count int, left_count int,
    PRIMARY KEY (county_code, release_id, week, task_force_code),
    FOREIGN KEY (county_code, release_id) REFERENCES ops.release);
CREATE TABLE mart.county_week_release (
    county_code text, release_id text, week date, week_code text NOT NULL, completion numeric,
    worst_light text, responsibility_count int NOT NULL, closed_count int, suspended_count int,
    exempt_count int, not_started_count int, no_target_count int, no_baseline_count int, no_date_count int,
    awaiting_count int, missing_count int, unknown_count int, carried_count int, counted_count int,
    red_count int, yellow_count int, grey_count int, green_count int, cohort_change numeric, entered_count int,
    left_count int,
    PRIMARY KEY (county_code, release_id, week),
    FOREIGN KEY (county_code, release_id) REFERENCES ops.release);
CREATE TABLE mart.submission_week_release (
    county_code text, release_id text, week date, unit_code text, week_code text NOT NULL,
    expected_rows int NOT NULL, accepted_rows int NOT NULL, on_time_rows int NOT NULL,
    changed_late_rows int NOT NULL, rejected_rows int NOT NULL, first_received_at timestamptz,
    last_received_at timestamptz, is_on_time boolean, versions int NOT NULL, withdrawn_count int NOT NULL,
    returned_at timestamptz, status text NOT NULL,
    PRIMARY KEY (county_code, release_id, week, unit_code),
    FOREIGN KEY (county_code, release_id) REFERENCES ops.release);
CREATE TABLE mart.verification_week_release (
    county_code text, release_id text, week date, unit_code text, responsibility_code text, item text,
    week_code text NOT NULL, reported numeric, verified numeric, factor numeric, is_discrepant boolean,
    tolerance numeric, method text, sample_kind text,
    PRIMARY KEY (county_code, release_id, week, unit_code, responsibility_code, item),
    FOREIGN KEY (county_code, release_id) REFERENCES ops.release);
CREATE TABLE mart.red_line_week_release (
    county_code text, release_id text, week date, responsibility_code text, unit_code text,
    week_code text NOT NULL, events numeric, zero_reports_expected int, zero_reports_received int,
    state text NOT NULL,
    PRIMARY KEY (county_code, release_id, week, responsibility_code, unit_code),
    FOREIGN KEY (county_code, release_id) REFERENCES ops.release);

CREATE TABLE mart.issue (
    county_code text, issue_code text, source text, severity text, root_cause text, measure text, unit text,
    opened_on date, due_on date, reported_on date, rechecked_on date, closed_on date, state text, overdue_days int,
    reopened_count int, repeat_of text,
    PRIMARY KEY (county_code, issue_code));
CREATE TABLE mart.correction (
    county_code text, correction_id text, "table" text, key jsonb, "column" text, before text, after text,
    reason text, known_at timestamptz, completion_effect numeric, rank_effect int,
    PRIMARY KEY (county_code, correction_id));
CREATE TABLE mart.bulletin (
    county_code text, bulletin_id text, week date NOT NULL, week_code text NOT NULL, issue_year int NOT NULL,
    issue_no int NOT NULL, total_no int NOT NULL, status text NOT NULL, signer text, signed_at timestamptz,
    decision_reason text, release_id text NOT NULL, drafted_at timestamptz NOT NULL, published_at timestamptz,
    directory text NOT NULL, files jsonb NOT NULL,
    PRIMARY KEY (county_code, bulletin_id),
    FOREIGN KEY (county_code, release_id) REFERENCES ops.release,
    CHECK (status IN ('draft', 'signed', 'published', 'superseded', 'rejected')));
CREATE TABLE mart.bulletin_figure (
    county_code text, bulletin_id text, figure_code text, section text NOT NULL, ordinal int NOT NULL,
    label_zh text NOT NULL, label_en text NOT NULL, text_zh text NOT NULL, text_en text NOT NULL, value numeric,
    numerator numeric, denominator numeric, unit_of_measure text NOT NULL, query text NOT NULL, source_keys jsonb NOT NULL,
    PRIMARY KEY (county_code, bulletin_id, figure_code),
    FOREIGN KEY (county_code, bulletin_id) REFERENCES mart.bulletin);

-- One view and one function a released table. A what-if or failed release is never shown as the county's word.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['responsibility_unit_week', 'responsibility_week', 'unit_week', 'area_week', 'leader_week', 'task_force_week', 'county_week', 'submission_week', 'verification_week', 'red_line_week'] LOOP
        EXECUTE format(
            'CREATE VIEW mart.%1$I WITH (security_invoker) AS SELECT r.* FROM mart.%2$I r JOIN ('
            'SELECT DISTINCT ON (county_code, week) county_code, release_id FROM ops.release '
            'WHERE status IN (''audited'', ''published'', ''superseded'') ORDER BY county_code, week, release_no DESC'
            ') newest USING (county_code, release_id)', t, t || '_release');
        EXECUTE format(
            'CREATE FUNCTION mart.%1$I(known timestamptz) RETURNS SETOF mart.%2$I LANGUAGE sql STABLE AS '
            '''SELECT r.* FROM mart.%2$I r JOIN ('
            'SELECT DISTINCT ON (county_code, week) county_code, release_id FROM ops.release '
            'WHERE status IN (''''audited'''', ''''published'''', ''''superseded'''') AND released_at <= known '
            'ORDER BY county_code, week, release_no DESC) newest USING (county_code, release_id)''',
            t || '_as_known', t || '_release');
    END LOOP;
END $$;

-- The analyst reads and never writes.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ducha_analyst') THEN
        CREATE ROLE ducha_analyst NOLOGIN;
    END IF;
END $$;
GRANT USAGE ON SCHEMA catalogue, ledger, mart, ops TO ducha_analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA catalogue, ledger, mart, ops TO ducha_analyst;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA mart TO ducha_analyst;
