-- 核查情况，随机与风险抽查分列 · checks of this week, random and risk samples apart
-- interval: Wilson, 95 %% (z = 1.959963984540054)
WITH v AS (
    SELECT sample_kind, count(*)::numeric AS n, count(*) FILTER (WHERE is_discrepant)::numeric AS k,
           count(DISTINCT unit_code)::numeric AS units,
           jsonb_agg(DISTINCT unit_code || '/' || responsibility_code || CASE item WHEN '' THEN '' ELSE '/' || item END) AS rows
    FROM mart.verification_week_release
    WHERE county_code = %(county_code)s AND release_id = %(release_id)s AND week = %(week)s
    GROUP BY sample_kind),
z AS (SELECT 1.959963984540054::numeric AS z),
i AS (
    SELECT v.*, (k / n + z * z / (2 * n)) / (1 + z * z / n) AS centre,
           z * sqrt(k / n * (1 - k / n) / n + z * z / (4 * n * n)) / (1 + z * z / n) AS half
    FROM v CROSS JOIN z)
SELECT f.name, i.sample_kind AS keys, f.label_zh, f.label_en, f.value, f.numerator, f.denominator, f.unit_of_measure,
       f.word, jsonb_build_object('table', 'mart.verification_week_release', 'where', jsonb_build_object('release_id',
           %(release_id)s, 'week', %(week)s::date, 'sample_kind', i.sample_kind),
           'row_key', 'unit_code/responsibility_code/item', 'rows', i.rows) AS source
FROM i CROSS JOIN LATERAL (VALUES
    (1, 'verification.checks', '核查数', 'Checks', i.n, NULL::numeric, NULL::numeric, 'item', NULL),
    (2, 'verification.units', '涉及单位', 'Units checked', i.units, NULL, NULL, 'unit', NULL),
    (3, 'verification.discrepant', '不符数', 'Discrepant', i.k, NULL, NULL, 'item', NULL),
    (4, 'verification.rate', '不符率', 'Discrepancy rate', i.k / i.n, i.k, i.n, 'fraction', NULL),
    (5, 'verification.low', '不符率 95 %% 区间下限', 'Lower end, 95 %%', greatest(round(i.centre - i.half, 12), 0), NULL, NULL, 'fraction', NULL),
    (6, 'verification.high', '不符率 95 %% 区间上限', 'Upper end, 95 %%', least(round(i.centre + i.half, 12), 1), NULL, NULL, 'fraction', NULL)
) AS f(ordinal, name, label_zh, label_en, value, numerator, denominator, unit_of_measure, word)
ORDER BY i.sample_kind, f.ordinal
