"""Elements of WordprocessingML in the order its schema wants: a strict reader refuses a file that mixes them up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from docx.oxml.ns import nsdecls
from docx.oxml.parser import parse_xml

_QUOTE = {'"': "&quot;"}

ORDERS: Mapping[str, tuple[str, ...]] = {
    "w:pPr": (
        "pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr", "suppressLineNumbers",
        "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap", "overflowPunct", "topLinePunct",
        "autoSpaceDE", "autoSpaceDN", "bidi", "adjustRightInd", "snapToGrid", "spacing", "ind", "contextualSpacing",
        "mirrorIndents", "suppressOverlap", "jc", "textDirection", "textAlignment", "textboxTightWrap", "outlineLvl",
        "divId", "cnfStyle", "rPr", "sectPr", "pPrChange",
    ),
    "w:rPr": (
        "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "strike", "dstrike", "outline", "shadow",
        "emboss", "imprint", "noProof", "snapToGrid", "vanish", "webHidden", "color", "spacing", "w", "kern",
        "position", "sz", "szCs", "highlight", "u", "effect", "bdr", "shd", "fitText", "vertAlign", "rtl", "cs", "em",
        "lang", "eastAsianLayout", "specVanish", "oMath",
    ),
    "w:tblPr": (
        "tblStyle", "tblpPr", "tblOverlap", "bidiVisual", "tblStyleRowBandSize", "tblStyleColBandSize", "tblW", "jc",
        "tblCellSpacing", "tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook",
    ),
    "w:trPr": ("cnfStyle", "divId", "gridBefore", "gridAfter", "wBefore", "wAfter", "cantSplit", "tblHeader"),
    "w:tcPr": (
        "cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge", "tcBorders", "shd", "noWrap", "tcMar", "textDirection",
        "tcFitText", "vAlign", "hideMark",
    ),
}  # fmt: skip
"""Children of the property elements, in the order of ISO/IEC 29500."""


def element(tag: str, *children: str, **attributes: str) -> str:
    """The markup of an element of WordprocessingML with children, and attributes of the same namespace."""
    own = "".join([f' w:{name}="{escape(value, _QUOTE)}"' for name, value in attributes.items()])
    return f"<{tag}{own}>{''.join(children)}</{tag}>" if children else f"<{tag}{own}/>"


def placed(markup: str) -> Any:
    """Make an element of its markup: a table at once costs a tenth of its thousand elements one by one."""
    return parse_xml(f"<w:body {nsdecls('w')}>{markup}</w:body>")[0]


UNPRINTABLE = {code: None for code in range(32) if code != 9}
"""Control characters, which XML refuses; a tab stays."""


def text_run(text: str, colour: str = "", points: float = 0) -> str:
    """A run of text, its spaces kept, a tab where the text has one; colour and size only where they differ."""
    properties = []
    if colour:
        properties.append(element("w:color", val=colour))
    if points:
        properties.append(element("w:sz", val=str(round(points * 2))))
    texts = [f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in text.translate(UNPRINTABLE).split("\t")]
    return element("w:r", *([element("w:rPr", *properties)] if properties else []), "<w:tab/>".join(texts))


def _local(child: Any) -> str:
    return str(child.tag).rpartition("}")[2]


def put(parent: Any, markup: str) -> None:
    """Place a property where the schema wants it, in place of one of its name."""
    child = placed(markup)
    order = ORDERS[f"w:{_local(parent)}"]
    rank = order.index(_local(child))
    for other in list(parent):
        if other.tag == child.tag:
            parent.remove(other)
        elif _local(other) in order and order.index(_local(other)) > rank:
            other.addprevious(child)
            return
    parent.append(child)
