-- metrics.md section 4: completeness and timeliness; section 6: discrepancies; red lines; the unit's line.

CREATE OR REPLACE TEMP TABLE deadline AS
SELECT u.unit_code, w.week,
    greatest(w.cut_off_at, max(s.received_at) + to_microseconds((any_value(grace_hours) * 3600e6)::BIGINT)) AS deadline
FROM units u CROSS JOIN wk w CROSS JOIN settings
LEFT JOIN submissions s ON s.unit_code = u.unit_code AND s.week = w.week AND s.kind = 'progress'
    AND s.verdict = 'returned' AND s.received_at <= w.cut_off_at
WHERE w.is_asked
GROUP BY u.unit_code, w.week, w.cut_off_at;

CREATE OR REPLACE TEMP TABLE expected AS
SELECT d.unit_code, d.responsibility_code, min(v.received_at) AS first_received_at,
    min(v.received_at) <= any_value(l.deadline) AS is_on_time,
    count(*) FILTER (v.received_at > l.deadline) > 0 AS came_again
FROM oracle_responsibility_unit_week d
JOIN deadline l ON l.unit_code = d.unit_code
LEFT JOIN progress v ON v.unit_code = d.unit_code AND v.responsibility_code = d.responsibility_code AND v.week = d.week
WHERE d.is_asked AND d.is_report_due AND d.state NOT IN ('closed', 'suspended', 'exempt', 'not_started')
GROUP BY d.unit_code, d.responsibility_code;

CREATE OR REPLACE TEMP TABLE first_submission AS
SELECT s.unit_code, s.accepted_rows, s.row_count
FROM submissions s JOIN wk ON wk.week = s.week AND wk.is_asked
WHERE s.kind = 'progress'
QUALIFY row_number() OVER (PARTITION BY s.unit_code ORDER BY s.ordinal) = 1;

CREATE OR REPLACE TEMP TABLE verification AS
SELECT c.week, c.unit_code, c.responsibility_code, c.item, c.method, c.sample_kind, c.rule,
    CASE WHEN c.rule = 'stages' THEN x_done::INT
        WHEN c.rule IN ('ratio_to_date', 'ratio_period') THEN x_numerator / nullif(x_denominator, 0)
        WHEN c.rule = 'average' AND x_denominator = 0 THEN NULL
        ELSE x_value END::DOUBLE AS reported,
    CASE WHEN c.rule = 'stages' THEN done::INT
        WHEN c.rule = 'red_line' THEN coalesce(x_value, 0) + value  -- events found are added
        WHEN c.rule IN ('ratio_to_date', 'ratio_period') THEN numerator / nullif(denominator, 0)
        WHEN c.rule = 'average' AND denominator = 0 THEN NULL
        ELSE value END::DOUBLE AS verified,
    greatest(c.tolerance_said, 0, s.relative_tolerance * abs(reported)) AS tolerance,
    verified / nullif(reported, 0) AS factor,
    r9(abs(verified - reported)) > r9(tolerance) AS is_discrepant
FROM checked c, settings s;

-- A check of a week without a cut-off is listed in the next week with one.
CREATE OR REPLACE TEMP TABLE oracle_verification_week AS
SELECT w.week_code, w.week, v.* EXCLUDE (rule, week)
FROM verification v JOIN wk w ON w.is_asked AND v.week <= w.week AND v.week > coalesce(w.previous, DATE '1900-01-01')
QUALIFY row_number() OVER (PARTITION BY unit_code, responsibility_code, item ORDER BY v.week DESC) = 1;

-- The Wilson intervals of the random and of the risk sample, plan year to date, never pooled.
CREATE OR REPLACE TEMP TABLE discrepancy AS
SELECT unit_code, sample_kind, k, n, k / n AS rate,
    (k / n + z * z / (2 * n) - z * sqrt(k / n * (1 - k / n) / n + z * z / (4 * n * n))) / (1 + z * z / n) AS low,
    (k / n + z * z / (2 * n) + z * sqrt(k / n * (1 - k / n) / n + z * z / (4 * n * n))) / (1 + z * z / n) AS high
