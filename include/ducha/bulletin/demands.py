"""Section 七, 下步要求: what follows from the figures, each demand only where there is somebody to meet it."""

from __future__ import annotations

from collections.abc import Iterator

from ducha.bulletin.document import Line, Paragraph, Section, joined, sentence
from ducha.bulletin.figures import FigureSet
from ducha.bulletin.names import Names
from ducha.bulletin.narrative import is_zero, plain
from ducha.bulletin.reporting import returned_units, with_status
from ducha.bulletin.terms import Words


def _units(codes: list[str], names: Names) -> Line:
    return joined(names.unit(code) for code in dict.fromkeys(codes))


def _demands(figures: FigureSet, names: Names) -> Iterator[Line]:
    next_cut_off = figures.get("release.next_cut_off")
    missing = with_status(figures, "missing", "withdrawn")
    if missing:
        yield sentence(
            "{units}本周未报，请于{next}前补报并说明原因。",
            "{units} did not report: please report, with the reason, by {next}.",
            units=_units(missing, names),
            next=next_cut_off,
        )
    returned = returned_units(figures)
    if returned:
        yield sentence(
            "{units}的退回内容，请对照退回件标出的单元格修改后，随下期（{next}前）报送。",
            "{units}: please correct the marked cells of the returned workbook and send them with the next report, by "
            "{next}.",
            units=_units(returned, names),
            next=next_cut_off,
        )
    red = [
        k.split("/")[2] for k in figures.keys("exception.light") if figures.get("exception.light", k).text_en == "red"
    ]
    if red:
        yield sentence(
            "红灯事项的责任单位（{units}）请逐项说明原因、措施、责任人和完成时限；确有困难的，及时提请县领导协调。",
            "Units with red lights ({units}): please give reason, measure, owner and date for each, and say early "
            "where help from the county is needed.",
            units=_units(red, names),
        )
    lacking = [
        k.split("/")[2]
        for k in figures.keys("red_line_gap.lacking")
        if not is_zero(figures.get("red_line_gap.lacking", k))
    ]
    if lacking:
        yield sentence(
            "{units}请补齐红线零报告；没有事件也要报。",
            "{units}: please complete the zero-reports; no event is a report too.",
            units=_units(lacking, names),
        )
    near = [
        sentence(
            "{unit}“{title}”（时限{due}，完成率{completion}）",
            "{unit}, {title} (due {due}, completion {completion})",
            unit=names.unit(key.split("/")[2]),
            title=names.responsibility(*key.split("/")[:2]),
            **figures.of("near_due", key),
        )
        for key in figures.keys("near_due.due")
    ]
    if near:
        yield plain("临近时限：", "Due soon: ") + joined(near, "；", "; ") + plain("。", ".")
    if not is_zero(figures.get("county.no_target")):
        yield sentence(
            "未设目标的{no_target}项次，请牵头单位会同督查室提请明确目标、依据和时间；明确之前只列状态，不评完成率。",
            "{no_target} assignments have no target: the lead unit and the supervision office are asked to have "
            "target, authority and date set; until then only their state is printed.",
            no_target=figures.get("county.no_target"),
        )
    yield sentence(
        "对本期数据有异议的，请自印发之日起{days}天内书面提出；异议期满前，评价为暂定。",
        "Objections are welcome in writing within {days} days of issue; ratings are provisional until then.",
        days=figures.get("release.objection_days"),
    )


def demands(figures: FigureSet, names: Names) -> Section:
    """七、下步要求."""
    blocks = tuple(
        Paragraph(plain(f"{number}. ", f"{number}. ") + text, "item")
        for number, text in enumerate(_demands(figures, names), start=1)
    )
    return Section("七", Words("下步要求", "What is asked now"), blocks)
