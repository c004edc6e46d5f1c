-- 名称 · what codes are called, as known at an instant
SELECT 'county' AS kind, county_code AS code, name_zh, name_en, settings ->> 'timezone' AS detail
FROM catalogue.county
WHERE county_code = %(county_code)s AND known_from <= %(known_at)s AND (known_to IS NULL OR known_to > %(known_at)s)
UNION ALL
SELECT 'office', county_code, settings ->> 'office_zh', settings ->> 'office_en', settings ->> 'is_sample'
FROM catalogue.county
WHERE county_code = %(county_code)s AND known_from <= %(known_at)s AND (known_to IS NULL OR known_to > %(known_at)s)
UNION ALL
SELECT 'unit', unit_code, name_zh, name_en, '' FROM catalogue.unit
WHERE county_code = %(county_code)s AND known_from <= %(known_at)s AND (known_to IS NULL OR known_to > %(known_at)s)
UNION ALL
SELECT 'area', area_code, name_zh, name_en, parent_code FROM catalogue.area
WHERE county_code = %(county_code)s AND known_from <= %(known_at)s AND (known_to IS NULL OR known_to > %(known_at)s)
UNION ALL
SELECT 'responsibility', plan_year || '/' || responsibility_code, title_zh, title_en, area_code FROM catalogue.responsibility
WHERE county_code = %(county_code)s AND known_from <= %(known_at)s AND (known_to IS NULL OR known_to > %(known_at)s)
ORDER BY kind, code
