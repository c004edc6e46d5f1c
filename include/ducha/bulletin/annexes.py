"""附件 1 to 6: the tables behind the words, the definitions, the corrections, and what the figures cannot carry."""

from __future__ import annotations

from itertools import groupby

from ducha.bulletin import definitions
from ducha.bulletin.document import Block, Column, Heading, Line, Paragraph, Section, Table, line, sentence
from ducha.bulletin.figures import FigureSet
from ducha.bulletin.names import Names
from ducha.bulletin.narrative import is_zero, plain
from ducha.bulletin.terms import GROUPS, Words, term

TITLES = (
    Words("责任事项完成情况一览表", "Completion of every responsibility"),
    Words("单位排名（分组）", "Units ranked within their groups"),
    Words("问题整改销号台账", "Ledger of problems"),
    Words("指标口径与亮灯标准", "Definitions and lights"),
    Words("更正说明", "Corrections"),
    Words("数据质量声明", "Statement on data quality"),
)


def responsibilities(figures: FigureSet, names: Names) -> tuple[Block, ...]:
    """附件1: every responsibility once, by area."""
    columns = (
        Column(Words("编号", "Code"), 15),
        Column(Words("责任事项", "Responsibility"), 41, "left"),
        Column(Words("责任单位", "Units"), 34, "left"),
        Column(Words("完成率", "Completion"), 18),
        Column(Words("计划", "Plan"), 18),
        Column(Words("亮灯", "Light"), 12),
        Column(Words("状态", "State"), 18),
    )
    rows: list[tuple[Line, ...]] = []
    keys = figures.keys("responsibility.light")
    for area, members in groupby(keys, key=lambda key: figures.get("responsibility.area", key).text_zh):
        listed = list(members)
        heading = Words(area, figures.get("responsibility.area", listed[0]).text_en)
        rows.append((line(heading),))
        for key in listed:
            year, code = key.split("/")
            of_row = figures.of("responsibility", key)
            cells = ("units", "completion", "plan", "light", "state")
            rows.append((plain(code, code), line(names.responsibility(year, code)), *(line(of_row[c]) for c in cells)))
    return (Table(columns, tuple(rows)),)


def ranking(figures: FigureSet, names: Names) -> tuple[Block, ...]:
    """附件2: one table a peer group, ties and the range of ranks shown."""
    columns = (
        Column(Words("名次", "Rank"), 16),
        Column(Words("单位", "Unit"), 33, "left"),
        Column(Words("完成率", "Completion"), 17),
        Column(Words("区间", "Range"), 16),
        Column(Words("变化", "Change"), 12),
        Column(Words("红", "Red"), 8),
        Column(Words("黄", "Yel."), 8),
        Column(Words("绿", "Grn."), 8),
        Column(Words("灰", "Grey"), 8),
        Column(Words("完整率", "Complete"), 15),
        Column(Words("及时率", "On time"), 15),
    )
    blocks: list[Block] = []
    for group, units in groupby(figures.keys("unit.group"), key=lambda key: figures.get("unit.group", key).text_zh):
        rows: list[tuple[Line, ...]] = []
        notes: list[Block] = []
        for key in units:
            of_unit = figures.of("unit", key)
            of_report = figures.of("reporting", key)
            is_ranked = of_unit["rank"].value is not None
            span = (
                sentence("{rank_best}—{rank_worst}", "{rank_best}–{rank_worst}", **of_unit)
                if is_ranked
                else plain("—", "–")
            )
            change = line(of_unit["rank_change"]) if of_unit["rank_change"].value is not None else plain("—", "–")
            counts = tuple(line(of_unit[c]) for c in ("red", "yellow", "green", "grey"))
            rate = tuple(
                line(of_report[c]) if c in of_report else plain("—", "–") for c in ("completeness", "timeliness")
            )
            rows.append(
                (
                    line(of_unit["rank"]),
                    line(names.unit(key)),
                    line(of_unit["completion"]),
                    span,
                    change,
                    *counts,
                    *rate,
                )
            )
            notes += _unit_notes(figures, key, names)
        blocks.append(Heading(line(term(GROUPS, group))))
        blocks.append(Table(columns, tuple(rows)))
        blocks += notes
    blocks.append(
        Paragraph(
            plain(
                "注：名次只在组内比较，并列同名次；“区间”是逐一去掉该单位任一事项后名次的变动范围，区间越宽，名次越不可靠；红线否决另列，不改动数值和名次。",
                "Ranks compare within a group only, ties share a rank. The range is where the rank would lie with any "
                "one of the unit's rows left out: the wider, the less the rank can carry. A veto is listed apart and "
                "edits no number and no rank.",
            ),
            "note",
        )
    )
    return tuple(blocks)


def _unit_notes(figures: FigureSet, key: str, names: Names) -> list[Block]:
    """Why a unit has no rank, and a veto where there is one."""
    notes: list[Block] = []
    of_unit = figures.of("unit", key)
    if of_unit["rank"].value is None and of_unit["rank_reason"].text_en != "no data yet":
        notes.append(
            Paragraph(
                sentence(
                    "{unit}不排名：{rank_reason}。",
                    "{unit} is not ranked: {rank_reason}.",
                    unit=names.unit(key),
                    **of_unit,
                ),
                "note",
            )
        )
    if of_unit["veto"].text_en != "no data yet":
        notes.append(
            Paragraph(
                sentence("{unit}一票否决：{veto}。", "{unit} is vetoed: {veto}.", unit=names.unit(key), **of_unit),
                "note",
            )
        )
    return notes


