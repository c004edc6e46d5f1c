-- What the new tables and columns mean; what stands in several tables means what it means there.
COMMENT ON TABLE mart.projection_week_release IS 'week × horizon: how the projections made so many weeks before fared · every release';
COMMENT ON COLUMN mart.projection_week_release.horizon_weeks IS 'weeks · 预计期 · how far ahead the projection looked';
COMMENT ON COLUMN mart.projection_week_release."interval" IS 'fraction · 区间应含比例 · share of values that the interval should hold';
COMMENT ON COLUMN mart.projection_week_release.checked_count IS 'count · 回测行数 · rows with a projection then and a number now';
COMMENT ON COLUMN mart.projection_week_release.covered_count IS 'count · 落入区间行数 · rows whose number lies inside the interval';
COMMENT ON COLUMN mart.projection_week_release.coverage IS 'fraction · 覆盖率 · covered_count ÷ checked_count, whatever it is';
COMMENT ON COLUMN mart.projection_week_release.median_error IS 'fraction · 误差中位数 · median of |completion − projection|';
COMMENT ON TABLE mart.quality_week_release IS 'week × unit: what reporting asks of it and what it gives · every release';
COMMENT ON COLUMN mart.quality_week_release.fields_asked IS 'count · 应填格数 · cells of the rows expected this week';
COMMENT ON COLUMN mart.quality_week_release.duplicate_fields IS 'count · 重复格数 · cells asked under another duty of the same definition and unit of measure too';
COMMENT ON COLUMN mart.quality_week_release.files_asked IS 'count · 应报份数 · files the week asks for';
COMMENT ON COLUMN mart.quality_week_release.files_sent IS 'count · 实报份数 · files that came';
COMMENT ON COLUMN mart.quality_week_release.empty_files IS 'count · 空报份数 · standing files without an accepted row';
COMMENT ON COLUMN mart.quality_week_release.corrected_rows IS 'count · 更正行数 · rows whose last version says otherwise than the one before';
COMMENT ON COLUMN mart.quality_week_release.repeated_rows IS 'count · 重复报送行数 · rows sent again unchanged';
COMMENT ON COLUMN mart.quality_week_release.stale_rows IS 'count · 陈旧行数 · rows whose value in force is older than the last due period';
COMMENT ON COLUMN mart.quality_week_release.longest_stale IS 'due periods · 最久未更新 · the longest time without a report among its rows';
COMMENT ON COLUMN mart.quality_week_release.unchanged_rows IS 'count · 无变化行数 · rows reported as unchanged since their last figure';
COMMENT ON COLUMN mart.quality_week_release.longest_unchanged IS 'periods · 最久无变化 · the longest run of no change among its rows';
COMMENT ON TABLE catalogue.extra_point IS '加减分事由 · case of merit or fault × version';
COMMENT ON COLUMN catalogue.extra_point.case_code IS 'code · 事由代码 · one proven case';
COMMENT ON COLUMN catalogue.extra_point.kind IS 'bonus, penalty · 加分或扣分';
COMMENT ON COLUMN catalogue.extra_point.case_count IS 'count · 次数 · how often it counts';
COMMENT ON COLUMN catalogue.extra_point.happened_on IS 'date · 发生日期 · when it happened';
COMMENT ON COLUMN catalogue.extra_point.evidence IS 'text · 佐证 · what proves it';
COMMENT ON COLUMN catalogue.extra_point.approved_by IS 'text · 审定岗位 · the post that approved it';
COMMENT ON COLUMN mart.unit_week_release.bonus IS 'fraction of a score · 加分 · proven cases of the plan year × the county''s points, capped; changes no completion and no rank';
COMMENT ON COLUMN mart.unit_week_release.penalty IS 'fraction of a score · 扣分 · as bonus';
COMMENT ON COLUMN mart.unit_week_release.points_evidence IS 'codes · 加减分依据 · the cases behind bonus and penalty, catalogue.extra_point';
COMMENT ON COLUMN mart.unit_week_release.missed_weeks IS 'weeks · 连续未报周数 · the last weeks in a row in which a report was due and none came';
COMMENT ON COLUMN mart.unit_week_release.ladder_step IS 'reminder, notice, yellow, red · 催报阶梯 · what the county''s rule proposes; a person decides';
-- Keys and clocks mean what they mean elsewhere.
DO $$
DECLARE c record;
BEGIN
    FOR c IN SELECT n.nspname AS schema, r.relname AS relation, a.attname AS col, (
                 SELECT col_description(b.attrelid, b.attnum) FROM pg_attribute b JOIN pg_class o ON o.oid = b.attrelid
                 JOIN pg_namespace m ON m.oid = o.relnamespace
                 WHERE m.nspname = n.nspname AND b.attname = a.attname AND o.relname <> r.relname AND o.relkind = 'r'
                   AND col_description(b.attrelid, b.attnum) IS NOT NULL ORDER BY o.relname LIMIT 1) AS meaning
             FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid JOIN pg_namespace n ON n.oid = r.relnamespace
             WHERE (n.nspname, r.relname) IN (('mart', 'projection_week_release'), ('mart', 'quality_week_release'), ('catalogue', 'extra_point'))
               AND a.attnum > 0 AND col_description(a.attrelid, a.attnum) IS NULL LOOP
        IF c.meaning IS NULL THEN RAISE EXCEPTION 'no meaning for %.%.%', c.schema, c.relation, c.col; END IF;
        EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', c.schema, c.relation, c.col, c.meaning);
    END LOOP;
END $$;
