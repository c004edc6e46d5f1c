"""What stands on the command line, held against what there is: anything wrong with it is bad usage (exit 2)."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ducha.calendar import monday_of
from ducha.settings import Settings

if TYPE_CHECKING:
    from ducha.catalogue import Catalogue

SHOWN = 12
"""Codes that a message names."""


def week_that_is_one(text: str) -> str:
    """Let a week code like 2022-W02 through, and '' where none is asked for; anything else is bad usage."""
    try:
        if text:
            monday_of(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"没有“{text}”这一周，请写成 2022-W02 · there is no week {text}: write it like 2022-W02"
        ) from error
    return text


def files_that_can_be_read(paths: list[Path]) -> list[Path]:
    """Let files through that are there and may be read; the first that is not is bad usage."""
    for path in paths:
        if not path.is_file():
            raise typer.BadParameter(
                f"没有文件 {path}，请核对路径（文件夹请写其中的文件）· {path} is no file: check the path, and name the "
                "files in a folder"
            )
        if not os.access(path, os.R_OK):
            raise typer.BadParameter(f"无权读取 {path}，请先授权 · {path} may not be read: give yourself the right to")
    return paths


def reason_that_may_be_kept(text: str) -> str:
    """Let a reason through that says something and names nobody: the ledger keeps it for good."""
    from ducha.personal import is_personal

    if not text.strip() or is_personal(text):
        raise typer.BadParameter(
            "请写明原因，其中不要有身份证号或电话号码 · say why, without an identity or phone number"
        )
    return text


def parse_time(text: str | None) -> datetime | None:
    """Parse an ISO time, UTC unless it says otherwise; a bad one is bad usage."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} 不是 ISO 时间，如 2022-01-14T12:00+08:00 · is no ISO time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def settings_for(county: Path | None = None, inbox: Path | None = None) -> Settings:
    """Return the settings of the environment with what the command line says on top."""
    settings = Settings.from_env()
    chosen = county.resolve() if county else settings.county_dir
    if not (chosen / "county.yaml").is_file():
        raise typer.BadParameter(
            f"{chosen} 中没有 county.yaml，请指向县目录 · holds no county.yaml: name the county's folder",
            param_hint="--county" if county else "DUCHA_COUNTY",
        )
    if inbox is not None and not inbox.is_dir():
        raise typer.BadParameter(
            f"没有收件目录 {inbox}，请核对路径 · there is no folder {inbox}: check the path", param_hint="--inbox"
        )
    return replace(settings, county_dir=chosen, inbox=inbox.resolve() if inbox else settings.inbox)


def county_of(settings: Settings, week: str = "", unit: str = "", senders_too: bool = False) -> Catalogue:
    """Load the county; a week its calendar lacks and a unit it does not have are bad usage.

    `senders_too`: the inspection teams count as a unit. Raises CountyError for a county whose files are wrong.
    """
    from ducha.catalogue import INSPECTION_SENDER
    from ducha.county.loading import load_county

    catalogue = load_county(settings.county_dir)
    weeks, units = list(catalogue.weeks["week_code"]), sorted(catalogue.units["unit_code"])
    if week and week not in weeks:
        raise typer.BadParameter(
            f"督查日历中没有 {week}，请用 {min(weeks)} 至 {max(weeks)} · the county's calendar has no {week}: "
            f"use {min(weeks)} to {max(weeks)}",
            param_hint="--week",
        )
    if unit and unit not in units and not (senders_too and unit == INSPECTION_SENDER):
        raise typer.BadParameter(
            f"没有单位 {unit}，请用 units.csv 中的代码：{'、'.join(units[:SHOWN])}{'…' * (len(units) > SHOWN)} · "
            f"there is no unit {unit}: use a code of units.csv",
            param_hint="--unit",
        )
    return catalogue


def place_to_write(out: Path, is_folder: bool) -> None:
    """Let a path through that can be written to; anything else is bad usage."""
    if is_folder and (out.is_dir() or not out.exists()):
        return
    if not is_folder and out.parent.is_dir() and not out.is_dir():
        return
    raise typer.BadParameter(
        f"无法写到 {out}，请给出{'文件夹' if is_folder else '已有文件夹中的文件名'} · {out} cannot be written: name "
        f"{'a folder' if is_folder else 'a file in a folder that is there'}",
        param_hint="--out",
    )
