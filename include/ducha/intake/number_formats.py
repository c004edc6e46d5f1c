"""What a cell's number format makes of the number: percent, 万元 and 亿元, scaling by thousands, literal units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_BUILT_IN_PERCENT = {9: "0%", 10: "0.00%"}
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|!(.)|_.|\*.|\[[^\]]*\]')
_ABOUT = ("约", "近", "大约", "超", "逾", "不足", "左右", "余", "~")


@dataclass(frozen=True)
class Shape:
    """How a format shows a number: times `factor`, with `suffix` after it; factor None when that is not certain."""

    factor: Decimal | None
    suffix: str
    code: str

    def shown(self, number: float) -> str | None:
        """Return the number as the clerk saw it, exactly: 0.125 under 0.0% → `12.5%`; None when not certain."""
        if self.factor is None:
            return None
        value = (Decimal(repr(number)) * self.factor).normalize()
        return f"{value:f}{self.suffix}"


def shape_of(code: str) -> Shape | None:
    """Return what the format `code` does to a number, None when it leaves the number as it is (dates included)."""
    section = code.split(";", maxsplit=1)[0]
    pieces, literals = _plain(section)
    if re.search(r"[ymdhsYMDHS]|[Gg]eneral|@|e", pieces.replace("E+", "").replace("E-", "")):
        return None
    digits = [match.start() for match in re.finditer(r"[0#?]", pieces)]
    if not digits:
        return None
    head, tail = pieces[: digits[0]], pieces[digits[-1] + 1 :]
    around = (_literal(head, literals[: head.count("\x00")]), _literal(tail, literals[-tail.count("\x00") or None :]))
    commas = len(tail) - len(tail.lstrip(","))
    return _judge(code, pieces, literals, around, commas)


def _judge(code: str, pieces: str, literals: list[str], around: tuple[str, str], commas: int) -> Shape | None:
    suffix = around[1]
    is_vague = any(word in text for word in _ABOUT for text in around)
    if "%" in pieces:
        return Shape(None if commas or is_vague else Decimal(100), "%", code)
    factor = Decimal(1000) ** -commas
    point = re.search(r"\x00([0#?]+)[^0#?]*$", pieces)
    if point and "." in literals and not re.search(r"[0#?]\.[0#?]", pieces):
        factor /= Decimal(10) ** len(point.group(1))  # the 0!.0, trick: a literal point inside the digits
    if factor == 1 and not suffix and not is_vague:
        return None
    return Shape(None if is_vague or (factor != 1 and not suffix) else factor, suffix, code)


def _plain(section: str) -> tuple[str, list[str]]:
    """Take quoted and escaped literals out of a section; each leaves a NUL as its mark."""
    literals: list[str] = []

    def keep(match: re.Match[str]) -> str:
        text = next((group for group in match.groups() if group is not None), None)
        if text is None:
            return ""
        literals.append(text)
        return "\x00"

    return _TOKEN.sub(keep, section), literals


def _literal(piece: str, quoted: list[str]) -> str:
    """Return the literal text of one end of the format: its quoted pieces and bare characters such as 元."""
    bare = re.sub(r"[\x00 ,()+\-$¥￥€%/.E]", "", piece)
    return ("".join(quoted if "\x00" in piece else []) + bare).strip()


_NUMBER_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b([^>]*)>")
_CELL_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.S)
_FORMAT = re.compile(rb"<(?:\w+:)?xf\b([^>]*)>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ENTITIES = (("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&apos;", "'"), ("&amp;", "&"))


def attributes(tag: bytes) -> dict[str, str]:
    """Return the attributes of an XML tag's inside, without namespace prefixes, entities resolved."""
    found = {}
    for name, double, single in _ATTRIBUTE.findall(tag.decode("utf-8", "replace")):
        value = double or single
        for entity, text in _ENTITIES:
            value = value.replace(entity, text)
        found[name.rsplit(":", maxsplit=1)[-1]] = re.sub(r"&#(\d+);", lambda m: chr(int(m.group(1))), value)
    return found


def shapes_of_styles(styles: bytes) -> dict[int, Shape]:
    """Return, by index of cell format (`s` of a cell), the shapes that change how a number must be read."""
    codes = dict(_BUILT_IN_PERCENT)
    for match in _NUMBER_FORMAT.finditer(styles):
        found = attributes(match.group(1))
        if found.get("numFmtId", "").isdigit():
            codes[int(found["numFmtId"])] = found.get("formatCode", "")
    block = _CELL_FORMATS.search(styles)
    shapes = {}
    for index, match in enumerate(_FORMAT.finditer(block.group() if block else b"")):
        number = attributes(match.group(1)).get("numFmtId", "0")
        shape = shape_of(codes.get(int(number), "")) if number.isdigit() else None
        if shape:
            shapes[index] = shape
    return shapes
