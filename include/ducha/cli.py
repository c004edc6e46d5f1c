"""`ducha …`: what an operator, an analyst or a clerk's helper types.

Ends with 0 ok, 1 failure or something returned, 2 bad usage.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from psycopg2.extensions import connection as Connection

from ducha import view
from ducha.arguments import (
    county_of,
    files_that_can_be_read,
    parse_time,
    place_to_write,
    reason_that_may_be_kept,
    settings_for,
    week_that_is_one,
)
from ducha.settings import Settings

app = typer.Typer(
    help="督查 · weekly submissions in, verified completion and a signed bulletin out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

CountyDir = Annotated[Path | None, typer.Option("--county", help="县目录 · the county's folder (default DUCHA_COUNTY)")]
WeekCode = Annotated[str, typer.Option("--week", help="周次 · like 2022-W02", callback=week_that_is_one)]
AsJson = Annotated[bool, typer.Option("--json", help="机器可读 · for machines")]


def main() -> None:
    """Run the command line; a fault whose message is the whole story is told without a stack trace and ends with 1."""
    import psycopg2

    try:
        app()
    except (psycopg2.Error, OSError, ValueError, KeyError, RuntimeError) as fault:
        text = fault.args[0] if isinstance(fault, KeyError) and fault.args else str(fault)
        typer.secho(str(text).strip(), fg="red", err=True)
        sys.exit(1)


@contextmanager
def warehouse(settings: Settings) -> Iterator[Connection]:
    """Open the warehouse, migrated; close it at the end."""
    from ducha.warehouse.database import connect, migrate

    url = settings.warehouse_url()
    migrate(url)
    conn = connect(url)
    try:
        yield conn
    finally:
        conn.close()


def say(data: Any, as_json: bool, show: Any) -> None:
    """Print the data as one JSON object, or show it to a person."""
    if as_json:
        typer.echo(view.to_json(data))
    else:
        show(data)


@app.command()
def run(
    week: WeekCode,
    county: CountyDir = None,
    inbox: Annotated[Path | None, typer.Option(help="收件目录 · the inbox (default DUCHA_INBOX)")] = None,
    known_at: Annotated[
        str | None, typer.Option(help="ISO 时间 · a what-if: the week as known then; nothing is collected")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run one week in this process, without Airflow: collect, check, compute, audit, draft.

    Example: ducha run --county include/county --week 2022-W02 --inbox inbox
    """
    from ducha import gx

    gx.warm_up()  # it imports beside our own imports
    from ducha.pipeline.week import run_week, what_if

    moment = parse_time(known_at)
    settings = settings_for(county, inbox)
    county_of(settings, week)
    with warehouse(settings) as conn, view.progress(quiet=as_json) as advance:
        if moment:
            say(what_if(conn, settings, week, moment), as_json, view.show_summary)
            return
        summary = run_week(conn, settings, week, advance)
    say(summary, as_json, view.show_summary)
    intake = summary["intake"]
    is_well = not (summary["failed_units"] or summary["strays"] or intake["returned_files"] or intake["refused_files"])
    raise typer.Exit(0 if is_well else 1)


@app.command()
def diff(
    week: WeekCode,
    since: Annotated[str, typer.Option("--from", help="ISO 时间 · the earlier instant")],
    until: Annotated[str, typer.Option("--to", help="ISO 时间 · the later instant")],
    county: CountyDir = None,
    as_json: AsJson = False,
) -> None:
    """List each figure of a week that was known differently at two instants, and why.

    Example: ducha diff --week 2022-W02 --from 2022-01-14T12:00+08:00 --to 2022-02-01T12:00+08:00
    """
    from ducha.pipeline.week import difference_between

    earlier, later = parse_time(since), parse_time(until)
    settings = settings_for(county)
    county_of(settings, week)
    if earlier is None or later is None or earlier >= later:
        raise typer.BadParameter("应晚于 --from · must be later than --from", param_hint="--to")
    with warehouse(settings) as conn:
        say(difference_between(conn, settings, week, earlier, later), as_json, view.show_difference)


@app.command()
def check(
    files: Annotated[
        list[Path], typer.Argument(help="要检查的文件 · the files", callback=files_that_can_be_read, readable=False)
    ],
    county: CountyDir = None,
    unit: Annotated[str, typer.Option(help="单位代码 · the unit that would send them")] = "",
    week: WeekCode = "",
    as_json: AsJson = False,
) -> None:
    """Say what intake would say of files; record nothing.

    Example: ducha check 第2周报表.xlsx --unit D01 --week 2022-W02
    """
    from ducha import gx

    gx.warm_up()  # it imports beside our own imports
    from ducha.intake.checkfile import check_files

    catalogue = county_of(settings_for(county), week, unit, senders_too=True)
    results = check_files(files, catalogue, unit, week)
    for result in results:
        say(result, as_json, view.show_check)
    raise typer.Exit(0 if all(result["verdict"] == "accepted" for result in results) else 1)


