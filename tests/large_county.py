"""A large county made for tests: every measure, cadence and season, as many units and responsibilities as wanted."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

COUNTY = Path(__file__).resolve().parents[1] / "include" / "small_county"
RESPONSIBILITY = (
    "plan_year", "responsibility_code", "title_zh", "title_en", "area_code", "kind", "measure", "direction",
    "time_basis", "unit_of_measure", "baseline", "target", "target_low", "target_high", "rank_start",
    "target_authority", "is_sample_target", "weight", "start_on", "due_on", "cadence", "season", "plan_shape",
    "plan_points", "leader_code", "task_force_code", "tolerance", "source_section", "definition",
)  # fmt: skip
KINDS: tuple[dict[str, Any], ...] = (
    {"measure": "total", "kind": "indicator", "direction": "up", "unit_of_measure": "户", "baseline": 0, "target": 900},
    {"measure": "ratio", "kind": "rate", "direction": "up", "time_basis": "to_date", "unit_of_measure": "%",
     "target": 0.9},
    {"measure": "stages", "kind": "project", "direction": "up"},
    {"measure": "red_line", "kind": "redline", "unit_of_measure": "起"},
    {"measure": "total", "kind": "indicator", "direction": "down", "unit_of_measure": "个", "baseline": 60,
     "target": 6, "cadence": "monthly"},
    {"measure": "flow", "kind": "indicator", "direction": "up", "unit_of_measure": "万元", "baseline": 0,
     "target": 5200.5},
    {"measure": "average", "kind": "indicator", "direction": "down", "unit_of_measure": "天", "baseline": 20,
     "target": 7},
    {"measure": "level", "kind": "indicator", "direction": "up", "unit_of_measure": "%", "baseline": 40, "target": 90},
    {"measure": "range", "kind": "indicator", "target_low": -0.02, "target_high": 0.05},
    {"measure": "rank", "kind": "rank", "target": 3, "rank_start": 9, "cadence": "monthly"},
    {"measure": "ratio", "kind": "case", "direction": "up", "time_basis": "period", "unit_of_measure": "%",
     "target": 0.95},
    {"measure": "total", "kind": "indicator", "direction": "up", "unit_of_measure": "公里", "baseline": 0,
     "target": 120.5, "season": "11-01..03-31"},
    {"measure": "stages", "kind": "milestone", "direction": "up", "cadence": "once", "due_on": "2022-01-20"},
    {"measure": "red_line", "kind": "redline", "unit_of_measure": "例", "cadence": "daily"},
    {"measure": "level", "kind": "indicator", "direction": "up", "unit_of_measure": "万亩", "baseline": 8,
     "target": 12, "cadence": "quarterly"},
    {"measure": "total", "kind": "indicator", "direction": "up", "unit_of_measure": "人次", "baseline": 0},
)  # fmt: skip


def write_large_county(directory: Path, units: int = 100, responsibilities: int = 120, each: int = 30) -> Path:
    """Write the files of a county whose units have `each` responsibilities; return the directory."""
    directory.mkdir(parents=True)
    for name in ("county.yaml", "calendar.csv", "leaders.csv", "portfolios.csv", "rules.csv", "areas.csv"):
        shutil.copy(COUNTY / name, directory / name)
    _clear(directory / "portfolios.csv")
    _clear(directory / "rules.csv")
    with (COUNTY / "areas.csv").open(encoding="utf-8-sig", newline="") as file:
        areas = [row["area_code"] for row in csv.DictReader(file)]
    with (COUNTY / "leaders.csv").open(encoding="utf-8-sig", newline="") as file:
        leaders = [row["leader_code"] for row in csv.DictReader(file)]
    codes = [f"R-{n:03}" for n in range(responsibilities)]
    rows = [_responsibility(n, code, areas[n % len(areas)], leaders[n % len(leaders)]) for n, code in enumerate(codes)]
    _write(directory / "responsibilities.csv", RESPONSIBILITY, rows)
    units_header = ("unit_code", "name_zh", "name_en", "unit_type", "peer_group", "opened_on", "closed_on")
    names = [f"U{n:03}" for n in range(units)]
    _write(
        directory / "units.csv",
        units_header,
        [
            {"unit_code": u, "name_zh": f"示例单位{u}", "name_en": f"Unit {u}", "unit_type": "township",
             "peer_group": f"g{n % 4}"}
            for n, u in enumerate(names)
        ],
    )  # fmt: skip
    has_items = [row["responsibility_code"] for row in rows if row["measure"] == "stages" and row["kind"] == "project"]
    item_header = ("plan_year", "responsibility_code", "item_code", "title_zh", "title_en", "weight", "due_on")
    _write(
        directory / "items.csv",
        item_header,
        [
            {"plan_year": 2022, "responsibility_code": code, "item_code": str(n), "title_zh": f"阶段{n}",
             "title_en": f"Stage {n}", "weight": 1, "due_on": f"2022-{n * 2:02}-15"}
            for code in has_items
            for n in range(1, 5)
        ],
    )  # fmt: skip
    header = ("plan_year", "responsibility_code", "unit_code", "role", "share", "baseline", "target", "weight",
              "from_on", "to_on")  # fmt: skip
    _write(directory / "assignments.csv", header, _assignments(names, codes, each))
    _write(
        directory / "exceptions.csv",
        ("plan_year", "responsibility_code", "unit_code", "state", "from_on", "to_on", "reason", "approved_by"),
        [],
    )
    return directory


def _assignments(units: list[str], codes: list[str], each: int) -> list[dict[str, Any]]:
    """Each unit leads `each` responsibilities in a row; one in forty begins or ends in February."""
    rows = []
    for n, unit in enumerate(units):
        for k in range(each):
            row = {"plan_year": 2022, "responsibility_code": codes[(n * 7 + k) % len(codes)], "unit_code": unit,
                   "role": "lead"}  # fmt: skip
            row |= {"from_on": "2022-02-09"} if (n + k) % 40 == 7 else {}
            row |= {"to_on": "2022-02-09"} if (n + k) % 40 == 19 else {}
            rows.append(row)
    return rows


def _responsibility(n: int, code: str, area: str, leader: str) -> dict[str, Any]:
    shared = {
        "plan_year": 2022, "responsibility_code": code, "title_zh": f"示例事项{n}", "title_en": f"Sample {n}",
        "area_code": area, "target_authority": "sample", "is_sample_target": "true", "weight": 1 + n % 3,
        "start_on": "2022-01-01", "due_on": "2022-12-31", "cadence": "weekly", "leader_code": leader,
    }  # fmt: skip
    return shared | KINDS[n % len(KINDS)]


def _write(path: Path, header: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _clear(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
