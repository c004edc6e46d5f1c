-- What needs no release of its own: a row beside the same week a year before, and the four elements of every responsibility. Both
-- answer for the instant that `ops.as_known()` names, like `mart.T`.
CREATE VIEW mart.year_on_year_week WITH (security_invoker) AS
SELECT r.county_code, r.plan_year, r.week, r.responsibility_code, r.unit_code, r.week_code, r.measure, p.week AS prior_week,
       x.value, x.prior_value, x.tolerance, x.value - x.prior_value AS difference,
       CASE WHEN x.value * x.prior_value >= 0 AND abs(x.prior_value) >= x.tolerance
            THEN (x.value - x.prior_value) / nullif(abs(x.prior_value), 0) END AS change,
       r.release_id, p.release_id AS prior_release_id
FROM mart.responsibility_unit_week r
JOIN mart.responsibility_unit_week p
  ON p.county_code = r.county_code AND p.responsibility_code = r.responsibility_code AND p.unit_code = r.unit_code
 AND p.measure = r.measure
 AND p.week_code = left(r.week_code, 4)::int - 1 || '-W' || replace(right(r.week_code, 2), '53', '52')
LEFT JOIN catalogue.responsibility d
  ON d.county_code = r.county_code AND d.plan_year = r.plan_year AND d.responsibility_code = r.responsibility_code
 AND d.known_from <= ops.as_known() AND (d.known_to IS NULL OR d.known_to > ops.as_known())
CROSS JOIN LATERAL (SELECT coalesce(r.verified_value, r.reported_value) AS value,
                           coalesce(p.verified_value, p.reported_value) AS prior_value,
                           coalesce(d.tolerance, 0) AS tolerance) x;
COMMENT ON VIEW mart.year_on_year_week IS '同比 · plan_year × week × responsibility × unit, beside the ISO week of the same number a year before (53 beside 52)';

CREATE VIEW mart.responsibility_element WITH (security_invoker) AS
WITH known AS (
    SELECT r.*, EXISTS (
               SELECT FROM catalogue.assignment a
               WHERE a.county_code = r.county_code AND a.plan_year = r.plan_year AND a.responsibility_code = r.responsibility_code
                 AND a.role = 'lead' AND a.known_from <= ops.as_known() AND (a.known_to IS NULL OR a.known_to > ops.as_known())) AS has_lead,
           r.due_on IS NOT NULL AS has_deadline,
           r.measure = 'stages' OR coalesce(r.target, r.target_low, r.target_high) IS NOT NULL OR EXISTS (
               SELECT FROM catalogue.assignment a
               WHERE a.county_code = r.county_code AND a.plan_year = r.plan_year AND a.responsibility_code = r.responsibility_code
                 AND a.share > 0 AND a.target IS NOT NULL
                 AND a.known_from <= ops.as_known() AND (a.known_to IS NULL OR a.known_to > ops.as_known())) AS has_target
    FROM catalogue.responsibility r
    WHERE r.known_from <= ops.as_known() AND (r.known_to IS NULL OR r.known_to > ops.as_known()))
SELECT county_code, plan_year, responsibility_code, has_lead, leader_code <> '' AS has_leader, has_deadline, has_target,
       NOT (has_lead AND leader_code <> '') AS is_incomplete,
       has_lead AND leader_code <> '' AND has_deadline AND has_target AS is_quantified
FROM known;
COMMENT ON VIEW mart.responsibility_element IS '责任分解四要素 · plan_year × responsibility: which of lead, leader, deadline and measurable target it has';

CREATE VIEW mart.quantification WITH (security_invoker) AS
SELECT county_code, plan_year, count(*)::int AS responsibility_count, count(*) FILTER (WHERE is_quantified)::int AS quantified_count,
       count(*) FILTER (WHERE is_quantified)::numeric / count(*) AS quantification_rate
FROM mart.responsibility_element GROUP BY county_code, plan_year;
COMMENT ON VIEW mart.quantification IS '量化率 · plan_year: responsibilities with all four elements ÷ all';

COMMENT ON COLUMN mart.year_on_year_week.prior_week IS 'date · 上年同期 · Monday of the week compared with';
COMMENT ON COLUMN mart.year_on_year_week.value IS 'measure unit · 本期值 · verified where a check has a part in it, else reported';
COMMENT ON COLUMN mart.year_on_year_week.prior_value IS 'measure unit · 上年同期值 · as value, a year before';
COMMENT ON COLUMN mart.year_on_year_week.difference IS 'measure unit · 同比增减 · value − prior_value';
COMMENT ON COLUMN mart.year_on_year_week.change IS 'fraction · 同比增长 · difference ÷ |prior_value|; empty with a change of sign or |prior_value| below the tolerance';
COMMENT ON COLUMN mart.year_on_year_week.prior_release_id IS 'code · the release that prior_value is from';
COMMENT ON COLUMN mart.responsibility_element.has_lead IS 'flag · 有牵头单位 · a unit leads it';
COMMENT ON COLUMN mart.responsibility_element.has_leader IS 'flag · 有责任领导 · a leader answers for it';
COMMENT ON COLUMN mart.responsibility_element.has_deadline IS 'flag · 有完成时限 · a due date is set';
COMMENT ON COLUMN mart.responsibility_element.has_target IS 'flag · 有可衡量目标 · it has stages, or a target or range is set for it or for a unit';
COMMENT ON COLUMN mart.responsibility_element.is_incomplete IS 'flag · 责任主体不明 · lead or leader unknown or redacted';
COMMENT ON COLUMN mart.responsibility_element.is_quantified IS 'flag · 四要素齐全 · lead, leader, deadline and measurable target are all there';
COMMENT ON COLUMN mart.quantification.responsibility_count IS 'count · 责任数 · responsibilities of the plan year';
COMMENT ON COLUMN mart.quantification.quantified_count IS 'count · 四要素齐全数 · those with all four elements';
COMMENT ON COLUMN mart.quantification.quantification_rate IS 'fraction · 量化率 · quantified_count ÷ responsibility_count';
-- Keys and what they share mean what they mean elsewhere.
DO $$
DECLARE c record;
BEGIN
    FOR c IN SELECT r.relname AS relation, a.attname AS col, (
                 SELECT col_description(b.attrelid, b.attnum) FROM pg_attribute b JOIN pg_class o ON o.oid = b.attrelid
                 WHERE o.oid IN ('mart.responsibility_unit_week_release'::regclass, 'catalogue.responsibility'::regclass)
                   AND b.attname = a.attname AND col_description(b.attrelid, b.attnum) IS NOT NULL
                 ORDER BY o.relname DESC LIMIT 1) AS meaning
             FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid
             WHERE r.relnamespace = 'mart'::regnamespace
               AND r.relname IN ('year_on_year_week', 'responsibility_element', 'quantification')
               AND a.attnum > 0 AND col_description(a.attrelid, a.attnum) IS NULL LOOP
        EXECUTE format('COMMENT ON COLUMN mart.%I.%I IS %L', c.relation, c.col, c.meaning);
    END LOOP;
END $$;