FROM (
    SELECT unit_code, sample_kind, count(*) FILTER (is_discrepant)::DOUBLE AS k, count(*)::DOUBLE AS n,
        1.959963984540054 AS z
    FROM verification WHERE is_discrepant IS NOT NULL
    GROUP BY unit_code, sample_kind
);

-- The words of the column say nothing of a line outside its life or under an exception: empty, and not compared.
CREATE OR REPLACE TEMP TABLE oracle_red_line_week AS
SELECT d.week_code, d.week, d.responsibility_code, d.unit_code, r.events + r.events_found AS events,
    r.expected AS zero_reports_expected, r.received AS zero_reports_received,
    CASE
        WHEN d.state IN ('closed', 'suspended', 'exempt', 'not_started') THEN d.state
        WHEN r.events + r.events_found > 0 THEN 'event'
        WHEN d.state = 'awaiting' THEN 'awaiting'
        WHEN r.received < r.expected THEN 'unknown'
        ELSE 'clean'
    END AS state
FROM oracle_responsibility_unit_week d JOIN red_line_sum r USING (week, responsibility_code, unit_code)
WHERE d.is_asked;

CREATE OR REPLACE TEMP TABLE unit_line AS
SELECT w.week_code, w.week, n.unit_code, u.completion, coalesce(u.weight_sum, 0) AS weight_sum, n.peer_group,
    coalesce(COLUMNS('(?:red|yellow|green|grey|closed|suspended|exempt|not_started|no_target|no_baseline|no_date'
        || '|awaiting|missing|unknown|carried|counted)_count'), 0), c.worst_light,
    k.rank, l.rank_best, l.rank_worst, m.rank_change,
    (SELECT count(first_received_at) / nullif(count(*), 0) FROM expected e WHERE e.unit_code = n.unit_code
    ) AS completeness,
    (SELECT count(*) FILTER (is_on_time) / nullif(count(*), 0) FROM expected e WHERE e.unit_code = n.unit_code
    ) AS timeliness,
    f.accepted_rows / nullif(f.row_count, 0) AS first_pass_validity,
    coalesce(d.n, 0) AS checked_count, coalesce(d.k, 0) AS discrepant_count,
    d.rate AS discrepancy_rate, d.low AS discrepancy_low, d.high AS discrepancy_high,
    coalesce(e.n, 0) AS risk_checked_count, coalesce(e.k, 0) AS risk_discrepant_count,
    e.rate AS risk_discrepancy_rate, e.low AS risk_discrepancy_low, e.high AS risk_discrepancy_high,
    (SELECT veto_events FROM settings) > 0 AND coalesce((SELECT sum(events) FROM oracle_red_line_week r
        WHERE r.unit_code = n.unit_code), 0) >= (SELECT veto_events FROM settings) AS is_vetoed
FROM units n CROSS JOIN wk w
LEFT JOIN counts c ON c.week = w.week AND c.scope = 'unit' AND c.key = n.unit_code
LEFT JOIN unit_completion u ON u.week = w.week AND u.unit_code = n.unit_code
LEFT JOIN ranked k ON k.week = w.week AND k.unit_code = n.unit_code
LEFT JOIN moved m ON m.unit_code = n.unit_code
LEFT JOIN left_out l ON l.unit_code = n.unit_code
LEFT JOIN first_submission f ON f.unit_code = n.unit_code
LEFT JOIN discrepancy d ON d.unit_code = n.unit_code AND d.sample_kind = 'random'
LEFT JOIN discrepancy e ON e.unit_code = n.unit_code AND e.sample_kind = 'risk'
WHERE w.is_asked;

