-- What the columns mean where their words could be read in two ways (decision 21).
COMMENT ON COLUMN mart.quality_week_release.fields_asked IS 'count · 应填格数 · cells of the rows expected this week; a daily red line asks one a day';
COMMENT ON COLUMN mart.quality_week_release.duplicate_fields IS 'count · 重复格数 · cells asked under another duty of the same definition and unit of measure too, beyond the largest of them';
COMMENT ON COLUMN mart.quality_week_release.repeated_rows IS 'count · 重复报送行数 · rows of which some item was sent again unchanged; a "no change" after a figure is no version';
COMMENT ON COLUMN mart.quality_week_release.stale_rows IS 'count · 陈旧行数 · rows without a report in the last due period or ever; not those closed, suspended, exempt or not started';
COMMENT ON COLUMN mart.quality_week_release.longest_stale IS 'due periods · 最久未更新 · the longest time without a report among those rows';
COMMENT ON COLUMN mart.quality_week_release.unchanged_rows IS 'count · 无变化行数 · rows reported as unchanged since their last figure; not those closed, suspended, exempt or not started';
COMMENT ON COLUMN mart.quality_week_release.longest_unchanged IS 'periods · 最久无变化 · the longest run of no change among those rows';
COMMENT ON COLUMN mart.red_line_week_release.state IS 'clean, event, unknown, awaiting, closed, suspended, exempt, not_started · 红线状态';
