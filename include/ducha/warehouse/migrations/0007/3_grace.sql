ALTER TABLE mart.submission_week_release ADD COLUMN is_in_grace boolean;
COMMENT ON COLUMN mart.submission_week_release.is_in_grace IS 'flag · 宽限内按时 · on time only by the hours that the county grants after a returned workbook';
