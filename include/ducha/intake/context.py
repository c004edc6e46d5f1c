"""Rows with what the catalogue knows about each of them: the ground on which they are checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ducha.catalogue import INSPECTION_SENDER, Catalogue
from ducha.intake import units_of_measure, values
from ducha.intake.headings import NUMBERS
from ducha.intake.reading import Readings

SAMPLE_KINDS = {"随机": "random", "随机抽查": "random", "随机抽样": "random", "random": "random"} | {
    "风险": "risk", "风险抽查": "risk", "重点": "risk", "重点抽查": "risk", "risk": "risk",
}  # fmt: skip


def with_context(readings: Readings, catalogue: Catalogue, open_week: str | None = None) -> pd.DataFrame:
    """Return the rows of `readings`, filled and converted, with the catalogue's columns beside them.

    Added: sender, received_at, received_on (local date), known_unit, monday, known_week, open_week, open_monday,
    plan_year, known_responsibility, measure_kind, time_basis, unit_of_measure, is_daily, has_items, known_item,
    is_assigned, share, item_day, and `<number>_fits` (the typed unit agrees). `open_week` overrules the latest week
    that the receipt time allows.
    """
    rows = readings.rows.copy(deep=False)
    _add_sender(rows, readings, catalogue)
    rows = _add_week(rows, catalogue, open_week)
    rows = _add_responsibility(rows, catalogue)
    rows = _add_assignment(rows, catalogue)
    _convert_numbers(rows)
    _read_days(rows)
    kinds = rows["sample_kind"].map(SAMPLE_KINDS)
    rows["sample_kind"] = kinds.fillna(rows["sample_kind"]).astype("str")
    return rows


def _add_sender(rows: pd.DataFrame, readings: Readings, catalogue: Catalogue) -> None:
    zone = catalogue.settings.timezone
    senders = {r.file.file_id: "" if r.file.kind == "inspection" else r.file.unit_code for r in readings}
    times: dict[str, Any] = {r.file.file_id: r.file.received_at for r in readings}
    rows["sender"] = (
        rows["file_id"].map({k: "" if v == INSPECTION_SENDER else v for k, v in senders.items()}).astype("str")
    )
    received = pd.DatetimeIndex(pd.to_datetime(list(times.values()), utc=True)).as_unit("us")
    rows["received_at"] = received.take(pd.Index(list(times), dtype="str").get_indexer(pd.Index(rows["file_id"])))
    local = rows["received_at"].dt.tz_convert(zone)
    rows["received_on"] = local.dt.tz_localize(None).dt.normalize()
    empty = rows["unit_code"] == ""
    rows["unit_code"] = rows["unit_code"].where(~empty, rows["sender"])
    rows["known_unit"] = rows["unit_code"].isin(catalogue.units["unit_code"])


def _add_week(rows: pd.DataFrame, catalogue: Catalogue, open_week: str | None) -> pd.DataFrame:
    weeks = catalogue.weeks[["week", "week_code", "plan_year"]].rename(columns={"week": "monday", "week_code": "week"})
    rows = rows.merge(weeks, on="week", how="left")
    rows["known_week"] = rows["monday"].notna()
    rows["plan_year"] = rows["plan_year"].fillna(0).astype("int64")
    calendar = catalogue.weeks.sort_values("week")
    if open_week is not None:
        rows["open_monday"] = catalogue.week_row(open_week)["week"]
    else:
        rows["open_monday"] = _open_mondays(rows, calendar)
    names = dict(zip(calendar["week"], calendar["week_code"], strict=True))
    rows["open_week"] = rows["open_monday"].map(names).fillna("").astype("str")
    return rows


def _open_mondays(rows: pd.DataFrame, calendar: pd.DataFrame) -> Any:
    """The latest week a file may speak of: the one whose cut-off is next, or the one its day of receipt lies in."""
    closing = calendar[calendar["cut_off_at"].notna()].sort_values("cut_off_at")
    cut_offs = pd.DatetimeIndex(pd.to_datetime(closing["cut_off_at"], utc=True)).as_unit("us")
    at = cut_offs.searchsorted(pd.DatetimeIndex(rows["received_at"]), side="left")
    next_open = closing["week"].to_numpy()[np.minimum(at, max(len(closing) - 1, 0))] if len(closing) else None
    own = rows["received_on"] - pd.to_timedelta(rows["received_on"].dt.day_of_week, unit="D")
    if next_open is None:
        return own
    latest = pd.Series(next_open, index=rows.index).where(rows["received_at"].notna())
    return latest.where(latest >= own, own.where(own <= calendar["week"].max(), latest))


def _add_responsibility(rows: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    keys = ["plan_year", "responsibility_code"]
    wanted = catalogue.responsibilities[[*keys, "measure", "time_basis", "unit_of_measure", "cadence"]]
    wanted = wanted.rename(columns={"measure": "measure_kind"}).drop_duplicates(keys)
    rows = rows.merge(wanted.assign(known_responsibility=True), on=keys, how="left")
    rows["known_responsibility"] = rows["known_responsibility"].notna()
    for name in ("measure_kind", "time_basis", "unit_of_measure", "cadence"):
        rows[name] = rows[name].fillna("").astype("str")
    rows["is_daily"] = (rows["measure_kind"] == "red_line") & (rows["cadence"] == "daily")
    items: Any = catalogue.items[[*keys, "item_code"]].drop_duplicates()
    rows = rows.merge(items[keys].drop_duplicates().assign(has_items=True), on=keys, how="left")
    rows = rows.merge(
        items.rename(columns={"item_code": "item"}).assign(known_item=True), on=[*keys, "item"], how="left"
    )
    for name in ("has_items", "known_item"):
        rows[name] = rows[name].notna()
    return rows


def _add_assignment(rows: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    keys = ["plan_year", "responsibility_code", "unit_code"]
    assigned = catalogue.assignments[[*keys, "role", "share"]].copy()
    default = (assigned["role"] != "cooperating").astype(float)
    assigned["share"] = assigned["share"].fillna(default)
    shares = pd.DataFrame(assigned.groupby(keys, as_index=False)["share"].max())
    rows = rows.merge(shares, on=keys, how="left")
    rows["is_assigned"] = rows["share"].notna()
    return rows


def _convert_numbers(rows: pd.DataFrame) -> None:
    """Bring typed units (%, 万元, 个) to the plan's unit of measure; a number without one stays as it is."""
    planned = rows["unit_of_measure"].to_numpy(dtype=object)
    for name in NUMBERS:
        suffixes = rows[f"{name}_suffix"].to_numpy(dtype=object)
        numbers = rows[name].to_numpy(dtype=float, copy=True)
        fits = np.ones(len(rows), dtype=bool)
        for n in np.flatnonzero((suffixes != "") & rows["known_responsibility"].to_numpy()):
            if name == "value":
                converted = units_of_measure.convert(numbers[n], suffixes[n], planned[n])
                numbers[n], fits[n] = numbers[n] if converted is None else converted, converted is not None
            else:
                fits[n] = units_of_measure.is_plain_count(suffixes[n])
        rows[name], rows[f"{name}_fits"] = numbers, fits


def _read_days(rows: pd.DataFrame) -> None:
    """Read the day that a daily zero-report carries in `item`, and write it as an ISO date."""
    rows["item_day"] = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    daily = rows["is_daily"] & (rows["item"] != "")
    if not daily.any():
        return
    days, _ = values.parse_dates(rows.loc[daily, "item"].tolist())
    days.index = rows.index[daily]
    rows.loc[daily, "item_day"] = days
    read = days[days.notna()]
    rows.loc[read.index, "item"] = read.dt.strftime("%Y-%m-%d").astype("str")
