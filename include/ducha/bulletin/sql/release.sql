-- 版本与时间 · which release the issue rests on and the clocks of its week
WITH k AS (
    SELECT r.*, w.cut_off_at, w.is_official, n.cut_off_at AS next_cut_off_at, n.week AS next_week, n.is_official AS next_is_official,
           (c.settings ->> 'objection_days')::numeric AS objection_days
    FROM ops.release r
    JOIN catalogue.week w ON w.county_code = r.county_code AND w.week = r.week
        AND w.known_from <= %(known_at)s AND (w.known_to IS NULL OR w.known_to > %(known_at)s)
    JOIN catalogue.county c ON c.county_code = r.county_code
        AND c.known_from <= %(known_at)s AND (c.known_to IS NULL OR c.known_to > %(known_at)s)
    LEFT JOIN LATERAL (
        SELECT x.week, x.cut_off_at, x.is_official FROM catalogue.week x
        WHERE x.county_code = r.county_code AND x.week > r.week AND x.cut_off_at IS NOT NULL
            AND x.known_from <= %(known_at)s AND (x.known_to IS NULL OR x.known_to > %(known_at)s)
        ORDER BY x.week LIMIT 1) n ON true
    WHERE r.county_code = %(county_code)s AND r.release_id = %(release_id)s)
SELECT f.name, '' AS keys, f.label_zh, f.label_en, f.value, NULL::numeric AS numerator, NULL::numeric AS denominator,
       f.unit_of_measure, f.word, f.source
FROM k CROSS JOIN LATERAL (VALUES
    (1, 'release.id', '版本号', 'Release', NULL::numeric, 'text', k.release_id,
     jsonb_build_object('table', 'ops.release', 'where', jsonb_build_object('release_id', k.release_id))),
    (6, 'release.week_from', '本周起', 'Week from', NULL, 'date', k.week::text,
     jsonb_build_object('table', 'catalogue.week', 'where', jsonb_build_object('week', k.week))),
    (7, 'release.week_to', '本周止', 'Week to', NULL, 'date', (k.week + 6)::text,
     jsonb_build_object('table', 'catalogue.week', 'where', jsonb_build_object('week', k.week))),
    (2, 'release.cut_off', '报送截止时间', 'Cut-off', NULL, 'time',
     to_char(k.cut_off_at AT TIME ZONE %(timezone)s, 'YYYY-MM-DD HH24:MI'),
     jsonb_build_object('table', 'catalogue.week', 'where', jsonb_build_object('week', k.week))),
    (3, 'release.frozen', '数据冻结时间', 'Facts frozen', NULL, 'time',
     to_char(k.facts_frozen_at AT TIME ZONE %(timezone)s, 'YYYY-MM-DD HH24:MI'),
     jsonb_build_object('table', 'ops.release', 'where', jsonb_build_object('release_id', k.release_id))),
    (4, 'release.next_cut_off', '下期报送截止时间', 'Next cut-off', NULL, 'time',
     to_char(k.next_cut_off_at AT TIME ZONE %(timezone)s, 'YYYY-MM-DD HH24:MI'),
     jsonb_build_object('table', 'catalogue.week', 'where', jsonb_build_object('week', k.next_week))),
    (5, 'release.objection_days', '异议期', 'Days to object', k.objection_days, 'day', NULL,
     jsonb_build_object('table', 'catalogue.county', 'where', jsonb_build_object('setting', 'objection_days')))
) AS f(ordinal, name, label_zh, label_en, value, unit_of_measure, word, source)
ORDER BY f.ordinal
