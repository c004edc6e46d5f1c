-- 附件5 更正 · figures of this issue that differ from the issue it corrects
SELECT f.name, n.figure_code AS keys, n.label_zh, n.label_en, f.value, NULL::numeric AS numerator,
       NULL::numeric AS denominator, n.unit_of_measure, f.word,
       jsonb_build_object('table', 'mart.bulletin_figure', 'where', jsonb_build_object('bulletin_id', f.bulletin_id,
           'figure_code', n.figure_code)) AS source
FROM mart.bulletin_figure n
LEFT JOIN mart.bulletin_figure o ON o.county_code = n.county_code AND o.bulletin_id = %(former_id)s
    AND o.figure_code = n.figure_code
CROSS JOIN LATERAL (VALUES
    (1, 'correction.before', o.value, o.text_zh || ' · ' || o.text_en, %(former_id)s),
    (2, 'correction.after', n.value, n.text_zh || ' · ' || n.text_en, n.bulletin_id)
) AS f(ordinal, name, value, word, bulletin_id)
WHERE n.county_code = %(county_code)s AND n.bulletin_id = %(bulletin_id)s
    AND n.section NOT IN ('head', 'annex5', 'history') AND o.text_zh IS DISTINCT FROM n.text_zh
ORDER BY n.section, n.ordinal, f.ordinal
