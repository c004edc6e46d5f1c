-- metrics.md section 5: p(W), the planned share of the way at the cut-off.

CREATE OR REPLACE TEMP TABLE plan_point AS
SELECT responsibility_code, split_part(point, ':', 1)::DATE AS day, split_part(point, ':', 2)::DOUBLE AS share
FROM (
    SELECT responsibility_code, unnest(string_split(plan_points, ';')) AS point
    FROM responsibilities
    WHERE plan_shape = 'points' AND plan_points <> '' AND plan_year = (SELECT any_value(plan_year) FROM wk)
)
UNION ALL
SELECT responsibility_code, start_on, 0.0
FROM responsibilities
WHERE plan_shape = 'points' AND plan_year = (SELECT any_value(plan_year) FROM wk);

CREATE OR REPLACE TEMP TABLE season_day AS
SELECT responsibility_code, day
FROM (
    SELECT responsibility_code, season, unnest(generate_series(start_on + 1, due_on, INTERVAL 1 DAY))::DATE AS day
    FROM responsibilities
    WHERE plan_shape = 'season' AND plan_year = (SELECT any_value(plan_year) FROM wk)
)
WHERE in_season(day, season);

CREATE OR REPLACE TEMP TABLE plan AS
SELECT r.responsibility_code, w.week,
    CASE r.plan_shape
        WHEN 'hold' THEN 1.0
        WHEN 'linear' THEN CASE
            WHEN w.cut_off_on >= r.due_on THEN 1.0
            WHEN w.cut_off_on <= r.start_on THEN 0.0
            ELSE (w.cut_off_on - r.start_on) / (r.due_on - r.start_on)
        END
        WHEN 'season' THEN CASE WHEN r.due_on IS NOT NULL THEN coalesce((
            SELECT count(*) FILTER (day <= w.cut_off_on) / nullif(count(*), 0)
            FROM season_day s WHERE s.responsibility_code = r.responsibility_code
        ), (w.cut_off_on >= r.due_on)::INT) END
        WHEN 'points' THEN CASE
            WHEN after_day IS NULL THEN before_share
            ELSE before_share
                + (after_share - before_share) * (w.cut_off_on - before_day) / (after_day - before_day)
        END
    END::DOUBLE AS p
FROM responsibilities r CROSS JOIN wk w
LEFT JOIN LATERAL (
    SELECT max(day) AS before_day, arg_max(share, day) AS before_share
    FROM plan_point q WHERE q.responsibility_code = r.responsibility_code AND q.day <= w.cut_off_on
) ON true
LEFT JOIN LATERAL (
    SELECT min(day) AS after_day, arg_min(share, day) AS after_share
    FROM plan_point q WHERE q.responsibility_code = r.responsibility_code AND q.day > w.cut_off_on
) ON true
WHERE r.plan_year = w.plan_year;
