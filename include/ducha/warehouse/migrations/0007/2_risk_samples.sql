-- Random and risk samples apart, each with what its rate is made of.
ALTER TABLE mart.unit_week_release
    ADD COLUMN checked_count int, ADD COLUMN discrepant_count int,
    ADD COLUMN risk_checked_count int, ADD COLUMN risk_discrepant_count int, ADD COLUMN risk_discrepancy_rate numeric,
    ADD COLUMN risk_discrepancy_low numeric, ADD COLUMN risk_discrepancy_high numeric;
COMMENT ON COLUMN mart.unit_week_release.checked_count IS 'count · 随机抽查数 · checks of the random sample that could be compared, plan year to date';
COMMENT ON COLUMN mart.unit_week_release.discrepant_count IS 'count · 随机抽查不符数 · those that found another value than was reported, beyond the tolerance';
COMMENT ON COLUMN mart.unit_week_release.risk_checked_count IS 'count · 风险抽查数 · checks of the risk sample that could be compared, plan year to date; never pooled with the random ones';
COMMENT ON COLUMN mart.unit_week_release.risk_discrepant_count IS 'count · 风险抽查不符数 · those that found another value than was reported, beyond the tolerance';
COMMENT ON COLUMN mart.unit_week_release.risk_discrepancy_rate IS 'fraction · 风险抽查不符率 · risk_discrepant_count ÷ risk_checked_count';
COMMENT ON COLUMN mart.unit_week_release.risk_discrepancy_low IS 'fraction · lower end of the Wilson 95 % interval';
COMMENT ON COLUMN mart.unit_week_release.risk_discrepancy_high IS 'fraction · upper end of the Wilson 95 % interval';
COMMENT ON COLUMN mart.unit_week_release.discrepancy_rate IS 'fraction · 随机抽查不符率 · discrepant_count ÷ checked_count';
