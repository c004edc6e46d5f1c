-- What the county has decided, each row with the time it was known: a change closes the old version and adds a new one.
CREATE SCHEMA catalogue;

CREATE TABLE catalogue.county (
    county_code text, name_zh text NOT NULL, name_en text NOT NULL, settings jsonb NOT NULL,
    known_from timestamptz, known_to timestamptz, loaded_by text NOT NULL,
    PRIMARY KEY (county_code, known_from));
CREATE TABLE catalogue.unit (
    county_code text, unit_code text, name_zh text NOT NULL, name_en text NOT NULL, unit_type text NOT NULL,
    peer_group text NOT NULL, opened_on date, closed_on date,
    known_from timestamptz, known_to timestamptz, loaded_by text NOT NULL,
    PRIMARY KEY (county_code, unit_code, known_from));
CREATE TABLE catalogue.leader (
    county_code text, leader_code text, title_zh text NOT NULL, title_en text NOT NULL,
    known_from timestamptz, known_to timestamptz, loaded_by text NOT NULL,
    PRIMARY KEY (county_code, leader_code, known_from));
CREATE TABLE catalogue.area (
    county_code text, area_code text, name_zh text NOT NULL, name_en text NOT NULL, parent_code text NOT NULL,
    known_from timestamptz, known_to timestamptz, loaded_by text NOT NULL,
    PRIMARY KEY (county_code, area_code, known_from));
CREATE TABLE catalogue.week (
    county_code text, week date, week_code text NOT NULL, plan_year int NOT NULL, cut_off_at timestamptz,
    cut_off_on date, freeze_at timestamptz, month_end_on date, quarter_end_on date, half_year_end_on date,
    is_official boolean NOT NULL,
    known_from timestamptz, known_to timestamptz, loaded_by text NOT NULL,
    PRIMARY KEY (county_code, week, known_from));
CREATE TABLE catalogue.responsibility (
    county_code text, plan_year int, responsibility_code text, title_zh text NOT NULL, title_en text NOT NULL,
    area_code text NOT NULL, kind text NOT NULL, measure text NOT NULL, direction text NOT NULL,
    time_basis text NOT NULL, unit_of_measure text NOT NULL, baseline numeric, target numeric, target_low numeric,
    target_high numeric, rank_start numeric, target_authority text NOT NULL, is_sample_target boolean NOT NULL,
    weight numeric NOT NULL, start_on date, due_on date, cadence text NOT NULL, season text NOT NULL,
    plan_shape text NOT NULL, plan_points text NOT NULL, leader_code text NOT NULL, task_force_code text NOT NULL,
    tolerance numeric, source_section text NOT NULL, definition text NOT NULL,
    known_from timestamptz, known_to timestamptz, loaded_by text NOT NULL,
    PRIMARY KEY (county_code, plan_year, responsibility_code, known_from));
CREATE TABLE catalogue.assignment (
    county_code text, plan_year int, responsibility_code text, unit_code text, role text NOT NULL,
    share numeric NOT NULL, baseline numeric, target numeric, weight numeric, from_on date, to_on date,
    known_from timestamptz, known_to timestamptz, loaded_by text NOT NULL,
    PRIMARY KEY (county_code, plan_year, responsibility_code, unit_code, known_from));
CREATE TABLE catalogue.item (
    county_code text, plan_year int, responsibility_code text, item_code text, title_zh text NOT NULL,
    title_en text NOT NULL, weight numeric NOT NULL, due_on date,
    known_from timestamptz, known_to timestamptz, loaded_by text NOT NULL,
    PRIMARY KEY (county_code, plan_year, responsibility_code, item_code, known_from));
CREATE TABLE catalogue.exception (
    county_code text, plan_year int, responsibility_code text, unit_code text, state text NOT NULL, from_on date,
    to_on date, reason text NOT NULL, approved_by text NOT NULL,
    known_from timestamptz, known_to timestamptz, loaded_by text NOT NULL,
    PRIMARY KEY (county_code, plan_year, responsibility_code, unit_code, state, from_on, known_from));
CREATE TABLE catalogue.portfolio (
    county_code text, leader_code text, responsibility_code text, from_on date, to_on date,
    known_from timestamptz, known_to timestamptz, loaded_by text NOT NULL,
    PRIMARY KEY (county_code, leader_code, responsibility_code, from_on, known_from));
CREATE TABLE catalogue.rule (
    county_code text, rule_code text, definition text NOT NULL,
    known_from timestamptz, known_to timestamptz, loaded_by text NOT NULL,
    PRIMARY KEY (county_code, rule_code, known_from));