@app.command()
def template(
    unit: Annotated[str, typer.Option(help="单位代码 · the unit")],
    week: WeekCode,
    out: Annotated[Path, typer.Option(help="写到 · where to")],
    county: CountyDir = None,
    as_json: AsJson = False,
) -> None:
    """Write a unit's workbook for a week, filled in with what is known.

    Example: ducha template --unit D01 --week 2022-W02 --out D01.xlsx
    """
    from ducha.pipeline.week import write_unit_template

    settings = settings_for(county)
    county_of(settings, week, unit)
    place_to_write(out, is_folder=False)
    with warehouse(settings) as conn:
        rows = write_unit_template(conn, settings, unit, week, out)
    say({"file": str(out), "rows": rows}, as_json, lambda d: typer.echo(f"{d['file']}  {d['rows']} 行 · rows"))


@app.command(name="county")
def look_at(county: CountyDir = None, as_json: AsJson = False) -> None:
    """Read a county's files: everything that is wrong, with file, row, column and remedy, or what they hold.

    Example: ducha county --county include/county
    """
    from ducha.county.summary import look_at_county

    result = look_at_county(settings_for(county).county_dir)
    say(result, as_json, view.show_county)
    raise typer.Exit(1 if result["problems"] else 0)


@app.command()
def holidays(
    first: Annotated[int, typer.Option(min=1990, max=2100, help="第一年 · first year")],
    last: Annotated[int, typer.Option(min=1990, max=2100, help="最后一年 · last year")],
    county: CountyDir = None,
    as_json: AsJson = False,
) -> None:
    """Write China's holidays and make-up workdays into calendar.csv; lines that the county fixed itself stay.

    Example: ducha holidays --first 2021 --last 2027 --county include/county
    """
    from ducha.county.public_holidays import renew_calendar

    if last < first:
        raise typer.BadParameter("不能早于第一年 · must not be before the first year", param_hint="--last")
    say(renew_calendar(settings_for(county).county_dir, first, last), as_json, view.show_paths)


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="写到 · where to")],
    weeks: Annotated[int, typer.Option(min=1, max=52, help="周数 · how many weeks")] = 8,
    seed: Annotated[int, typer.Option(help="随机种子 · seed")] = 1,
    county: CountyDir = None,
    as_json: AsJson = False,
) -> None:
    """Write believable submissions and inspections, and the answer file of what was truly sent.

    Example: ducha sample --weeks 8 --seed 1 --out sample
    """
    from ducha.sample import write_sample

    place_to_write(out, is_folder=True)
    with view.progress(quiet=as_json) as advance:
        answer = write_sample(settings_for(county).county_dir, out, weeks=weeks, seed=seed, advance=advance)
    say({"inbox": str(out / "inbox"), "answer": str(answer)}, as_json, view.show_paths)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="一条查询 · one query")],
    as_known: Annotated[str | None, typer.Option(help="ISO 时间 · marts as released by then")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the warehouse as the read-only analyst; `mart` tables answer with their newest release.

    Example: ducha sql "SELECT area_code, completion FROM area_week WHERE week_code = '2022-W08'"
    """
    from ducha.warehouse.analyst import ask

    moment = parse_time(as_known)
    with warehouse(Settings.from_env()) as conn:
        frame = ask(conn, query, moment)
    say(view.records(frame), as_json, lambda _: view.show_frame(frame))


@app.command()
def status(week: WeekCode, county: CountyDir = None, as_json: AsJson = False) -> None:
    """Say who has reported for a week, who has not, and what was returned.

    Example: ducha status --week 2022-W08
    """
    from ducha.warehouse.status import week_summary

    settings = settings_for(county)
    with warehouse(settings) as conn:
        summary = week_summary(conn, view.county_code_of(settings.county_dir), week)
    say(summary, as_json, view.show_summary)
    raise typer.Exit(0 if summary["release"] else 1)


@app.command()
def withdraw(
    unit: Annotated[str, typer.Option(help="单位代码 · the unit")],
    week: WeekCode,
    reason: Annotated[str, typer.Option(help="撤回原因 · why", callback=reason_that_may_be_kept)],
    county: CountyDir = None,
    as_json: AsJson = False,
) -> None:
    """Take back everything a unit has sent for a week so far; the ledger keeps both.

    Example: ducha withdraw --unit D01 --week 2022-W02 --reason 报错单位
    """
    from ducha.pipeline.collect import withdraw as take_back

    settings = settings_for(county)
    county_of(settings, week, unit, senders_too=True)
    with warehouse(settings) as conn:
        taken = take_back(conn, view.county_code_of(settings.county_dir), unit, week, reason)
    say({"unit": unit, "week": week, "withdrawn": taken}, as_json, view.show_paths)


@app.command()
def demo() -> None:
    """Show the whole thing on a sample county: seven weeks of history, then one real week through the real DAGs.

    Example: ducha demo
    """
    from ducha.local.demo import run_demo

    raise typer.Exit(run_demo(settings_for()))


@app.command()
def up() -> None:
    """Start Airflow with its web page on this machine.

    Example: ducha up
    """
    from ducha.local import airflow

    raise typer.Exit(airflow.up(Settings.from_env()))


@app.command()
def down() -> None:
    """Stop everything that `up` started, the embedded PostgreSQL too.

    Example: ducha down
    """
    from ducha.local import airflow

    raise typer.Exit(airflow.down(Settings.from_env()))


if __name__ == "__main__":
    main()