def problems(figures: FigureSet) -> tuple[Block, ...]:
    """附件3: open problems, or that there are none recorded."""
    keys = figures.keys("issue.unit")
    if not keys:
        return (
            Paragraph(
                plain(
                    "截至本期，问题台账尚无未销号记录。没有记录不等于没有问题：核查发现和群众反映应及时立项入账。",
                    "The ledger holds no open problem. No record does not mean no problem: what checks find is to be "
                    "entered.",
                )
            ),
        )
    columns = (
        Column(Words("编号", "Code"), 18),
        Column(Words("问题", "Problem"), 40, "left"),
        Column(Words("责任单位", "Unit"), 28, "left"),
        Column(Words("措施", "Measure"), 34, "left"),
        Column(Words("时限", "Due"), 22),
        Column(Words("超期天数", "Overdue"), 14),
    )
    cells = ("cause", "unit", "measure", "due", "overdue")
    rows = tuple((plain(key, key), *(line(figures.get(f"issue.{cell}", key)) for cell in cells)) for key in keys)
    return (Table(columns, rows),)


def corrections(figures: FigureSet) -> tuple[Block, ...]:
    """附件5: each figure that changed against the issue this one corrects."""
    keys = figures.keys("correction.after")
    if not keys:
        return (Paragraph(plain("本期无更正。", "There is no correction in this issue.")),)
    columns = (
        Column(Words("数字", "Figure"), 76, "left"),
        Column(Words("更正前", "Before"), 40),
        Column(Words("更正后", "After"), 40),
    )
    rows = []
    for key in keys:
        after = figures.get("correction.after", key)
        rows.append((plain(after.label_zh, after.label_en), line(figures.get("correction.before", key)), line(after)))
    return (Table(columns, tuple(rows)),)


QUALITY = (
    (
        "quality.unofficial_weeks",
        "本年度{n}周的节假日安排尚未公布，周历按推算排定，公布后如有变动将重算并更正。",
        "The holidays of {n} weeks of the year are not announced yet: their calendar is an estimate, recomputed and "
        "corrected once they are.",
    ),
    (
        "quality.sample_targets",
        "{n}项责任事项的目标为示例值，非县委、县政府确定。",
        "{n} responsibilities carry invented sample targets, set by no authority.",
    ),
    (
        "quality.undefined",
        "{n}项责任事项的口径尚待定义，其数字只作参考。",
        "{n} responsibilities lack a definition: read their figures with care.",
    ),
    (
        "quality.no_leader",
        "{n}项责任事项的责任领导尚未明确或已隐去。",
        "{n} responsibilities have no leader yet, or one whose name is withheld.",
    ),
    (
        "quality.baseline_assumed",
        "{n}项次缺基期，按零计算并标注。",
        "{n} assignments lack a baseline, taken as zero and flagged.",
    ),
    (
        "quality.partial",
        "{n}项责任事项有单位缺数，完成率只含已报单位。",
        "{n} responsibilities lack a unit: their completion covers those that reported.",
    ),
)
STATES = ("counted", "carried", "missing", "unknown", "awaiting", "no_target", "no_baseline", "no_date", "not_started",
          "exempt", "suspended", "closed")  # fmt: skip


def quality(figures: FigureSet, names: Names) -> tuple[Block, ...]:
    """附件6: the state of every assignment, counted, and what the figures cannot carry, plainly."""
    columns = (Column(Words("状态", "State"), 52, "left"), Column(Words("项次", "Assignments"), 26),
               Column(Words("状态", "State"), 52, "left"), Column(Words("项次", "Assignments"), 26))  # fmt: skip
    cells = []
    for state in STATES:
        figure = figures.get(f"state.{state}")
        cells.append((line(Words(figure.label_zh, figure.label_en)), line(figure)))
    half = len(cells) // 2
    rows = tuple((*left, *right) for left, right in zip(cells[:half], cells[half:], strict=True))
    texts = [sentence(zh, en, n=figures.get(name)) for name, zh, en in QUALITY if not is_zero(figures.get(name))]
    texts += _back_test(figures)
    if names.is_sample:
        texts.insert(
            0, plain("本期为虚构示例县数据，仅供演示。", "This issue shows a fictional county, for demonstration only.")
        )
    texts.append(
        sentence(
            "本期依据版本{id}（{frozen}冻结）；此后到达的材料进入以后各期，涉及已印发数字的以更正另发，不改动原期。",
            "This issue rests on release {id}, frozen {frozen}; what came later enters later issues, and changes of "
            "printed figures are issued as corrections, never silently.",
            **figures.of("release"),
        )
    )
    items = tuple(Paragraph(plain(f"{n}. ", f"{n}. ") + text, "item") for n, text in enumerate(texts, start=1))
    return (Table(columns, rows, Words("责任分解状态", "State of the assignments")), *items)


def _back_test(figures: FigureSet) -> list[Line]:
    """How the projections that are due now fared, whatever it is; nothing while none is due."""
    found = figures.found("projection.checked")
    if found is None or is_zero(found):
        return []
    return [
        sentence(
            "{horizon}周前作出的{checked}个预计，{covered}个落在区间内：覆盖率{coverage}，区间应覆盖{interval}，"
            "误差中位数{median_error}。",
            "Of {checked} projections made {horizon} weeks ago {covered} held: coverage {coverage} where the interval "
            "should hold {interval}, median error {median_error}.",
            **figures.of("projection"),
        )
    ]


def annexes(figures: FigureSet, names: Names) -> tuple[Section, ...]:
    """All six annexes in order."""
    blocks = (
        responsibilities(figures, names),
        ranking(figures, names),
        problems(figures),
        definitions.definitions(figures),
        corrections(figures),
        quality(figures, names),
    )
    return tuple(
        Section(str(n), title, made) for n, (title, made) in enumerate(zip(TITLES, blocks, strict=True), start=1)
    )
