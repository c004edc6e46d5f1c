"""What the command line shows a person: calm tables, in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
LIGHT = {"red": ("红", "red"), "yellow": ("黄", "yellow"), "green": ("绿", "green"), "grey": ("灰", "dim")}


def plain(value: object) -> object:
    """Turn what JSON lacks into text or a number."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


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
    """Show a week: who reported, completion by area, where things are."""
    release, counts = summary["release"], summary["counts"]
    console.print()
    if release is None:
        console.print(f"[bold]{summary['week']}[/]  尚无结果 · nothing computed yet")
        return
    kind = "  [yellow]假设，不对外 · what-if, not shown to readers[/]" if release["release_status"] == "what_if" else ""
    console.print(
        f"[bold]{summary['week']}[/]  {release['release_id']}{kind}  "
        f"完成率 · completion {percent(release['completion'])}"
    )
    console.print(f"应报 · expected {counts['expected']}  已报 · received {counts['received']}")
    for status, (zh, en, colour) in STATUS.items():
        if counts.get(status):
            names = [unit["name_zh"] for unit in summary["units"] if unit["status"] == status]
            who = "" if status == "on_time" else f": {'、'.join(names)}"
            console.print(f"  [{colour}]{zh} · {en} {counts[status]}[/]{who}", soft_wrap=True)
    console.print(area_table(summary["areas"]))
    for unit_code, message in summary.get("failed_units", {}).items():
        console.print(f"[red]收取失败 · fetch failed[/] {unit_code}: {message}", soft_wrap=True)
    for name in summary.get("strays", []):
        words = "不在任何单位的目录中，没有收取 · in no unit's folder, not collected"
        console.print(f"[red]无主文件 · stray[/] {name}: {words}", soft_wrap=True)
    for file in summary["returned_files"]:
        console.print(f"退回件 · returned: {file['path']}", soft_wrap=True)
    if release["bulletin_directory"]:
        state = release["bulletin_status"]
        console.print(f"通报 · bulletin ({state}): {release['bulletin_directory']}", soft_wrap=True)


def area_table(areas: list[dict[str, Any]]) -> Table:
    """Completion by area with the worst light in words, so that it reads without colour."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("领域 · area", "完成率", "最差", "红", "黄", "绿", "灰"):
        table.add_column(heading, justify="left" if "area" in heading else "right")
    for area in areas:
        word, colour = LIGHT.get(area["worst_light"], ("—", "dim"))
        lights = [str(area[f"{light}_count"]) for light in ("red", "yellow", "green", "grey")]
        table.add_row(f"{area['name_zh']} {area['name_en']}", percent(area["completion"]), Text(word, colour), *lights)
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
        where = "!".join(part for part in (problem["sheet"], problem["cell"]) if part)
        console.print(f"  {where}  {problem['message']}", soft_wrap=True, markup=False)


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
    """Show a query's answer as a table."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in frame.columns:
        table.add_column(str(column), justify="right" if frame[column].dtype.kind in "fi" else "left")
    for row in frame.itertuples(index=False):
        table.add_row(*("" if value is None or value != value else str(value) for value in row))  # noqa: PLR0124 - NaN
    console.print(table)
