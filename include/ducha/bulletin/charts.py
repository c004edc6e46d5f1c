"""Pictures of the screen edition: plain SVG from figures, whose text is the number itself."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from markupsafe import Markup

from ducha.bulletin.document import ChartKind
from ducha.bulletin.figures import Figure, FigureSet
from ducha.bulletin.names import Names
from ducha.bulletin.terms import Words

STATUS_SIGNS = {"on time": "✓", "late": "迟", "returned": "退", "missing": "缺", "withdrawn": "撤", "nothing due": "·"}
LIGHT_SIGNS = {"red": "红", "yellow": "黄", "green": "绿", "grey": "灰"}
LIGHT_LETTERS = {"red": "R", "yellow": "Y", "green": "G", "grey": "–"}
STATUS_LETTERS = {"on time": "✓", "late": "L", "returned": "B", "missing": "M", "withdrawn": "W", "nothing due": "·"}


def words(pair: Words, most: int = 25) -> str:
    """A name in both editions, of which the page shows one; a long English one is cut where its row ends."""
    if pair.zh == pair.en:
        return escape(pair.zh)
    if len(pair.en) > most:
        pair = Words(pair.zh, pair.en[: most - 1].rstrip() + "…")
    return f'<tspan class="zh" lang="zh">{escape(pair.zh)}</tspan><tspan class="en" lang="en">{escape(pair.en)}</tspan>'


def _link(figure: Figure, inner: str) -> str:
    label = escape(f"{figure.label_zh} {figure.text_zh} · {figure.label_en} {figure.text_en}", quote=True)
    code = escape(figure.figure_code, quote=True)
    return f'<a class="fig" href="#ledger" data-figure="{code}" aria-label="{label}"><title>{label}</title>{inner}</a>'


def _text(x: float, y: float, content: str, css: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{css}" text-anchor="{anchor}">{content}</text>'


def _svg(width: float, height: float, title: Words, inner: Iterable[str]) -> Markup:
    label = escape(f"{title.zh} · {title.en}", quote=True)
    return Markup(  # noqa: S704 - every text above went through escape
        f'<svg viewBox="0 0 {width:g} {height:g}" role="group" aria-label="{label}">{"".join(inner)}</svg>'
    )


def _position(figure: Figure, left: float, width: float) -> float:
    """Where a fraction lies on a scale from 0 to 1; beyond it sits at the edge."""
    return left + width * min(max(float(figure.value or 0), 0.0), 1.0)


def areas_chart(figures: FigureSet, names: Names, title: Words) -> Markup:
    """Completion of each area at the top as a bar, its plan as a mark across it."""
    left, width, step, top = 210.0, 380.0, 34.0, 26.0
    keys = [key for key in figures.keys("area.completion") if key not in names.area_parents]
    height = top + step * len(keys) + 8
    made = []
    for tick in (0, 25, 50, 75, 100):
        x = left + width * tick / 100
        made.append(f'<line x1="{x:g}" x2="{x:g}" y1="{top - 4:g}" y2="{height - 4:g}" class="grid"/>')
        made.append(_text(x, 14, f"{tick}%", "tick", "middle"))
    for row, key in enumerate(keys):
        completion, plan = figures.get("area.completion", key), figures.get("area.plan", key)
        light = figures.get("area.light", key)
        y = top + step * row
        made.append(_text(left - 10, y + 20, words(names.area(key)), "name", "end"))
        bar = f'<rect x="{left:g}" y="{y + 6:g}" width="{width:g}" height="18" class="track"/>'
        if completion.value is not None:
            length = _position(completion, left, width) - left
            bar += (
                f'<rect x="{left:g}" y="{y + 6:g}" width="{max(length, 2):g}" height="18" class="bar {light.text_en}"/>'
            )
        if plan.value is not None:
            x = _position(plan, left, width)
            bar += f'<line x1="{x:g}" x2="{x:g}" y1="{y + 1:g}" y2="{y + 29:g}" class="plan"/>'
        made.append(_link(completion, bar))
        shown = f"{escape(completion.text_zh)} {words(Words(light.text_zh, light.text_en))}"
        made.append(_text(left + width + 10, y + 20, shown, "value"))
    return _svg(left + width + 110, height, title, made)


def _grid_chart(
    figures: FigureSet, names: Names, title: Words, name: str, signs: dict[str, str], letters: dict[str, str]
) -> Markup:
    """Units down, weeks across, one marked cell each: the mark says what the colour says."""
    weeks = sorted({key.partition("/")[0] for key in figures.keys(name)})
    units = sorted({key.partition("/")[2] for key in figures.keys(name)})
    left, cell, step, top = 210.0, 44.0, 30.0, 30.0
    made = [_text(left + cell * (i + 0.5), 18, escape(week[5:]), "tick", "middle") for i, week in enumerate(weeks)]
    for row, unit in enumerate(units):
        y = top + step * row
        made.append(_text(left - 10, y + 18, words(names.unit(unit)), "name", "end"))
        for column, week in enumerate(weeks):
            figure = figures.found(name, f"{week}/{unit}")
            if figure is None:
                continue
            x = left + cell * column
            kind = figure.text_en.replace(" ", "-")
            sign = words(Words(signs.get(figure.text_en, "·"), letters.get(figure.text_en, "·")))
            inner = (
                f'<rect x="{x + 2:g}" y="{y + 2:g}" width="{cell - 4:g}" height="{step - 4:g}" rx="4" '
                f'class="cell {kind}"/>' + _text(x + cell / 2, y + 20, sign, f"sign {kind}", "middle")
            )
            made.append(_link(figure, inner))
    return _svg(left + cell * len(weeks) + 10, top + step * len(units) + 6, title, made)


def trend_chart(figures: FigureSet, title: Words) -> Markup:
    """Completion of the county over the last weeks."""
    points = [figures.get("history.completion", key) for key in figures.keys("history.completion")]
    left, width, top, height = 46.0, 580.0, 16.0, 150.0
    values = [float(figure.value) for figure in points if figure.value is not None]
    ceiling = max([0.25, *(value * 1.15 for value in values)])
    ceiling = min(1.0, -(-ceiling // 0.25) * 0.25) if ceiling <= 1 else ceiling
    made = []
    for share in (0, 0.5, 1):
        y = top + height * (1 - share)
        made.append(f'<line x1="{left:g}" x2="{left + width:g}" y1="{y:g}" y2="{y:g}" class="grid"/>')
        made.append(_text(left - 6, y + 4, f"{ceiling * share * 100:g}%", "tick", "end"))
    step = width / max(len(points), 1)
    path = []
    marks = []
    for index, figure in enumerate(points):
        x = left + step * (index + 0.5)
        made.append(_text(x, top + height + 20, escape(figure.keys[5:]), "tick", "middle"))
        if figure.value is None:
            continue
        y = top + height * (1 - float(figure.value) / ceiling)
        path.append(f"{x:g},{y:g}")
        mark = f'<circle cx="{x:g}" cy="{y:g}" r="5" class="dot"/>' + _text(
            x, y - 12, escape(figure.text_zh), "value", "middle"
        )
        marks.append(_link(figure, mark))
    made.append(f'<polyline points="{" ".join(path)}" class="trend"/>')
    return _svg(left + width + 14, top + height + 28, title, [*made, *marks])


def draw(kind: ChartKind, figures: FigureSet, names: Names, title: Words) -> Markup:
    """The picture of a kind."""
    if kind == "areas":
        return areas_chart(figures, names, title)
    if kind == "trend":
        return trend_chart(figures, title)
    if kind == "lights":
        return _grid_chart(figures, names, title, "history.light", LIGHT_SIGNS, LIGHT_LETTERS)
    return _grid_chart(figures, names, title, "history.status", STATUS_SIGNS, STATUS_LETTERS)
