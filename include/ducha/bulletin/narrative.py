"""Sections 一 to 七: sentences around figures. Nothing is computed here; what is absent says so."""

from __future__ import annotations

from ducha.bulletin.document import (
    Block,
    Chart,
    Column,
    Issue,
    Line,
    Paragraph,
    Section,
    Table,
    joined,
    line,
    sentence,
)
from ducha.bulletin.figures import Figure, FigureSet
from ducha.bulletin.names import Names
from ducha.bulletin.terms import Words

NUMERALS = "一二三四五六七八九十"


def plain(zh: str, en: str) -> Line:
    """Words without figures."""
    return Line((zh,), (en,))


def body(text: Line) -> Paragraph:
    return Paragraph(text)


def numeral(number: int) -> str:
    """一 to 九十九."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else NUMERALS[tens - 1] + "十"
    return head + (NUMERALS[ones - 1] if ones else "")


def is_zero(figure: Figure) -> bool:
    return figure.value is not None and figure.value == 0


def _numbered(bulletin_id: str) -> Words:
    """An issue's id as its number is printed: 2022-8 is 〔2022〕第8期."""
    year, number = bulletin_id.split("-")
    return Words(f"〔{year}〕第{number}期", f"{year} No. {number}")


def lead(figures: FigureSet, issue: Issue, names: Names) -> tuple[Paragraph, ...]:
    """What the issue rests on: week, cut-off, frozen facts, release, and who reported."""
    texts = [
        sentence(
            "按照每周督查安排，现将{week_from}至{week_to}重点工作推进情况通报如下。本期以{cut_off}报送截止、{frozen}"
            "冻结的数据（版本{id}）为准：应报单位{expected}个；已报{received}个，其中按时{on_time}个、迟报{late}个、"
            "全件退回{returned_whole}个；未报{missing}个。",
            "This issue reports on the week from {week_from} to {week_to}. It rests on what was reported by {cut_off} "
            "and recorded by {frozen} (release {id}): {expected} units were expected; {received} sent a report, "
            "{on_time} on time, {late} late, {returned_whole} returned as a whole; {missing} sent none.",
            **figures.of("release"),
            **figures.of("submissions"),
        )
    ]
    if names.is_sample:
        texts.append(
            plain(
                "本期为虚构示例县的演示数据，单位、数值均系虚构，不反映任何真实地方。",
                "This is a demonstration for a fictional county: units and values are invented and describe no real "
                "place.",
            )
        )
    if issue.former_id:
        texts.append(
            sentence(
                "本期更正{former}，变动的数字逐一列于附件5；原期不再作为依据。",
                "This issue corrects {former}; every figure that changed is listed in annex 5, and the former "
                "issue no longer stands.",
                former=_numbered(issue.former_id),
            )
        )
    return tuple(Paragraph(text) for text in texts)


def overall(figures: FigureSet, names: Names) -> Section:
    """一、总体情况."""
    of_county = figures.of("county")
    blocks: list[Block] = [
        body(
            sentence(
                "全县纳入督查的责任事项{responsibilities}项，分解到单位{assignments}项次，本周应报{due}项次。全县完成率{completion}，"
                "比上周（同口径）{cohort_change}；本周新有数据{entered}项，失去数据{left}项。{verified}项次的完成率含核查结果。",
                "{responsibilities} responsibilities stand under supervision, {assignments} assignments to units; "
                "{due} reports were due this week. Completion of the county is {completion}, {cohort_change} on last "
                "week over the same rows; {entered} rows have a first number, {left} lost theirs. A check has a part "
                "in {verified} of them.",
                **of_county,
            )
        ),
        body(
            sentence(
                "亮灯：绿灯{green}项次，黄灯{yellow}项次，红灯{red}项次，灰灯（无数，不计分）{grey}项次。比上周：绿灯{green_change}，"
                "黄灯{yellow_change}，红灯{red_change}。应报未报{missing}项次按零计分并亮红灯；未设目标{no_target}项次不计入完成率。",
                "Lights: {green} green, {yellow} yellow, {red} red, {grey} grey (no number, outside all scores). On "
                "last week: green {green_change}, yellow {yellow_change}, red {red_change}. {missing} due and never "
                "reported score zero and are red; {no_target} without a target stay outside completion.",
                **of_county,
            )
        ),
    ]
    if figures.keys("area.completion"):
        blocks += [
            Chart("areas", Words("分领域完成率与计划", "Completion by area against plan")),
            area_table(figures, names),
        ]
    if figures.keys("history.completion"):
        blocks.append(Chart("trend", Words("全县完成率走势", "Completion of the county, week by week")))
    if figures.keys("history.light"):
        blocks.append(Chart("lights", Words("单位亮灯热力图", "Worst light of each unit, week by week")))
    return Section("一", Words("总体情况", "Overall"), tuple(blocks))


