"""What a person sees of a week: calm for ten units, and for a hundred."""

from __future__ import annotations

import io
from typing import Any

import pytest
from ducha import view
from rich.cells import cell_len
from rich.console import Console

STATUSES = {"missing": 3, "returned": 2, "withdrawn": 1, "late": 30}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Any:
    def show(summary: dict[str, Any], width: int) -> list[str]:
        page = io.StringIO()
        monkeypatch.setattr(view, "console", Console(file=page, width=width))
        view.show_summary(summary)
        return page.getvalue().splitlines()

    return show


def summary(size: int = 100, returned: int = 0, failed: dict[str, str] | None = None) -> dict[str, Any]:
    statuses = [status for status, count in STATUSES.items() for _ in range(count)]
    statuses += ["on_time"] * (size - len(statuses))
    units = [{"unit_code": f"U{n:03}", "name_zh": f"第{n}单位", "status": status} for n, status in enumerate(statuses)]
    counts = {"expected": size, "received": size - 4, "on_time": statuses.count("on_time"), **STATUSES}
    release = {"release_id": "2022-W08-R1", "release_status": "audited", "completion": 0.612, "bulletin_directory": "b",
               "bulletin_status": "draft"}  # fmt: skip
    files = [{"unit_code": f"U{n}", "path": f"returned/U{n}/2022-W08_{n}.xlsx"} for n in range(returned)]
    return {"week": "2022-W08", "release": release, "counts": counts, "units": units, "areas": [],
            "returned_files": files, "failed_units": failed or {}, "strays": ["D99/周报.xlsx"] * returned}  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_hundred_units_fit_the_terminal(shown: Any, width: int) -> None:
    lines = shown(summary(), width)
    assert all(cell_len(line) <= width for line in lines if not line.startswith("通报"))
    assert len(lines) < 20
    text = "\n".join(lines)
    for n in range(sum(STATUSES.values())):
        assert text.count(f"第{n}单位") == 1  # whole, and once
    assert "第36单位" not in text  # on time: counted, not named


def test_counts_come_first_then_who_needs_attention(shown: Any) -> None:
    text = "\n".join(shown(summary(), 200))
    order = [
        "2022-W08-R1", "应报 · expected 100", "已报 · received 96", "按时 · on time 64", "未报 · missing 3  第0单位",
        "退回 · returned 2  第3单位、第4单位", "撤回 · withdrawn 1  第5单位", "迟报 · late 30  第6单位",
    ]  # fmt: skip
    places = [text.index(each) for each in order]
    assert places == sorted(places)


def test_names_are_never_broken() -> None:
    names = ["县发展和改革局", "松岭镇", "县农业农村和乡村振兴局"]
    assert view.packed(names, 24) == ["县发展和改革局、松岭镇、", "县农业农村和乡村振兴局"]
    assert view.packed(names, 4) == ["县发展和改革局、", "松岭镇、", "县农业农村和乡村振兴局"]


def test_many_returned_files_are_counted(shown: Any) -> None:
    lines = [line for line in shown(summary(returned=40), 120) if line.startswith("退回件")]
    assert len(lines) == 13
    assert lines[-1] == "退回件 · returned: 还有 28 份 · 28 more, returned"


def test_files_of_nobody_are_told(shown: Any) -> None:
    lines = [line for line in shown(summary(returned=1), 120) if line.startswith("无主文件")]
    assert lines == ["无主文件，没有收取 · in no unit's folder, not collected: D99/周报.xlsx"]


def test_one_broken_share_is_told_once(shown: Any) -> None:
    failed = {f"U{n:03}": f"Permission denied: /in/U{n:03}" for n in range(100)}
    lines = shown(summary(failed=failed), 120)
    assert sum("Permission denied" in line for line in lines) == 1
    assert any("收取失败 · fetch failed 100" in line for line in lines)


def test_a_week_without_a_release_says_so(shown: Any) -> None:
    assert "尚无结果 · nothing computed yet" in "\n".join(shown(summary() | {"release": None}, 80))
