-- Every responsibility of a week's newest release: its number, the states of its assignments, and what explains them.
SELECT r.responsibility_code, c.title_zh, c.title_en, a.name_zh AS area_zh, a.name_en AS area_en, c.measure, c.cadence,
       c.target_authority, c.is_sample_target, c.definition = '' AS is_undefined, c.start_on, r.completion, r.worst_light,
       s.states, e.reasons, l.leads
FROM mart.responsibility_week r
JOIN catalogue.responsibility c ON c.county_code = r.county_code AND c.plan_year = r.plan_year
    AND c.responsibility_code = r.responsibility_code AND c.known_to IS NULL
LEFT JOIN catalogue.area a ON a.county_code = c.county_code AND a.area_code = c.area_code AND a.known_to IS NULL
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(n.state, n.count) AS states
    FROM (SELECT w.state, count(*) FROM mart.responsibility_unit_week w
          WHERE w.county_code = r.county_code AND w.plan_year = r.plan_year AND w.week = r.week
              AND w.responsibility_code = r.responsibility_code GROUP BY w.state) n) s
CROSS JOIN LATERAL (
    SELECT string_agg(DISTINCT x.reason, '；' ORDER BY x.reason) AS reasons FROM catalogue.exception x
    WHERE x.county_code = r.county_code AND x.plan_year = r.plan_year AND x.known_to IS NULL
        AND x.responsibility_code = r.responsibility_code
        AND r.week + 6 >= x.from_on AND (x.to_on IS NULL OR r.week <= x.to_on)) e
CROSS JOIN LATERAL (
    SELECT string_agg(u.name_zh, '、' ORDER BY u.unit_code) FILTER (WHERE n.position <= 2)
           || CASE WHEN count(*) > 2 THEN '等' || count(*) || '个单位' ELSE '' END AS leads
    FROM (SELECT g.unit_code, row_number() OVER (ORDER BY g.unit_code) AS position FROM catalogue.assignment g
          WHERE g.county_code = r.county_code AND g.plan_year = r.plan_year AND g.known_to IS NULL
              AND g.responsibility_code = r.responsibility_code AND g.role = 'lead') n
    JOIN catalogue.unit u ON u.county_code = r.county_code AND u.unit_code = n.unit_code AND u.known_to IS NULL) l
WHERE r.county_code = %(county_code)s AND r.week_code = %(week_code)s
ORDER BY c.area_code, r.responsibility_code
