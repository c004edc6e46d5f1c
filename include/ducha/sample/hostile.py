"""Files that nobody can read, a handful a year in any county: each harmless here, and each to be refused with words."""

from __future__ import annotations

import struct
from collections.abc import Callable

from ducha.sample.workbook import packed

HOSTILE = ("truncated", "encrypted", "zip_bomb", "pdf_named_xlsx", "html_named_xls", "empty", "xml_bomb", "no_headings")
SUFFIXES = {"html_named_xls": "xls"}
_SECTOR = 512


def spoilt(kind: str, whole: bytes) -> bytes:
    """Return a file of one of the kinds; `whole` is what the sender meant to send, a workbook."""
    if kind == "truncated":
        return whole[: len(whole) // 2]
    return _MADE[kind]()


def _zip_bomb() -> bytes:
    """A sheet of 8 MiB of blanks in a few kilobytes: enough to be suspicious, too little to hurt."""
    return packed({"[Content_Types].xml": b"<Types/>", "xl/worksheets/sheet1.xml": b" " * (8 << 20)})


def _xml_bomb() -> bytes:
    texts = ["ha", *(f"&a{n};" * 10 for n in range(3))]
    entities = "".join(f'<!ENTITY a{n} "{text}">' for n, text in enumerate(texts))
    body = f'<?xml version="1.0"?><!DOCTYPE workbook [{entities}]><workbook>&a3;</workbook>'
    return packed({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": body.encode()})


def _encrypted() -> bytes:
    """The container of a workbook with a password: header, allocation table, directory, and no readable content."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0)
    header += struct.pack("<I", free) * 108
    table = struct.pack("<III", 0xFFFFFFFD, end, end) + struct.pack("<I", free) * 125
    entries = [("Root Entry", 5), ("EncryptionInfo", 2), ("EncryptedPackage", 2), ("", 0)]
    directory = b"".join(_entry(name, kind) for name, kind in entries)
    return header.ljust(_SECTOR, b"\x00")[:_SECTOR] + table[:_SECTOR] + directory + bytes(range(256)) * 2


def _entry(name: str, kind: int) -> bytes:
    text = name.encode("utf-16-le")
    size = len(text) + 2 if name else 0
    return (
        text.ljust(64, b"\x00") + struct.pack("<HBBIII", size, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF) + bytes(48)
    )


_MADE: dict[str, Callable[[], bytes]] = {
    "encrypted": _encrypted,
    "zip_bomb": _zip_bomb,
    "xml_bomb": _xml_bomb,
    "pdf_named_xlsx": lambda: b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    "html_named_xls": lambda: "<html><body><table><tr><td>事项代码</td></tr></table></body></html>".encode("gb18030"),
    "empty": lambda: b"",
    "no_headings": "本周工作总体平稳，详见附件。\r\n".encode,
}
