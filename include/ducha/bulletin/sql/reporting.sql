-- 报送质量逐单位 · how each unit reported: shown in annex 2, the exceptions named in section four
SELECT f.name, s.unit_code AS keys, f.label_zh, f.label_en, f.value, f.numerator, f.denominator, f.unit_of_measure,
       f.word, jsonb_build_object('table', f.relation, 'where', jsonb_build_object('release_id', %(release_id)s,
           'week', s.week, 'unit_code', s.unit_code)) AS source
FROM mart.submission_week_release s
LEFT JOIN mart.unit_week_release u USING (county_code, release_id, week, unit_code)
CROSS JOIN LATERAL (VALUES
    (1, 'reporting.status', '报送状况', 'Status', NULL::numeric, NULL::numeric, NULL::numeric, 'status', s.status, 'mart.submission_week_release'),
    (2, 'reporting.expected_rows', '应报行数', 'Rows expected', s.expected_rows::numeric, NULL, NULL, 'row', NULL, 'mart.submission_week_release'),
    (3, 'reporting.first_received', '首次收到', 'First received', NULL, NULL, NULL, 'time',
     to_char(s.first_received_at AT TIME ZONE %(timezone)s, 'YYYY-MM-DD HH24:MI'), 'mart.submission_week_release'),
    (4, 'reporting.rejected_rows', '退回行数', 'Rows returned', s.rejected_rows, NULL, NULL, 'row', NULL, 'mart.submission_week_release'),
    (5, 'reporting.versions', '版本数', 'Versions', s.versions, NULL, NULL, 'time_count', NULL, 'mart.submission_week_release'),
    (6, 'reporting.changed_late_rows', '截止后改动行数', 'Rows changed late', s.changed_late_rows, NULL, NULL, 'row', NULL, 'mart.submission_week_release'),
    (7, 'reporting.completeness', '报送完整率', 'Completeness', u.completeness, round(u.completeness * s.expected_rows), s.expected_rows, 'fraction', NULL, 'mart.unit_week_release'),
    (8, 'reporting.timeliness', '报送及时率', 'Timeliness', u.timeliness, s.on_time_rows, s.expected_rows, 'fraction', NULL, 'mart.unit_week_release'),
    (9, 'reporting.first_pass', '一次通过率', 'First-pass validity', u.first_pass_validity, NULL, NULL, 'fraction', NULL, 'mart.unit_week_release')
) AS f(ordinal, name, label_zh, label_en, value, numerator, denominator, unit_of_measure, word, relation)
WHERE s.county_code = %(county_code)s AND s.release_id = %(release_id)s AND s.week = %(week)s
ORDER BY s.unit_code, f.ordinal
