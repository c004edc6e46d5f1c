"""A minimal xlsx, part by part: full say over what programs do differently, the same bytes every time.

A cell is None or (kind, value, number format): `s` text, `n` number, `b` flag, `e` error, `f` formula without result.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

Cell = tuple[str, object, str] | None
MADE_ON = "2022-01-01T00:00:00Z"
BOLD = "bold"
"""Stands for a number format: the cell is a title or heading."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_HIDDEN = ' state="hidden"'


@dataclass
class Sheet:
    """One sheet: rows of cells from A1 on; `hidden_columns` and `hidden_rows` count from 0."""

    name: str
    rows: Sequence[Sequence[Cell]]
    hidden_columns: frozenset[int] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    is_hidden: bool = False
    merged: str = ""


@dataclass
class _Strings:
    """Shared strings in the order of first use; None when they are written into the cells."""

    places: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def place(self, text: str) -> int:
        self.count += 1
        return self.places.setdefault(text, len(self.places))


def write_workbook(sheets: Sequence[Sheet], application: str, app_version: str, is_inline: bool = False) -> bytes:
    """Return the bytes of a workbook. No text becomes a formula: only cells of kind `f` do."""
    strings = _Strings()
    styles: dict[str, int] = {"": 0, BOLD: 1}
    parts = {
        f"xl/worksheets/sheet{n}.xml": _sheet(sheet, None if is_inline else strings, styles)
        for n, sheet in enumerate(sheets, start=1)
    }
    has_strings = bool(strings.places)
    parts = {
        "[Content_Types].xml": _content_types(len(sheets), has_strings),
        "_rels/.rels": _relations([("officeDocument", f"{_DOC}/relationships/officeDocument", "xl/workbook.xml"),
                                   ("core", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
                                   ("app", f"{_DOC}/relationships/extended-properties", "docProps/app.xml")]),
        "docProps/app.xml": f'{_HEAD}<Properties xmlns="{_DOC}/extended-properties"><Application>{escape(application)}'
        f"</Application><AppVersion>{app_version}</AppVersion></Properties>",
        "docProps/core.xml": _core(),
        "xl/workbook.xml": _workbook(sheets),
        "xl/_rels/workbook.xml.rels": _workbook_relations(len(sheets), has_strings),
        "xl/styles.xml": _styles(list(styles)),
        **parts,
    }  # fmt: skip
    if has_strings:
        parts["xl/sharedStrings.xml"] = _shared(strings)
    return packed({name: text.encode() for name, text in parts.items()})


def packed(parts: dict[str, bytes]) -> bytes:
    """Return a zip archive of the parts, without a trace of when and where it was made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            member = zipfile.ZipInfo(name, (2022, 1, 1, 0, 0, 0))
            member.compress_type, member.create_system, member.external_attr = zipfile.ZIP_DEFLATED, 0, 0
            archive.writestr(member, content)
    return buffer.getvalue()


def column_letter(position: int) -> str:
    """Return the letter of a column, 0 → A; this module writes at most 26."""
    return chr(65 + position)


def _sheet(sheet: Sheet, strings: _Strings | None, styles: dict[str, int]) -> str:
    out = [f'{_HEAD}<worksheet xmlns="{_MAIN}">']
    if sheet.hidden_columns:
        columns = "".join(
            f'<col min="{n + 1}" max="{n + 1}" width="12" hidden="1" customWidth="1"/>'
            for n in sorted(sheet.hidden_columns)
        )
        out.append(f"<cols>{columns}</cols>")
    out.append("<sheetData>")
    for number, row in enumerate(sheet.rows, start=1):
        cells = [
            _cell(f"{column_letter(at)}{number}", cell, strings, styles)
            for at, cell in enumerate(row)
            if cell is not None
        ]
        if cells:
            hidden = ' hidden="1"' if number - 1 in sheet.hidden_rows else ""
            out.append(f'<row r="{number}"{hidden}>{"".join(cells)}</row>')
    out.append("</sheetData>")
    if sheet.merged:
        out.append(f'<mergeCells count="1"><mergeCell ref="{sheet.merged}"/></mergeCells>')
    out.append("</worksheet>")
    return "".join(out)


def _cell(place: str, cell: tuple[str, object, str], strings: _Strings | None, styles: dict[str, int]) -> str:
    kind, value, number_format = cell
    style = styles.setdefault(number_format, len(styles))
    tag = f'<c r="{place}" s="{style}"' if style else f'<c r="{place}"'
    if kind == "n":
        return f"{tag}><v>{value!r}</v></c>"
    if kind == "s":
        if strings is not None:
            return f'{tag} t="s"><v>{strings.place(str(value))}</v></c>'
        return f'{tag} t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
    if kind == "f":
        return f"{tag}><f>{escape(str(value))}</f></c>"
    return f'{tag} t="{kind}"><v>{escape(str(value))}</v></c>'


def _content_types(count: int, has_strings: bool) -> str:
    kinds = [
        ("/xl/workbook.xml", f"{_TYPE}.sheet.main+xml"),
        *((f"/xl/worksheets/sheet{n}.xml", f"{_TYPE}.worksheet+xml") for n in range(1, count + 1)),
        ("/xl/styles.xml", f"{_TYPE}.styles+xml"),
        ("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
        ("/docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml"),
        *([("/xl/sharedStrings.xml", f"{_TYPE}.sharedStrings+xml")] if has_strings else []),
    ]
    overrides = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds)
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="{rels}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(relations: Sequence[tuple[str, str, str]]) -> str:
    each = "".join(f'<Relationship Id="{key}" Type="{kind}" Target="{target}"/>' for key, kind, target in relations)
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _workbook_relations(count: int, has_strings: bool) -> str:
    kinds = f"{_DOC}/relationships"
    relations = [(f"rId{n}", f"{kinds}/worksheet", f"worksheets/sheet{n}.xml") for n in range(1, count + 1)]
    relations.append(("styles", f"{kinds}/styles", "styles.xml"))
    if has_strings:
        relations.append(("strings", f"{kinds}/sharedStrings", "sharedStrings.xml"))
    return _relations(relations)


def _workbook(sheets: Sequence[Sheet]) -> str:
    each = "".join(
        f'<sheet name={quoteattr(sheet.name)} sheetId="{n}"{_HIDDEN if sheet.is_hidden else ""} r:id="rId{n}"/>'
        for n, sheet in enumerate(sheets, start=1)
    )
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}/relationships"><sheets>{each}</sheets></workbook>'


def _core() -> str:
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>示例（虚构）</dc:creator>'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{MADE_ON}</dcterms:created></cp:coreProperties>'
    )


def _styles(formats: list[str]) -> str:
    own = {code: 164 + n for n, code in enumerate(formats[2:])}
    codes = "".join(f'<numFmt numFmtId="{n}" formatCode={quoteattr(code)}/>' for code, n in own.items())
    cells = ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
             '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>']  # fmt: skip
    cells += [
        f'<xf numFmtId="{n}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' for n in own.values()
    ]
    fonts = '<font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font>'
    numbers = f'<numFmts count="{len(own)}">{codes}</numFmts>' if own else ""
    fills = '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    return (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}">{numbers}<fonts count="2">{fonts}</fonts>'
        f'<fills count="2">{fills}</fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(cells)}">{"".join(cells)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _shared(strings: _Strings) -> str:
    each = "".join(f"<si><t>{escape(text)}</t></si>" for text in strings.places)
    count = f'count="{strings.count}" uniqueCount="{len(strings.places)}"'
    return f'{_HEAD}<sst xmlns="{_MAIN}" {count}>{each}</sst>'
