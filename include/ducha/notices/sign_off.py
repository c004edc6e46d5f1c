"""What the signer sees before signing: the week's main figures, whom it names, and where the draft lies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_COUNTED = ("expected", "on_time", "late", "returned", "missing")
_ANSWER = {"Approve": ("批准发布", "approved"), "Reject": ("退回", "rejected")}


def sign_off_request(
    summary: Mapping[str, Any], directory: Path, hours: float, default: str
) -> tuple[str, str]:  # fmt: skip
    """Return subject (one line) and body (Markdown) in Chinese and English from a `week_summary`.

    `directory` is where the draft lies, `hours` and `default` (Approve, Reject) the county's rule.
    """
    week, counts = summary["week"], summary["counts"]
    answer_zh, answer_en = _ANSWER[default]
    subject = (
        f"{week} 督查通报待签发：应报 {counts['expected']}，已报 {counts['received']}，未报 {counts['missing']} · "
        f"bulletin to sign: {counts['received']} of {counts['expected']} reported"
    )
    units = summary["units"]
    lines = [
        f"**{week}**，发布版 · release `{(summary['release'] or {}).get('release_id', '')}`",
        "",
        "| 应报 expected | 按时 on time | 迟报 late | 退回 returned | 未报 missing |",
        "|---|---|---|---|---|",
        "| " + " | ".join(str(counts[key]) for key in _COUNTED) + " |",
        "",
        "| 领域 area | 完成率 completion | 灯 light |",
        "|---|---|---|",
        *(
            f"| {_cell(area['name_zh'])} | {_percent(area['completion'])} | {_cell(area.get('worst_light'))} |"
            for area in summary["areas"]
        ),
        "",
        f"未报 · missing: {_names(units, 'missing')}",
        "",
        f"迟报 · late: {_names(units, 'late')}",
        "",
        f"退回 · returned: {_names(units, 'returned')}",
        "",
        f"草稿 · draft: `{directory}`",
        "",
        f"{hours:g} 小时内无人处理，则{answer_zh} · unanswered for {hours:g} hours it is {answer_en}.",
    ]
    return subject, "\n".join(lines)


def _names(units: list[Mapping[str, Any]], status: str) -> str:
    names = [_cell(unit.get("name_zh") or unit["unit_code"]) for unit in units if unit["status"] == status]
    return "、".join(names) or "无 none"


def _percent(share: Any) -> str:
    return "—" if share is None else f"{float(share):.1%}"


def _cell(value: Any) -> str:
    """Return a text that cannot break a Markdown table."""
    return str(value or "—").replace("|", "｜").replace("\n", " ")