-- A submission: a unit's week. Values changed after the cut-off are counted beside its timely rows; "no change" is none.
CREATE OR REPLACE TEMP TABLE changed_late AS
WITH said AS (
    SELECT p.*, p.received_at > l.deadline AS is_late,
        (p.value, p.numerator, p.denominator, p.done, p.happened_on) AS content
    FROM progress p JOIN deadline l USING (unit_code, week) SEMI JOIN duty USING (unit_code, responsibility_code)
)
SELECT unit_code, responsibility_code,
    arg_max(content, place) FILTER (NOT is_late AND NOT no_change)
        IS DISTINCT FROM arg_max(content, place) FILTER (NOT no_change) AS is_changed
FROM said
GROUP BY unit_code, responsibility_code, item
HAVING bool_or(NOT is_late);

CREATE OR REPLACE TEMP TABLE oracle_submission_week AS
WITH sent AS (
    SELECT s.unit_code, count(*) AS versions,
        sum(rejected_rows) FILTER (withdrawn_at IS NULL) AS rejected_rows,
        min(received_at) AS first_received_at, max(received_at) AS last_received_at,
        (SELECT count(*) FROM withdrawals t JOIN wk ON wk.week = t.week AND wk.is_asked
         WHERE t.unit_code = s.unit_code) AS withdrawn_count,
        max(received_at) FILTER (verdict IN ('returned', 'refused') AND withdrawn_at IS NULL) AS returned_at
    FROM submissions s JOIN wk ON wk.week = s.week AND wk.is_asked
    WHERE s.kind = 'progress'
    GROUP BY s.unit_code
),
owed AS (
    SELECT e.unit_code, count(*) AS expected_rows, count(e.first_received_at) AS accepted_rows,
        count(*) FILTER (e.is_on_time) AS on_time_rows
    FROM expected e
    GROUP BY e.unit_code
),
changed AS (
    SELECT unit_code, count(DISTINCT responsibility_code) FILTER (is_changed) AS changed_late_rows
    FROM changed_late
    GROUP BY unit_code
),
came AS (
    SELECT unit_code, bool_or(received_at <= deadline) AS any_on_time, min(received_at) AS first_at
    FROM progress JOIN deadline USING (unit_code, week)
    GROUP BY unit_code
)
SELECT w.week_code, w.week, u.unit_code,
    coalesce(o.expected_rows, 0) AS expected_rows, coalesce(o.accepted_rows, 0) AS accepted_rows,
    coalesce(o.on_time_rows, 0) AS on_time_rows, coalesce(h.changed_late_rows, 0) AS changed_late_rows,
    coalesce(s.rejected_rows, 0)::BIGINT AS rejected_rows,
    s.first_received_at, s.last_received_at,
    CASE WHEN s.unit_code IS NOT NULL OR o.expected_rows > 0 THEN coalesce(c.any_on_time, false) END AS is_on_time,
    CASE WHEN s.unit_code IS NOT NULL OR o.expected_rows > 0
        THEN coalesce(c.any_on_time AND c.first_at > w.cut_off_at, false) END AS is_in_grace,
    coalesce(s.versions, 0) AS versions, coalesce(s.withdrawn_count, 0) AS withdrawn_count, s.returned_at,
    CASE
        WHEN coalesce(o.expected_rows, 0) = 0 THEN 'not_expected'
        WHEN c.any_on_time THEN 'on_time'
        WHEN c.any_on_time IS NOT NULL THEN 'late'
        WHEN s.returned_at IS NOT NULL THEN 'returned'
        WHEN s.withdrawn_count > 0 THEN 'withdrawn'
        ELSE 'missing'
    END AS status
FROM units u CROSS JOIN wk w
LEFT JOIN sent s USING (unit_code) LEFT JOIN owed o USING (unit_code) LEFT JOIN came c USING (unit_code)
LEFT JOIN changed h USING (unit_code)
WHERE w.is_asked;
