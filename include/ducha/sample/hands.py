"""Whose hand a file shows: programs and people differ in sheets, headings, order, and how they type a figure.

All of it is read exactly by a reader that knows spreadsheets; nothing here is a mistake.
"""

from __future__ import annotations

from dataclasses import dataclass

OFFICE_HEADINGS = {
    "unit_code": "单位代码", "week": "周次", "responsibility_code": "事项代码", "item": "子项", "value": "数值",
    "numerator": "分子", "denominator": "分母", "done": "是否完成", "happened_on": "发生日期",
    "no_change": "本周无变化", "reason": "原因", "measure": "措施", "next_step": "下一步", "evidence": "佐证",
    "checked_on": "核查日期", "method": "核查方式", "sample_kind": "抽样类型", "finding": "发现问题",
    "guidance": "指导意见",
}  # fmt: skip
"""Headings by canonical column; an inspection calls its value 核查值."""
TEMPLATE_HEADINGS = OFFICE_HEADINGS | {
    "item": "阶段或分项", "value": "完成值", "happened_on": "完成日期", "no_change": "无变化", "reason": "滞后原因",
    "measure": "推进措施", "next_step": "下一步安排", "evidence": "佐证材料",
}  # fmt: skip
TOWN_HEADINGS = TEMPLATE_HEADINGS | {
    "responsibility_code": "任务代码*", "week": "周 次", "value": "完成值（累计）", "done": "是否办结",
    "reason": "未完成原因", "measure": "整改措施：", "next_step": "下步计划", "item": "阶段",
}  # fmt: skip
ENGLISH_HEADINGS = {
    "unit_code": "Unit", "week": "Week", "responsibility_code": "Responsibility", "item": "Item", "value": "Value",
    "numerator": "Numerator", "denominator": "Denominator", "done": "Done", "happened_on": "Happened on",
    "no_change": "No change", "reason": "Reason", "measure": "Measure", "next_step": "Next step",
    "evidence": "Evidence",
}  # fmt: skip
CANONICAL: dict[str, str] = {}
"""No translation: the headings are the canonical names."""
SERIAL, NOTE = "序号", "备注"
"""Columns that help the clerk; nobody reads them."""

TYPED_UNITS = frozenset(
    ["个", "户", "人次", "件", "起", "项", "家", "次", "人", "处", "万元", "亿元", "亩", "万亩", "公里", "吨", "万吨",
     "万千瓦", "%"]
)  # fmt: skip
"""Units of measure that people type behind a figure."""


@dataclass(frozen=True)
class Hand:
    """How a clerk and the program at hand make a file.

    `titles` rows stand above the headings; `strings` are shared or inline; `figures` are plain numbers, typed text with
    the unit behind, numbers whose format shows the unit or percent, or full-width digits; `dates` serials or texts.
    `order` puts columns first; `only_used` leaves out empty columns; `serial` adds 序号 in front, `hides_note` a hidden
    备注 behind; `signature` a line below the table; `beside` another sheet, hidden when its name is 底稿.
    """

    application: str = "Microsoft Excel"
    app_version: str = "16.0300"
    sheet: str = "报送表"
    titles: int = 1
    headings: str = "office"
    order: tuple[str, ...] = ()
    only_used: bool = False
    strings: str = "shared"
    figures: str = "plain"
    dates: str = "serial"
    flags: tuple[object, object] = ("是", "否")
    weeks: str = "code"
    serial: bool = False
    hides_note: bool = False
    signature: bool = False
    beside: str = ""
    is_wrapped: bool = False


HEADINGS = {
    "office": OFFICE_HEADINGS, "template": TEMPLATE_HEADINGS, "town": TOWN_HEADINGS, "english": ENGLISH_HEADINGS,
    "canonical": CANONICAL,
}  # fmt: skip
OFFICE = Hand()
WPS, LIBRE = "WPS 表格", "LibreOffice/7.3.7.2$Linux_X86_64 LibreOffice_project/30(Build:2)"
CODE_FIRST = ("responsibility_code", "item", "week", "value", "numerator", "denominator")

HANDS = (
    Hand(headings="template", signature=True, hides_note=True),
    Hand(WPS, "11.1.0", "Sheet1", 0, "town", CODE_FIRST, figures="typed", dates="chinese", flags=("√", "×")),
    Hand(LIBRE, "15.0000", "工作表1", 2, "template", only_used=True, dates="iso", flags=(True, False)),
    Hand(WPS, "11.1.0", "填报表", 3, "office", strings="inline", figures="format", serial=True, signature=True),
    Hand(sheet="第一季度", titles=2, headings="town", figures="full_width", dates="dots", weeks="chinese"),
    Hand(LIBRE, "15.0000", "Sheet1", 0, "english", CODE_FIRST, strings="inline", only_used=True, is_wrapped=True),
    Hand(headings="template", figures="format", serial=True, beside="底稿", is_wrapped=True),
    Hand(WPS, "11.1.0", "报送表", 1, "canonical", figures="typed", dates="dots", beside="填报说明", signature=True),
)
