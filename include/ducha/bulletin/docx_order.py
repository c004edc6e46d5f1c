"""Elements of WordprocessingML in the order its schema wants: a strict reader refuses a file that mixes them up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from docx.oxml.ns import nsmap, qn
from docx.oxml.parser import oxml_parser

_qualified = cache(qn)  # an issue has sixty thousand elements of thirty names
_W = {"w": nsmap["w"]}
_SPACE = qn("xml:space")

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


def element(tag: str, *children: Any, **attributes: str) -> Any:
    """An element of WordprocessingML with children and attributes of the same namespace."""
    own = {_qualified(f"w:{name}"): value for name, value in attributes.items()}
    made = oxml_parser.makeelement(_qualified(tag), own, _W)
    made.extend(children)
    return made


UNPRINTABLE = {code: None for code in range(32) if code != 9}
"""Control characters, which XML refuses; a tab stays."""


def text_run(text: str, colour: str = "", points: float = 0) -> Any:
    """A run of text, its spaces kept, a tab where the text has one; colour and size only where they differ."""
    run = element("w:r")
    if colour or points:
        properties = element("w:rPr")
        if colour:
            properties.append(element("w:color", val=colour))
        if points:
            properties.append(element("w:sz", val=str(round(points * 2))))
        run.append(properties)
    for position, part in enumerate(text.translate(UNPRINTABLE).split("\t")):
        if position:
            run.append(element("w:tab"))
        made = element("w:t")
        made.text = part
        made.set(_SPACE, "preserve")
        run.append(made)
    return run


def _local(child: Any) -> str:
    return str(child.tag).rpartition("}")[2]


def put(parent: Any, child: Any) -> None:
    """Place a property where the schema wants it, in place of one of its name."""
    order = ORDERS[f"w:{_local(parent)}"]
    rank = order.index(_local(child))
    for other in list(parent):
        if other.tag == child.tag:
            parent.remove(other)
        elif _local(other) in order and order.index(_local(other)) > rank:
            other.addprevious(child)
            return
    parent.append(child)
