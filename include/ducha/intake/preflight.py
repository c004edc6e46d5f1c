"""What a file is, and whether it is safe to parse: judged on its bytes, before any parser sees them.

Standard library only: this runs in the reading child, which must start fast.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

MAX_FILE_BYTES = 32 << 20
MAX_MEMBERS = 2_000
MAX_INFLATED = 256 << 20
MAX_XML = 64 << 20
MAX_RATIO = 200
RATIO_FREE = 4 << 20
"""Members smaller than this may be as compressible as they like."""
MAX_CELLS = 2_000_000
MAX_STRING_BYTES = 64 << 20


class RefusedError(Exception):
    """The file cannot be read; `code` is a reason code of scope file, `raw` what the message shows."""

    def __init__(self, code: str, raw: str = "") -> None:
        super().__init__(f"{code}: {raw}")
        self.code = code
        self.raw = raw


@dataclass(frozen=True)
class Archive:
    """The XML parts of a workbook, inflated once with their checksums verified."""

    parts: dict[str, bytes]


_MAGIC = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "图片 PNG"),
    (b"\xff\xd8\xff", "图片 JPEG"),
    (b"Rar!", "压缩包 RAR"),
    (b"7z\xbc\xaf", "压缩包 7z"),
    (b"\x1f\x8b", "压缩包 gzip"),
    (b"{\\rtf", "RTF"),
    (b"SQLite", "SQLite"),
    (b"ID;P", "SYLK"),
    (b"\x09\x08", "旧版 Excel（xls）"),
    (b"\x09\x04", "旧版 Excel（xls）"),
    (b"\x09\x02", "旧版 Excel（xls）"),
    (b"\x09\x00", "旧版 Excel（xls）"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_JSON = re.compile(r"[{\[]\s*(?:[\"{\[\]}\d-]|null\b|true\b|false\b|NaN\b|$)")
_MARKUP = re.compile(r"<(!doctype\s+html|html|head|body|table|meta|style|script|div)\b", re.I)


def sniff(content: bytes) -> str:
    """Return `xlsx`, `csv` or `json` by what the bytes are, not by the name; RefusedError for everything else."""
    if not content:
        raise RefusedError("empty_file")
    if len(content) > MAX_FILE_BYTES:
        raise RefusedError("too_large", f"{len(content) >> 20} MiB")
    if content[:2] == b"PK":
        return "xlsx"
    if content[:8] == _OLE:
        raise _ole_refusal(content)
    for magic, name in _MAGIC:
        if content.startswith(magic):
            raise RefusedError("unsupported_format", name)
    return _sniff_text(content)


def _ole_refusal(content: bytes) -> RefusedError:
    def has(name: str) -> bool:
        return name.encode("utf-16-le") in content

    if has("EncryptedPackage") or has("EncryptionInfo"):
        return RefusedError("encrypted")
    if has("Workbook") or has("Book") or has("WORKBOOK") or has("BOOK"):
        return RefusedError("unsupported_format", "旧版 Excel（xls 或 et）")
    return RefusedError("unsupported_format", "旧版文档（OLE）")


def _sniff_text(content: bytes) -> str:
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not content.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise RefusedError("empty_file")
    start = head.decode("latin-1")
    if _MARKUP.search(start):
        raise RefusedError("unsupported_format", "网页（HTML）")
    if start.startswith("<?xml") or b"urn:schemas-microsoft-com" in head:
        raise RefusedError("unsupported_format", "XML")
    if _JSON.match(start):
        return "json"
    if b"\x00" in content and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise RefusedError("unreadable_text")
    return "csv"


def open_archive(path: Path) -> Archive:
    """Inflate the XML parts of an xlsx after judging its members; RefusedError when something is unsafe or broken."""
    try:
        with zipfile.ZipFile(path) as file:
            members = file.infolist()
            _judge_members(members)
            parts = {m.filename: _inflate(file, m) for m in members if m.filename.endswith((".xml", ".rels"))}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise RefusedError("damaged") from error
    for name, content in parts.items():
        _judge_xml(content)
        if b"\x00" in content[:64] and not name.startswith(("docProps/", "customXml/", "xl/pivot")):
            raise RefusedError("unsafe_archive", "XML 编码异常 / encoding")  # our searches read UTF-8 only
    _judge_strings(parts)
    return Archive(parts)


def _judge_members(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if len(members) > MAX_MEMBERS:
        raise RefusedError("unsafe_archive", f"{len(members)} 个成员 / members")
    if len({name.lower() for name in names}) < len(names):
        raise RefusedError("unsafe_archive", "成员重名 / duplicate members")
    if any(_leaves_home(name) for name in names):
        raise RefusedError("unsafe_archive", "成员路径越界 / path traversal")
    if any(member.flag_bits & 0x1 for member in members):
        raise RefusedError("encrypted")
    if any(m.file_size > RATIO_FREE and m.file_size > MAX_RATIO * max(m.compress_size, 1) for m in members):
        raise RefusedError("unsafe_archive", "压缩比异常 / zip bomb")
    if sum(member.file_size for member in members) > MAX_INFLATED:
        raise RefusedError("too_large", "解压后超过 256 MiB / inflated")
    _judge_kind(names)


def _leaves_home(name: str) -> bool:
    plain = name.replace("\\", "/")
    return plain.startswith("/") or ".." in plain.split("/") or re.match(r"[A-Za-z]:", plain) is not None


def _judge_kind(names: list[str]) -> None:
    if "xl/workbook.bin" in names:
        raise RefusedError("unsupported_format", "二进制工作簿（xlsb）")
    if "mimetype" in names or "content.xml" in names:
        raise RefusedError("unsupported_format", "OpenDocument（ods）")
    if "word/document.xml" in names:
        raise RefusedError("unsupported_format", "Word 文档（docx）")
    if "[Content_Types].xml" not in names:
        raise RefusedError("unsupported_format", "压缩包（zip）")


def _inflate(file: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.file_size > MAX_XML:
        raise RefusedError("too_large", f"{member.file_size >> 20} MiB")
    return file.read(member)


def _judge_xml(content: bytes) -> None:
    for mark in ("<!DOCTYPE", "<!ENTITY"):
        if any(mark.encode(encoding) in content for encoding in ("utf-8", "utf-16-le", "utf-16-be")):
            raise RefusedError("unsafe_xml")


_STRING = re.compile(rb"<(?:\w+:)?si\b.*?</(?:\w+:)?si>", re.S)
_REFERENCE = re.compile(rb"\bt=\"s\"[^>]*>\s*(?:<(?:\w+:)?f\b.*?)?<(?:\w+:)?v>(\d+)<", re.S)


def _judge_strings(parts: dict[str, bytes]) -> None:
    """Refuse a workbook whose few long shared strings, repeated over many cells, would fill the memory."""
    shared = parts.get("xl/sharedStrings.xml", b"")
    sheets = [content for name, content in parts.items() if name.startswith("xl/worksheets/")]
    repeats = max((content.count(b't="s"') for content in sheets), default=0)
    if len(shared) * repeats <= MAX_STRING_BYTES:
        return
    sizes = [match.end() - match.start() for match in _STRING.finditer(shared)]
    if max(sizes, default=0) * repeats <= MAX_STRING_BYTES:
        return
    for content in sheets:
        total = sum(sizes[n] for n in map(int, _REFERENCE.findall(content)) if n < len(sizes))
        if total > MAX_STRING_BYTES:
            raise RefusedError("too_large", f"文字展开后 {total >> 20} MiB / text")


# Patterns that begin with plain text are searched ten times faster; finding too much only costs the closer look.
_ROW = re.compile(rb"r=\"(\d{1,7})\"")
_WIDE = re.compile(rb"r=\"([A-Z]{2,3})\d")
_VALUED = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=\"([A-Z]{1,3})(\d{1,7})\"[^>]*(?<!/)>\s*<(?:\w+:)?(?:v|is|f)\b")


def column_number(letters: str) -> int:
    """Return the 1-based number of a column: A → 1, AB → 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def judge_extent(sheet: bytes) -> None:
    """Refuse a sheet whose valued cells span a rectangle that no reader should lay out in memory."""
    rows = max(map(int, _ROW.findall(sheet)), default=1)
    wide = max((column_number(c.decode()) for c in set(_WIDE.findall(sheet))), default=26)
    if rows * wide <= MAX_CELLS:
        return
    valued = set(_VALUED.findall(sheet))
    last_row = max((int(row) for _, row in valued), default=1)
    last_column = max((column_number(letters.decode()) for letters, _ in valued), default=1)
    if last_row * last_column > MAX_CELLS:
        raise RefusedError("too_many_cells", f"{last_row} 行 × {last_column} 列")