def area_table(figures: FigureSet, names: Names) -> Table:
    """Each area and its parts once: completion, plan, change, lights."""
    columns = (
        Column(Words("领域", "Area"), 37, "left"),
        Column(Words("完成率", "Completion"), 19),
        Column(Words("计划进度", "Plan"), 19),
        Column(Words("比上周", "On last week"), 34),
        Column(Words("红灯", "Red"), 11.5),
        Column(Words("黄灯", "Yellow"), 11.5),
        Column(Words("绿灯", "Green"), 11.5),
        Column(Words("灰灯", "Grey"), 11.5),
    )
    rows = []
    for key in figures.keys("area.completion"):
        of_area = figures.of("area", key)
        cells = ("completion", "plan", "change", "red", "yellow", "green", "grey")
        indent = plain("　", "– ") if key in names.area_parents else Line()
        rows.append((indent + line(names.area(key)), *(line(of_area[cell]) for cell in cells)))
    return Table(columns, tuple(rows), Words("分领域完成情况", "Completion by area"))


def red_lines(figures: FigureSet, names: Names) -> Section:
    """三、红线与“四防”."""
    keys = figures.keys("red_line.state")
    title = Words("红线与“四防”", "Red lines and the four preventions")
    if not keys:
        return Section("三", title, (body(plain("本周没有红线数据。", "There are no red-line figures this week.")),))
    columns = (
        Column(Words("红线", "Red line"), 62, "left"),
        Column(Words("状态", "State"), 27),
        Column(Words("单位", "Units"), 15),
        Column(Words("事件", "Events"), 15),
        Column(Words("应零报告", "Expected"), 18.5),
        Column(Words("已零报告", "Received"), 18.5),
    )
    rows = [
        (
            line(names.responsibility(*key.split("/"))),
            *(
                line(figures.get(f"red_line.{cell}", key))
                for cell in ("state", "units", "events", "expected", "received")
            ),
        )
        for key in keys
    ]
    blocks: list[Block] = [
        Table(columns, tuple(rows), Words("红线守护与零报告（年初以来）", "Red lines and zero-reports, year to date"))
    ]
    gaps = [
        sentence(
            "{unit}（{title}）：{state}，事件{events}起，缺零报告{lacking}次",
            "{unit} ({title}): {state}, {events} events, {lacking} zero-reports lacking",
            unit=names.unit(key.split("/")[2]),
            title=names.responsibility(*key.split("/")[:2]),
            **figures.of("red_line_gap", key),
        )
        for key in figures.keys("red_line_gap.state")
    ]
    if gaps:
        blocks.append(
            body(
                joined(gaps, "；", "; ")
                + plain(
                    "。零报告不全的，不能认定无事件。",
                    ". Where zero-reports are lacking, silence is not taken as zero.",
                )
            )
        )
    elif all(is_zero(figures.get("red_line.expected", key)) for key in keys):
        blocks.append(body(plain("年初以来各红线均无应报的零报告。", "No zero-report has been due so far this year.")))
    else:
        blocks.append(body(plain("各红线零报告齐全，未报告事件。", "All zero-reports came; no event was reported.")))
    return Section("三", title, tuple(blocks))


def verification(figures: FigureSet, names: Names) -> Section:
    """五、核查情况：random and risk samples apart."""
    blocks: list[Block] = [
        body(
            sentence(
                "{sample}{checks}项，涉及{units}个单位，不符{discrepant}项，不符率{rate}（置信区间{low}至{high}）。",
                "{sample}: checks {checks}, units {units}, discrepant {discrepant}, rate {rate} "
                "(interval {low} to {high}).",
                sample=Words("随机抽查", "Random sample") if kind == "random" else Words("风险抽查", "Risk sample"),
                **figures.of("verification", kind),
            )
        )
        for kind in figures.keys("verification.checks")
    ]
    rows = []
    for key in figures.keys("discrepancy.reported"):
        year, code, unit = key.split("/")[:3]
        rows.append(
            sentence(
                "{unit}“{title}”申报{reported}，核实{verified}（{sample}）",
                "{unit}, {title}: reported {reported}, found {verified} ({sample})",
                unit=names.unit(unit),
                title=names.responsibility(year, code),
                **figures.of("discrepancy", key),
            )
        )
    if rows:
        blocks.append(
            body(plain("申报与核实不符：", "Reported and found differ: ") + joined(rows, "；", "; ") + plain("。", "."))
        )
    if not blocks:
        blocks.append(body(plain("本周没有核查记录。", "No check was recorded this week.")))
    return Section("五", Words("核查情况", "Checks on site"), tuple(blocks))


def issues(figures: FigureSet) -> Section:
    """六、存在问题."""
    keys = figures.keys("issue.unit")
    rows = [
        sentence(
            "{cause}（{unit}，时限{due}，超期{overdue}天）",
            "{cause} ({unit}, due {due}, {overdue} days overdue)",
            **figures.of("issue", key),
        )
        for key in keys
    ]
    text = (
        joined(rows, "；", "; ") + plain("。", ".")
        if rows
        else plain("问题台账尚无未销号记录。", "The ledger of problems holds no open problem.")
    )
    return Section("六", Words("存在问题", "Open problems"), (body(text),))
