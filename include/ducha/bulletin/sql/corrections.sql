-- 附件5 更正 · figures that differ between this issue and the one it corrects, those of one only too
WITH shown AS (
    SELECT * FROM mart.bulletin_figure
    WHERE county_code = %(county_code)s AND section NOT IN ('head', 'annex5', 'history')),
changed AS (
    SELECT coalesce(n.figure_code, o.figure_code) AS figure_code, coalesce(n.label_zh, o.label_zh) AS label_zh,
           coalesce(n.label_en, o.label_en) AS label_en, coalesce(n.ordinal, o.ordinal) AS ordinal,
           o.value AS old_value, n.value AS new_value,
           coalesce(o.text_zh || ' · ' || o.text_en, '未列 · not listed') AS old_text,
           coalesce(n.text_zh || ' · ' || n.text_en, '未列 · not listed') AS new_text
    FROM (SELECT * FROM shown WHERE bulletin_id = %(bulletin_id)s) n
    FULL JOIN (SELECT * FROM shown WHERE bulletin_id = %(former_id)s) o USING (figure_code)
    WHERE o.text_zh IS DISTINCT FROM n.text_zh)
SELECT f.name, c.figure_code AS keys, c.label_zh, c.label_en, f.value, NULL::numeric AS numerator,
       NULL::numeric AS denominator, 'text' AS unit_of_measure, f.word,
       jsonb_build_object('table', 'mart.bulletin_figure', 'where', jsonb_build_object('bulletin_id', f.bulletin_id,
           'figure_code', c.figure_code)) AS source
FROM changed c CROSS JOIN LATERAL (VALUES
    (1, 'correction.before', c.old_value, c.old_text, %(former_id)s),
    (2, 'correction.after', c.new_value, c.new_text, %(bulletin_id)s)
) AS f(ordinal, name, value, word, bulletin_id)
ORDER BY c.ordinal, c.figure_code, f.ordinal
