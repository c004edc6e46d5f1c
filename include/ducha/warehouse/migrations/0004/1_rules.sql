-- Rules were words; now they can be read. Versions loaded before keep their words alone.
ALTER TABLE catalogue.rule
    ADD COLUMN left_expression text NOT NULL DEFAULT '', ADD COLUMN operator text NOT NULL DEFAULT '',
    ADD COLUMN right_expression text NOT NULL DEFAULT '', ADD COLUMN tolerance numeric,
    ADD COLUMN on_missing text NOT NULL DEFAULT '';
COMMENT ON COLUMN catalogue.rule.left_expression IS
    'text · 左式 · arithmetic over [responsibility], [responsibility:part], [responsibility@unit]; empty = words only';
COMMENT ON COLUMN catalogue.rule.operator IS '=, !=, <, <=, >, >= · 应有关系 · how left must stand to right';
COMMENT ON COLUMN catalogue.rule.right_expression IS 'text · 右式 · as left_expression';
COMMENT ON COLUMN catalogue.rule.tolerance IS
    'unit of both sides · 允许相差 · how far the sides may miss the relation and still agree';
COMMENT ON COLUMN catalogue.rule.on_missing IS
    'skip, fail · 缺数时 · a rule with a missing value is not judged, or fails';
COMMENT ON COLUMN catalogue.rule.definition IS 'text · 规则 · the rule in words';
