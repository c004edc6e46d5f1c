-- Whose figures a row is part of: its area and those above, its leader, its task force.
WITH RECURSIVE part AS (
    SELECT a.area_code, a.parent_code FROM catalogue.area a
    WHERE a.county_code = %(county_code)s AND a.known_from <= %(until)s AND (a.known_to IS NULL OR a.known_to > %(until)s)),
line (area_code, above) AS (
    SELECT area_code, area_code FROM part
    UNION ALL SELECT l.area_code, p.parent_code FROM line l JOIN part p ON p.area_code = l.above WHERE p.parent_code <> '')
SELECT r.responsibility_code, r.unit_code, l.above AS area_code, r.leader_code, r.task_force_code
FROM mart.responsibility_unit_week_release r JOIN line l USING (area_code)
WHERE r.county_code = %(county_code)s AND r.release_id = %(after)s
