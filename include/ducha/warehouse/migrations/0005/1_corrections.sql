-- A correction says between which releases it lies.
ALTER TABLE mart.correction
    ADD COLUMN release_id text NOT NULL, ADD COLUMN corrected_release_id text NOT NULL, ADD COLUMN week date NOT NULL,
    ADD COLUMN week_code text NOT NULL, ALTER COLUMN "table" SET NOT NULL, ALTER COLUMN key SET NOT NULL,
    ALTER COLUMN "column" SET NOT NULL, ALTER COLUMN reason SET NOT NULL, ALTER COLUMN known_at SET NOT NULL,
    ADD FOREIGN KEY (county_code, release_id) REFERENCES ops.release,
    ADD FOREIGN KEY (county_code, corrected_release_id) REFERENCES ops.release;
CREATE INDEX correction_by_release ON mart.correction (county_code, release_id);
COMMENT ON TABLE mart.correction IS
    '更正 · figure of a published release that a newer release of the same week says otherwise, and why';
COMMENT ON COLUMN mart.correction.correction_id IS 'code · 更正 · release_id and a number in order of table, key, column';
COMMENT ON COLUMN mart.correction.release_id IS 'code · 更正后版本 · the newer release, ops.release';
COMMENT ON COLUMN mart.correction.corrected_release_id IS 'code · 被更正版本 · the published release, ops.release';
COMMENT ON COLUMN mart.correction.week IS 'date · 周一 · Monday of the week whose figure is corrected';
COMMENT ON COLUMN mart.correction.week_code IS 'code · 周次 · like 2022-W02';
COMMENT ON COLUMN mart.correction.reason IS 'text · 原因 · the facts and catalogue changes known since, zh · en';
COMMENT ON COLUMN mart.correction.known_at IS 'timestamptz · the instant up to which facts are in the newer release';
COMMENT ON COLUMN mart.correction.completion_effect IS 'fraction · 对完成率的影响 · completion of this key, after less before';
COMMENT ON COLUMN mart.correction.rank_effect IS 'places · 对排名的影响 · rank before less after: positive is better';

-- Facts that came after a release and change nothing in it: until when that is known, so that nobody computes it again.
ALTER TABLE ops.release ADD COLUMN holds_until timestamptz;
COMMENT ON COLUMN ops.release.holds_until IS
    'timestamptz · the last instant whose facts were found to give the same figures; empty = facts_frozen_at';
