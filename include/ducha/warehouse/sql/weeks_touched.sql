-- Earlier weeks, of a week's plan year and the one before it, on whose newest release facts of the same plan year bear that
-- became known after it, in order.
WITH own AS (
    SELECT * FROM catalogue.week WHERE county_code = %(county_code)s AND week = %(week)s AND known_to IS NULL),
plan AS (
    SELECT w.week, w.week_code, w.plan_year FROM catalogue.week w JOIN own USING (county_code)
    WHERE w.known_to IS NULL AND w.week <= own.week AND w.plan_year >= own.plan_year - 1),
standing AS (
    SELECT DISTINCT ON (r.week) r.week, r.week_code, plan.plan_year,
           coalesce(r.holds_until, r.facts_frozen_at) AS holds_until
    FROM ops.release r JOIN plan USING (week) JOIN own ON r.week < own.week
    WHERE r.county_code = %(county_code)s AND r.status IN ('audited', 'published', 'superseded')
    ORDER BY r.week, r.release_no DESC),
news AS (
    SELECT plan.plan_year, s.week, s.known_at FROM ledger.submission s JOIN plan USING (week)
    WHERE s.county_code = %(county_code)s AND s.known_at <= %(known_at)s
    UNION ALL
    SELECT plan.plan_year, w.week, w.known_at FROM ledger.withdrawal w JOIN plan USING (week)
    WHERE w.county_code = %(county_code)s AND w.known_at <= %(known_at)s)
SELECT s.week_code FROM standing s
WHERE EXISTS (
    SELECT FROM news n WHERE n.plan_year = s.plan_year AND n.week <= s.week AND n.known_at > s.holds_until)
ORDER BY s.week
