"""What the command line shows a person: calm tables, in Chinese and English."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from ducha.calendar import read_settings

if TYPE_CHECKING:
    import pandas as pd

console = Console()
Advance = Callable[[str, int, int], None]

STATUS = {
    "on_time": ("按时", "on time", "green"),
    "late": ("迟报", "late", "yellow"),
    "returned": ("退回", "returned", "red"),
    "missing": ("未报", "missing", "red"),
    "withdrawn": ("撤回", "withdrawn", "yellow"),
    "not_expected": ("无需报", "not expected", "dim"),
}
ATTENTION = ("missing", "returned", "withdrawn", "late")
"""Statuses whose units are named; the others are only counted."""
LISTED = 12
"""Files or failures that are listed one by one; a hundred units would bury what matters."""
LIGHT = {"red": ("红", "red"), "yellow": ("黄", "yellow"), "green": ("绿", "green"), "grey": ("灰", "dim")}


_EXACT = re.compile(r'"\\u0000([^"\\]+)\\u0000"')


def to_json(data: Any) -> str:
    """Return data as JSON on one line: numbers digit for digit, NULL as null, times and dates in ISO 8601.

    What JSON has no number for (NaN, Infinity) is text of that name; bytes are hexadecimal text.
    """
    text = json.dumps(_jsonable(data), ensure_ascii=False, allow_nan=False)
    return _EXACT.sub(r"\1", text)


def _jsonable(value: Any) -> Any:
    """Turn what JSON lacks into what it has; an exact number travels between two NULs, which no text here can hold."""
    if isinstance(value, dict):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, Decimal) and value.is_finite():
        return f"\0{value:f}\0"
    if value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, memoryview | bytes) else _word(value)


def _word(value: object) -> str:
    """The name of a number that is none, else the value as text."""
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(str(value).lower(), str(value))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a query's rows as dictionaries; a column name that stands twice gets a number."""
    names: list[str] = []
    for name in map(str, frame.columns):
        number = 1 + sum(name == other for other in map(str, frame.columns[: len(names)]))
        shown = name if number == 1 else f"{name}_{number}"
        names.append(shown if shown not in names else f"{shown}_")
    return [dict(zip(names, row, strict=True)) for row in frame.itertuples(index=False, name=None)]


def county_code_of(county_dir: Path) -> str:
    """Read the county's code without loading the county; CountyError when it has none."""
    return read_settings(county_dir / "county.yaml").county_code


@contextmanager
def progress(quiet: bool = False) -> Iterator[Advance]:
    """Yield advance(step, done, total): one line a step on a terminal, nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def advance(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield advance


def percent(value: Decimal | float | None) -> str:
    """Print a share, one decimal; what is not there is a dash, never 0."""
    return "—" if value is None else f"{float(value) * 100:.1f}%"


def show_summary(summary: dict[str, Any]) -> None:
    """Show a week: counts, then by name who needs attention, completion by area, where things are."""
    release = summary["release"]
    console.print()
    if release is None:
        console.print(f"[bold]{summary['week']}[/]  尚无结果 · nothing computed yet")
        return
    kind = "  [yellow]假设，不对外 · what-if, not shown to readers[/]" if release["release_status"] == "what_if" else ""
    console.print(
        f"[bold]{summary['week']}[/]  {release['release_id']}{kind}  "
        f"完成率 · completion {percent(release['completion'])}"
    )
    _show_counts(summary["counts"])
    for status in ATTENTION:
        names = [unit["name_zh"] for unit in summary["units"] if unit["status"] == status]
        zh, en, colour = STATUS[status]
        _show_names(f"{zh} · {en} {len(names)}", names, colour)
    console.print(area_table(summary["areas"]))
    _show_failures(summary.get("failed_units", {}))
    _show_files("无主文件，没有收取 · in no unit's folder, not collected", summary.get("strays", []))
    _show_files("退回件 · returned", [file["path"] for file in summary["returned_files"]])
    if release["bulletin_directory"]:
        state = release["bulletin_status"]
        console.print(f"通报 · bulletin ({state}): {release['bulletin_directory']}", soft_wrap=True)


def _show_counts(counts: dict[str, int]) -> None:
    """Counts in a line, or two on a narrow terminal; a status that nobody has is left out."""
    parts = [Text(f"应报 · expected {counts['expected']}"), Text(f"已报 · received {counts['received']}")]
    for status, (zh, en, colour) in STATUS.items():
        if counts.get(status):
            parts.append(Text(f"{zh} · {en} {counts[status]}", colour))
    line = Text()
    for part in parts:
        if line and line.cell_len + part.cell_len + 3 > console.width:
            console.print(line)
            line = Text()
        line.append_text(Text("   " if line else "")).append_text(part)
    console.print(line)


def _show_names(label: str, names: list[str], colour: str) -> None:
    """A label and the names behind it, wrapped between names to the width of the terminal, under one another."""
    if not names:
        return
    indent = cell_len(label) + 4
    lines = packed(names, max(console.width - indent, 20))
    console.print(f"  [{colour}]{label}[/]  {lines[0]}", soft_wrap=True)
    for line in lines[1:]:
        console.print(" " * indent + line, soft_wrap=True)


def packed(names: list[str], width: int) -> list[str]:
    """Return the names in lines of at most `width` cells (a Chinese character takes two); no name is broken."""
    lines = [""]
    for n, name in enumerate(names, start=1):
        piece = name + ("、" if n < len(names) else "")
        if lines[-1] and cell_len(lines[-1] + piece) > width:
            lines.append("")
        lines[-1] += piece
    return lines


def _show_failures(failed: dict[str, str]) -> None:
    """Units whose place could not be read; those with the same reason in one entry."""
    by_reason: dict[str, list[str]] = {}
    for unit_code, message in failed.items():
        by_reason.setdefault(message.replace(unit_code, "…") if len(failed) > LISTED else message, []).append(unit_code)
    for message, units in by_reason.items():
        _show_names(f"收取失败 · fetch failed {len(units)}", units, "red")
        console.print(f"    {message}", soft_wrap=True, markup=False)


def _show_files(label: str, files: list[str]) -> None:
    """A file a line; beyond a dozen the rest is counted, with the folder that holds the last one's folder."""
    for file in files[:LISTED]:
        console.print(f"{label}: {file}", soft_wrap=True, markup=False)
    if len(files) > LISTED:
        more, folder = len(files) - LISTED, Path(files[-1]).parent.parent
        console.print(f"{label}: 还有 {more} 份 · {more} more, {folder}", soft_wrap=True, markup=False)


