"""Section 二, 分领域进展: only what is red, yellow or missing; the quiet areas are named in one sentence."""

from __future__ import annotations

from itertools import groupby

from ducha.bulletin.document import Block, Heading, Line, Paragraph, Section, joined, sentence
from ducha.bulletin.figures import FigureSet
from ducha.bulletin.names import Names
from ducha.bulletin.narrative import body, is_zero, numeral, plain
from ducha.bulletin.terms import Words

PLAIN_REASONS = ("behind plan", "far behind plan", "missing", "no data yet")
"""Reasons that the numbers beside them already tell."""
NAMED_YELLOW = 5
"""Units named of a duty's yellow ones: of twenty townships a little behind nobody reads all."""


def _remark(figures: FigureSet, key: str) -> Line:
    """What the numbers do not tell: past due, recovering, not reported for some periods."""
    of_row = figures.of("exception", key)
    text = Line()
    if of_row["stale"].value:
        text += sentence("，已{stale}期未更新", ", {stale} periods without a report", **of_row)
    if of_row["reason"].text_en not in PLAIN_REASONS:
        text += sentence("，{reason}", ", {reason}", **of_row)
    return text


def _red(figures: FigureSet, key: str, names: Names) -> Line:
    """One unit with a red light, in full."""
    of_row = figures.of("exception", key)
    unit = names.unit(key.split("/")[2])
    if of_row["state"].text_en == "missing":
        return sentence("{unit}{light}灯，应报{state}", "{unit} {light}, {state}", unit=unit, **of_row)
    if of_row["reason"].text_en == "red line event":
        return sentence("{unit}{light}灯，{reason}", "{unit} {light}, {reason}", unit=unit, **of_row)
    numbers = sentence(
        "{unit}{light}灯，完成率{completion}，计划{plan}，相差{gap}",
        "{unit} {light}, completion {completion}, plan {plan}, gap {gap}",
        unit=unit,
        **of_row,
    )
    return numbers + _remark(figures, key)


def _yellow(figures: FigureSet, keys: list[str], names: Names) -> Line:
    """One responsibility's units with a yellow light, the lowest by name; a plan that all share once."""
    year, code, _ = keys[0].split("/")
    rest = plain("等", " and others") if len(keys) > NAMED_YELLOW else Line()
    keys = keys[:NAMED_YELLOW]
    plans = [figures.get("exception.plan", key) for key in keys]
    is_shared = len({plan.text_zh for plan in plans}) == 1
    units = joined(
        sentence(
            "{unit}{completion}",
            "{unit} {completion}",
            unit=names.unit(key.split("/")[2]),
            **figures.of("exception", key),
        )
        + (Line() if is_shared else sentence("（计划{plan}）", " (plan {plan})", **figures.of("exception", key)))
        + _remark(figures, key)
        for key in keys
    )
    units += rest
    title = names.responsibility(year, code)
    if is_shared:
        return sentence(
            "{title}（计划{plan}）{units}", "{title} (plan {plan}): {units}", title=title, plan=plans[0], units=units
        )
    return sentence("{title}{units}", "{title}: {units}", title=title, units=units)


def _by_responsibility(keys: list[str]) -> list[list[str]]:
    return [list(members) for _, members in groupby(keys, key=lambda key: key.rpartition("/")[0])]


def _counts(figures: FigureSet, area: str) -> Line:
    """Lights that are there, by count."""
    of_area = figures.of("area", area)
    parts = []
    for name, zh, en in (("red", "红灯", "red"), ("yellow", "黄灯", "yellow"), ("missing", "应报未报", "missing")):
        if not is_zero(of_area[name]):
            parts.append(sentence(f"{zh}{{n}}项次", f"{{n}} {en}", n=of_area[name]))
    return joined(parts)


def _parts(figures: FigureSet, area: str, names: Names) -> Line:
    """The completion of each part of an area, where it has parts."""
    parts = joined(
        sentence("{part}{completion}", "{part} {completion}", part=names.area(key), **figures.of("area", key))
        for key in figures.keys("area.completion")
        if key != area and names.whole_of(key) == area
    )
    return sentence("其中{parts}。", " Of these {parts}.", parts=parts) if parts else Line()


def _area(figures: FigureSet, area: str, keys: list[str], names: Names) -> list[Block]:
    """One area: its completion, then its red lights one by one, then its yellow ones together."""
    blocks: list[Block] = []
    if figures.found("area.completion", area):
        blocks.append(
            body(
                sentence(
                    "完成率{completion}，计划进度{plan}，比上周{change}；{counts}。",
                    "Completion {completion}, plan {plan}, change {change}; {counts}.",
                    counts=_counts(figures, area),
                    **figures.of("area", area),
                )
                + _parts(figures, area, names)
            )
        )
    red = [key for key in keys if figures.get("exception.light", key).text_en == "red"]
    yellow = [key for key in keys if key not in red]
    for number, members in enumerate(_by_responsibility(red), start=1):
        year, code, _ = members[0].split("/")
        units = joined((_red(figures, key, names) for key in members), "；", "; ")
        text = sentence("{title}：{units}。", "{title}: {units}.", title=names.responsibility(year, code), units=units)
        blocks.append(Paragraph(plain(f"{number}. ", f"{number}. ") + text, "item"))
    if yellow:
        light = figures.get("exception.light", yellow[0])
        rows = joined((_yellow(figures, members, names) for members in _by_responsibility(yellow)), "；", "; ")
        blocks.append(Paragraph(sentence("{light}灯：{rows}。", "{light}: {rows}.", light=light, rows=rows), "item"))
    return blocks


def by_area(figures: FigureSet, names: Names) -> Section:
    """二、分领域进展."""
    keys_of: dict[str, list[str]] = {names.whole_of(key): [] for key in figures.keys("area.completion")}
    for key in figures.keys("exception.light"):
        year, code, _ = key.split("/")
        keys_of.setdefault(names.whole_of(names.area_of(year, code)), []).append(key)
    blocks: list[Block] = []
    loud = [(area, keys) for area, keys in keys_of.items() if keys]
    for position, (area, keys) in enumerate(loud, start=1):
        name = names.area(area)
        blocks.append(Heading(plain(f"（{numeral(position)}）{name.zh}", name.en)))
        blocks += _area(figures, area, keys, names)
    quiet = joined(names.area(area) for area, keys in keys_of.items() if not keys)
    if quiet:
        blocks.append(
            body(sentence("{quiet}无红灯、黄灯和未报。", "No red, no yellow, nothing missing in {quiet}.", quiet=quiet))
        )
    if not blocks:
        blocks.append(body(plain("本周没有可列的领域数据。", "There are no figures by area this week.")))
    return Section("二", Words("分领域进展", "By area: exceptions"), tuple(blocks))
