"""Cross-indicator rules (勾稽规则): `left operator right` over what responsibilities report, read and checked here.

Nothing evaluates them yet. An expression is arithmetic over references: `[KF-05]` is the value of a responsibility,
`[KF-05:denominator]` a part of it, `[XC-05@T01]` that of one unit.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from ducha.county.files import CountyProblem
from ducha.county.measures import problem_in

Frames = Mapping[str, pd.DataFrame]
SIDES = ("left_expression", "right_expression")
REFERENCE = re.compile(r"\[([^\[\]@:]+)(?:@([^\[\]@:]+))?(?::([a-z]+))?\]")
AROUND = re.compile(r"(?:[\d.+\-*/(),\s]|min|max)*")
LONGEST = 300
STAND_IN = " _ "
FUNCTIONS = ("min", "max")
ARITHMETIC = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Call, ast.Load, ast.USub, ast.Add,
              ast.Sub, ast.Mult, ast.Div)  # fmt: skip
PARTS = {
    "ratio": ("value", "numerator", "denominator", "completion"),
    "average": ("value", "denominator", "completion"),
    "rank": ("value", "denominator", "completion"),
    "stages": ("completion",),
}
"""What can be referred to, by measure; the others have a value and a completion."""
PLAIN_PARTS = ("value", "completion")


@dataclass(frozen=True)
class Reference:
    """What an expression refers to; `unit_code` is '' for all units together."""

    responsibility_code: str
    unit_code: str
    part: str


def parse_expression(text: str) -> list[Reference]:
    """Return the references of an expression, in order; ValueError when it is not arithmetic over references.

    Allowed around them: numbers, + - * /, brackets, min and max of two or more.
    """
    around = REFERENCE.sub(" ", text)
    if len(text) > LONGEST or not AROUND.fullmatch(around):
        raise ValueError(f"not arithmetic over references: {text}")
    try:
        tree = ast.parse(REFERENCE.sub(STAND_IN, text).strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"not arithmetic: {text}") from error
    nodes = list(ast.walk(tree))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    functions = [call.func for call in calls]
    is_sound = all(isinstance(call.func, ast.Name) and len(call.args) > 1 for call in calls) and all(
        isinstance(node, ARITHMETIC)
        and (not isinstance(node, ast.Name) or (node.id in FUNCTIONS) == (node in functions))
        for node in nodes
    )
    if not is_sound:
        raise ValueError(f"not arithmetic: {text}")
    return [Reference(code.strip(), unit.strip(), part or "value") for code, unit, part in REFERENCE.findall(text)]


def check_rules(frames: Frames) -> Iterator[CountyProblem]:
    """Rules that refer to responsibilities, parts and units that exist, and that can come out either way."""
    rules = frames["rules"]
    for row, left, right in zip(rules.index, rules[SIDES[0]], rules[SIDES[1]], strict=True):
        if not left or not right:
            continue  # told already, where the cell was read
        sides = dict(zip(SIDES, (left, right), strict=True))
        found = {column: parse_expression(text) for column, text in sides.items()}
        for column, references in found.items():
            for reference in references:
                for zh, en in _wrong(reference, frames):
                    yield problem_in("rules", row, column, zh, en)
        if not any(found.values()):
            zh, en = "两边都没有引用事项，请写 [事项代码]", "neither side refers to a responsibility: write [its code]"
            yield problem_in("rules", row, ", ".join(SIDES), zh, en)
        elif left == right:
            zh, en = "两边相同，请更正其一", "both sides are the same: correct one"
            yield problem_in("rules", row, ", ".join(SIDES), zh, en)


def _wrong(reference: Reference, frames: Frames) -> Iterator[tuple[str, str]]:
    """Yield what a reference names that is not there."""
    code, unit = reference.responsibility_code, reference.unit_code
    duties = frames["responsibilities"]
    measures = duties.loc[duties["responsibility_code"] == code, "measure"]
    if measures.empty:
        yield (
            f"responsibilities.csv 中没有 {code}，请更正代码或在那里补上",
            f"responsibilities.csv has no {code}: correct the code or add it there",
        )
        return
    parts = sorted({part for measure in measures for part in PARTS.get(measure, PLAIN_PARTS)})
    if reference.part not in parts:
        said = "、".join(parts)
        yield (
            f"{code} 没有 {reference.part}，请改用：{said}",
            f"{code} has no {reference.part}, use: {', '.join(parts)}",
        )
    given = frames["assignments"]
    own = given[(given["responsibility_code"] == code) & (given["unit_code"] == unit) & (given["share"] > 0)]
    if unit and own.empty:
        yield (
            f"{unit} 在 assignments.csv 中没有 {code} 的份额，请更正单位或在那里补上",
            f"{unit} has no share of {code} in assignments.csv: correct the unit or add it there",
        )