def area_table(areas: list[dict[str, Any]]) -> Table:
    """Completion by area with the worst light in words, so that it reads without colour."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("领域 · area", "完成率", "最差", "红", "黄", "绿", "灰"):
        table.add_column(heading, justify="left" if "area" in heading else "right")
    for area in areas:
        word, colour = LIGHT.get(area["worst_light"], ("—", "dim"))
        lights = [str(area[f"{light}_count"]) for light in ("red", "yellow", "green", "grey")]
        name = f"{'　' if area['parent_code'] else ''}{area['name_zh']} {area['name_en']}"
        table.add_row(name, percent(area["completion"]), Text(word, colour), *lights)
    return table


def show_check(result: dict[str, Any]) -> None:
    """Show what intake says of one file."""
    colour = {"accepted": "green", "returned": "yellow", "refused": "red"}[result["verdict"]]
    words = {"accepted": "接受 · accepted", "returned": "退回 · returned", "refused": "拒收 · refused"}
    console.print(
        f"[{colour}]{words[result['verdict']]}[/] {result['file']}  {result['rows']} 行 · rows", soft_wrap=True
    )
    if result["message"]:
        console.print(f"  {result['message']}", soft_wrap=True, markup=False)
    for problem in result["problems"]:
        row = f"第 {problem['row_no']} 行 · row {problem['row_no']}" if problem["row_no"] else ""
        where = "!".join(part for part in (problem["sheet"], problem["cell"] or row) if part)
        console.print(f"  {where}  {problem['message']}", soft_wrap=True, markup=False)


def show_difference(found: dict[str, Any]) -> None:
    """Show figures known differently at two instants: what it was, what it is, why; equal reasons once."""
    by_reason: dict[str, list[dict[str, Any]]] = {}
    for figure in found["figures"]:
        by_reason.setdefault(figure["reason"], []).append(figure)
    for reason, figures in by_reason.items():
        console.print(reason, style="bold", markup=False, soft_wrap=True)
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 2))
        for figure in figures:
            key = " ".join(str(value) for value in figure["key"].values())
            before, after = (short(figure[side]) for side in ("before", "after"))
            table.add_row(f"{figure['table']} {key}", figure["column"], f"{before} → {after}")
        console.print(table)
    console.print(f"{len(found['figures'])} 个数字不同 · figures differ", markup=False)


def short(text: str | None) -> str:
    """Return a figure as a person reads it: numbers to four decimals, nothing as —."""
    if text is None:
        return "—"
    try:
        return f"{float(text):.4f}".rstrip("0").rstrip(".")
    except ValueError:
        return text


COUNTY_WORDS = {
    "units": "单位 · units",
    "responsibilities": "责任事项 · responsibilities",
    "assignments": "责任分解 · assignments",
    "without_target": "没有目标 · without a target",
    "without_definition": "没有口径 · without a definition",
    "without_leader": "责任领导未明确 · without a leader",
    "without_lead_unit": "牵头单位未明确 · without a lead unit",
    "without_date": "时限未定 · without a due date",
    "fully_assigned": "四要素齐全 · fully assigned",
    "sample_targets": "示例目标 · sample targets",
    "weeks": "日历中的周 · weeks in the calendar",
    "weeks_not_announced": "节假日尚未公布的周 · weeks not announced",
}


def show_county(result: dict[str, Any]) -> None:
    """Show what is wrong in a county's files, one problem a line, or what they hold."""
    for problem in result["problems"]:
        row = f" 第{problem['row']}行" if problem["row"] else ""
        where = f"{problem['file']}{row} {problem['column']}".strip()
        console.print(f"{where}: {problem['message_zh']} · {problem['message_en']}", soft_wrap=True, markup=False)
    for name, words in COUNTY_WORDS.items():
        if name in result:
            console.print(f"{result[name]:>5}  {words}", soft_wrap=True, markup=False)


def show_paths(data: dict[str, Any]) -> None:
    """Show named values, one a line."""
    for name, value in data.items():
        console.print(f"{name}: {value}", soft_wrap=True, markup=False)


def show_frame(frame: pd.DataFrame) -> None:
    """Show a query's answer as a table: numbers to the right, nothing for NULL."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    rows = list(frame.itertuples(index=False, name=None))
    for position, column in enumerate(frame.columns):
        cells = [row[position] for row in rows if row[position] is not None]
        is_number = cells and all(isinstance(cell, int | float | Decimal) for cell in cells)
        table.add_column(str(column), justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    console.print(table)
