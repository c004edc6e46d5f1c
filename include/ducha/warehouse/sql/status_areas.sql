-- Completion by area in a release; an area stands before its parts.
SELECT a.area_code, a.parent_code, a.name_zh, a.name_en, w.completion, w.worst_light, w.responsibility_count, w.red_count,
       w.yellow_count, w.green_count, w.grey_count
FROM mart.area_week_release w
JOIN catalogue.area a ON a.county_code = w.county_code AND a.area_code = w.area_code AND a.known_to IS NULL
WHERE w.county_code = %(county_code)s AND w.release_id = %(release_id)s
ORDER BY coalesce(nullif(a.parent_code, ''), a.area_code), a.parent_code <> '', a.area_code
