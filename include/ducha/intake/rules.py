"""The rules a row is checked by, and the findings they give: at most one a cell, the first rule of the table wins.

What the plan does not know of a row is said once: rules on figures speak only where responsibility, unit and week are
known. A cell that could not be read counts as given: it has its finding already.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ducha.intake.headings import NUMBERS

VALUE_MEASURES = ("total", "level", "flow", "average", "range", "rank", "red_line")
REPEATABLE = ("total", "level", "rank", "stages")
WITH_DENOMINATOR = ("ratio", "average", "rank")


@dataclass(frozen=True)
class Rule:
    """`reason_code` says what is wrong, `field` where the clerk looks, `want` which column fills {want}."""

    reason_code: str
    field: str
    want: str = ""
    kinds: tuple[str, ...] = ("progress", "inspection")

    @property
    def name(self) -> str:
        return f"{self.reason_code}__{self.field}"


_PROGRESS = ("progress",)
_INSPECTION = ("inspection",)

RULES: tuple[Rule, ...] = (
    Rule("unit_mismatch", "unit_code", "sender", _PROGRESS),
    Rule("unit_missing", "unit_code", "", _INSPECTION),
    Rule("unit_unknown", "unit_code"),
    Rule("week_missing", "week"),
    Rule("week_unknown", "week"),
    Rule("week_in_future", "week", "open_week"),
    Rule("responsibility_missing", "responsibility_code"),
    Rule("responsibility_unknown", "responsibility_code", "plan_year"),
    Rule("not_assigned", "responsibility_code", "unit_code"),
    Rule("cooperating_only", "responsibility_code", "unit_code"),
    Rule("item_unknown", "item", "responsibility_code"),
    Rule("item_missing", "item"),
    Rule("item_not_a_day", "item", "week"),
    Rule("value_missing", "value"),
    Rule("value_missing_here", "value"),
    Rule("events_missing", "value"),
    Rule("events_not_counted", "value"),
    Rule("pair_missing", "numerator"),
    Rule("pair_missing", "denominator"),
    Rule("done_missing", "done"),
    Rule("negative_number", "numerator"),
    Rule("negative_number", "denominator"),
    Rule("rank_not_whole", "value"),
    Rule("rank_above_count", "value", "denominator"),
    Rule("figure_not_expected", "value", "measure_kind"),
    Rule("figure_not_expected", "numerator", "measure_kind"),
    Rule("figure_not_expected", "denominator", "measure_kind"),
    Rule("figure_not_expected", "done", "measure_kind"),
    Rule("unit_of_measure_mismatch", "value", "unit_of_measure"),
    Rule("unit_of_measure_mismatch", "numerator", "unit_of_measure"),
    Rule("unit_of_measure_mismatch", "denominator", "unit_of_measure"),
    Rule("no_change_not_allowed", "no_change", "", _PROGRESS),
    Rule("no_change_with_value", "value", "", _PROGRESS),
    Rule("no_change_with_value", "numerator", "", _PROGRESS),
    Rule("no_change_with_value", "denominator", "", _PROGRESS),
    Rule("no_change_with_value", "done", "", _PROGRESS),
    Rule("date_in_future", "happened_on", "", _PROGRESS),
    Rule("date_out_of_range", "happened_on", "", _PROGRESS),
    Rule("date_in_future", "item"),
    Rule("date_in_future", "checked_on", "", _INSPECTION),
    Rule("date_out_of_range", "checked_on", "", _INSPECTION),
    Rule("checked_on_missing", "checked_on", "", _INSPECTION),
    Rule("method_missing", "method", "", _INSPECTION),
    Rule("sample_kind_unknown", "sample_kind", "", _INSPECTION),
    Rule("duplicate_contradicts", "responsibility_code", "other_row"),
    Rule("duplicate_identical", "responsibility_code", "other_row"),
    Rule("row_left_blank", "responsibility_code", "", _PROGRESS),
    Rule("numerator_above_denominator", "numerator", "denominator"),
)

FIELDS_CHECKED = tuple(dict.fromkeys(rule.field for rule in RULES))
REASON_CODES = list(dict.fromkeys(rule.reason_code for rule in RULES))
WANTS = {(rule.reason_code, rule.field): rule.want for rule in RULES}


def fields_of(kind: str) -> list[str]:
    """Return the fields that the rules of `kind` look at."""
    return list(dict.fromkeys(rule.field for rule in RULES if kind in rule.kinds))


def findings(rows: pd.DataFrame, flawed: pd.DataFrame) -> pd.DataFrame:
    """Return one categorical column a field: the reason code of what is wrong with that cell, null where nothing is.

    `rows` as `context.with_context` gives them, `flawed` from the readings. Adds `other_row` to `rows`: the row that a
    repeated one repeats.
    """
    bad = _bad(rows, flawed)
    of_kind = {kind: (rows["kind"] == kind).to_numpy() for kind in ("progress", "inspection")}
    codes = {field: np.full(len(rows), -1, dtype=np.int8) for field in FIELDS_CHECKED}
    for rule in RULES:
        where = bad[rule.name].to_numpy(dtype=bool)
        if len(rule.kinds) == 1:
            where = where & of_kind[rule.kinds[0]]
        if where.any():
            found = codes[rule.field]
            found[where & (found < 0)] = REASON_CODES.index(rule.reason_code)
    columns = {field: pd.Categorical.from_codes(found, pd.Index(REASON_CODES)) for field, found in codes.items()}
    return pd.DataFrame(columns, index=rows.index)


def _bad(rows: pd.DataFrame, flawed: pd.DataFrame) -> dict[str, pd.Series]:
    """Return one bool column a rule (named `Rule.name`), true where it speaks."""
    bad: dict[str, pd.Series] = {}
    bad |= _identity(rows, flawed)
    left_blank = _left_blank(rows, flawed)
    in_plan = rows["known_week"] & rows["known_responsibility"] & rows["is_assigned"] & (rows["share"] > 0)
    bad |= {name: in_plan & where for name, where in _items(rows, flawed).items()}
    bad |= {name: in_plan & where for name, where in _required(rows, flawed).items()}
    bad = {name: where & ~left_blank for name, where in bad.items()}
    bad["row_left_blank__responsibility_code"] = left_blank
    bad |= {name: in_plan & where for name, where in _figures(rows, flawed).items()}
    bad |= {name: in_plan & where for name, where in _no_change(rows).items()}
    bad |= _dates(rows, flawed)
    bad |= _inspections(rows, flawed)
    bad |= _duplicates(rows)
    return bad


def _identity(rows: pd.DataFrame, flawed: pd.DataFrame) -> dict[str, pd.Series]:
    unit, week, code = rows["unit_code"], rows["week"], rows["responsibility_code"]
    is_progress = rows["kind"] == "progress"
    mismatch = is_progress & (rows["sender"] != "") & (unit != rows["sender"]) & ~flawed["unit_code"]
    unit_given = ~flawed["unit_code"] & ~mismatch
    code_given = (code != "") & ~flawed["responsibility_code"]
    known = code_given & rows["known_responsibility"] & rows["known_unit"] & unit_given
    return {
        "unit_mismatch__unit_code": mismatch,
        "unit_missing__unit_code": unit_given & (unit == ""),
        "unit_unknown__unit_code": unit_given & (unit != "") & ~rows["known_unit"],
        "week_missing__week": ~flawed["week"] & (week == ""),
        "week_unknown__week": ~flawed["week"] & (week != "") & ~rows["known_week"],
        "week_in_future__week": rows["known_week"]
        & rows["open_monday"].notna()
        & (rows["monday"] > rows["open_monday"]),
        "responsibility_missing__responsibility_code": (code == "") & ~flawed["responsibility_code"],
        "responsibility_unknown__responsibility_code": code_given & rows["known_week"] & ~rows["known_responsibility"],
        "not_assigned__responsibility_code": known & ~rows["is_assigned"],
        "cooperating_only__responsibility_code": known & rows["is_assigned"] & ~(rows["share"] > 0),
    }


def _items(rows: pd.DataFrame, flawed: pd.DataFrame) -> dict[str, pd.Series]:
    item_given = rows["item"] != ""
    daily, readable = rows["is_daily"], ~flawed["item"]
    in_week = (rows["item_day"] >= rows["monday"]) & (rows["item_day"] < rows["monday"] + pd.Timedelta(days=7))
    staged = (rows["measure_kind"] == "stages") & rows["has_items"]
    return {
        "item_unknown__item": readable & item_given & ~daily & ~rows["known_item"],
        "item_missing__item": readable & ~item_given & staged,
        "item_not_a_day__item": readable & daily & ~in_week,
        "date_in_future__item": daily
        & in_week
        & (rows["item_day"] > rows["received_on"])
        & _given(rows, flawed, "value"),
    }


def _left_blank(rows: pd.DataFrame, flawed: pd.DataFrame) -> pd.Series:
    """Stages and days that a pre-filled workbook lists and the clerk did not touch, beside ones that were filled in."""
    said = rows["no_change"] | flawed.any(axis=1)
    for name in ("value", "numerator", "denominator", "done", "happened_on"):
        said |= rows[name].notna()
    for name in ("reason", "measure", "next_step", "evidence"):
        said |= rows[name] != ""
    listed = (rows["kind"] == "progress") & (rows["is_daily"] | rows["has_items"]) & (rows["item"] != "")
    slot = [rows[name] for name in ("file_id", "unit_code", "week", "responsibility_code")]
    return listed & ~said & said.groupby(slot, sort=False).transform("any")


def _given(rows: pd.DataFrame, flawed: pd.DataFrame, name: str) -> pd.Series:
    return rows[name].notna() | flawed[name]


def _required(rows: pd.DataFrame, flawed: pd.DataFrame) -> dict[str, pd.Series]:
    measure = rows["measure_kind"]
    # A check may carry only a finding; a report must carry its figure or say that nothing changed.
    is_asked = ~rows["no_change"] & ~flawed["no_change"] & ~((rows["kind"] == "inspection") & (rows["finding"] != ""))
    no_value = is_asked & ~_given(rows, flawed, "value")
    numerator, denominator = (_given(rows, flawed, name) for name in ("numerator", "denominator"))
    is_ratio = measure == "ratio"
    return {
        "value_missing__value": no_value & measure.isin(["total", "level", "rank"]),
        "value_missing_here__value": no_value & measure.isin(["flow", "average", "range"]),
        "events_missing__value": no_value & (measure == "red_line"),
        "pair_missing__numerator": is_ratio & ~numerator & (is_asked | denominator) & ~rows["no_change"],
        "pair_missing__denominator": is_ratio & ~denominator & (is_asked | numerator) & ~rows["no_change"],
        "done_missing__done": is_asked & ~_given(rows, flawed, "done") & (measure == "stages"),
    }


def _figures(rows: pd.DataFrame, flawed: pd.DataFrame) -> dict[str, pd.Series]:
    measure, value = rows["measure_kind"], rows["value"]
    whole = value == np.floor(value)
    events, rank = measure == "red_line", measure == "rank"
    expected = {
        "value": measure.isin(VALUE_MEASURES),
        "numerator": measure == "ratio",
        "denominator": measure.isin(WITH_DENOMINATOR),
        "done": measure == "stages",
    }
    bad = {
        "events_not_counted__value": events & value.notna() & ((value < 0) | ~whole),
        "rank_not_whole__value": rank & value.notna() & ((value < 1) | ~whole),
        "rank_above_count__value": rank & (value > rows["denominator"]) & whole,
        "numerator_above_denominator__numerator": (measure == "ratio")
        & (rows["numerator"] > rows["denominator"])
        & (rows["denominator"] > 0),
    }
    for name, fits in expected.items():
        bad[f"figure_not_expected__{name}"] = _given(rows, flawed, name) & ~fits
    for name in ("numerator", "denominator"):
        bad[f"negative_number__{name}"] = rows[name] < 0
    for name in NUMBERS:
        bad[f"unit_of_measure_mismatch__{name}"] = expected[name] & ~rows[f"{name}_fits"]
    return bad


def _no_change(rows: pd.DataFrame) -> dict[str, pd.Series]:
    to_date = (rows["measure_kind"] == "ratio") & (rows["time_basis"] != "period")
    allowed = rows["measure_kind"].isin(REPEATABLE) | to_date
    bad = {"no_change_not_allowed__no_change": rows["no_change"] & ~allowed}
    for name in (*NUMBERS, "done"):
        bad[f"no_change_with_value__{name}"] = rows["no_change"] & allowed & rows[name].notna()
    return bad


def _dates(rows: pd.DataFrame, flawed: pd.DataFrame) -> dict[str, pd.Series]:
    bad = {}
    for name in ("happened_on", "checked_on"):
        day = rows[name]
        bad[f"date_in_future__{name}"] = rows["received_on"].notna() & (day > rows["received_on"])
        bad[f"date_out_of_range__{name}"] = day < pd.Timestamp("2000-01-01")
    bad["checked_on_missing__checked_on"] = (rows["kind"] == "inspection") & ~_given(rows, flawed, "checked_on")
    return bad


def _inspections(rows: pd.DataFrame, flawed: pd.DataFrame) -> dict[str, pd.Series]:
    check = rows["kind"] == "inspection"
    kinds = rows["sample_kind"].isin(["random", "risk"]) | flawed["sample_kind"]
    return {
        "method_missing__method": check & (rows["method"] == "") & ~flawed["method"],
        "sample_kind_unknown__sample_kind": check & ~kinds,
    }


_SAID = ("value", "numerator", "denominator", "done", "happened_on", "checked_on", "no_change", "reason", "measure",
         "next_step", "evidence", "method", "sample_kind", "finding", "guidance")  # fmt: skip


def _duplicates(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Rows of one file on the same matter: repeated word for word the first one stands, otherwise none does."""
    slot = ["file_id", "kind", "unit_code", "week", "responsibility_code", "item"]
    named = (rows["responsibility_code"] != "") & (rows["week"] != "")
    repeated = named & rows.duplicated(slot, keep=False)
    nothing = pd.Series(False, index=rows.index)
    rows["other_row"] = 0
    if not repeated.any():
        return {
            "duplicate_identical__responsibility_code": nothing,
            "duplicate_contradicts__responsibility_code": nothing,
        }
    some = rows[repeated]
    same = some.groupby(slot, sort=False)["row_no"].transform("size") == some.groupby(
        [*slot, *_SAID], sort=False, dropna=False
    )["row_no"].transform("size")
    same &= ~some["is_flawed"].groupby([some[name] for name in slot], sort=False).transform("any")
    first = some.groupby(slot, sort=False)["row_no"].transform("first")
    is_first = ~some.duplicated(slot, keep="first")
    last = some.groupby(slot, sort=False)["row_no"].transform("last")
    rows.loc[some.index, "other_row"] = first.where(~is_first, last)
    identical, contradicts = nothing.copy(), nothing.copy()
    identical.loc[some.index] = same & ~is_first
    contradicts.loc[some.index] = ~same
    return {
        "duplicate_identical__responsibility_code": identical,
        "duplicate_contradicts__responsibility_code": contradicts,
    }
