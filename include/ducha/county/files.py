"""A county's files as rows of text: decoding, tables, and problems that name file, row and column.

Standard library only: the weekly timetable reads the calendar while Airflow parses DAGs.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
COUNTY_CODE = re.compile(r"[0-9A-Za-z_-]{1,32}")
COUNTY_CODE_REMEDY = (
    "县代码只用字母、数字、_ 和 -，1 到 32 个字符，请更正",
    "a county code has 1 to 32 letters, digits, _ and - only: correct it",
)
"""It names folders and leads every key, so it must never lead anywhere else."""
CODE = re.compile(r"[\w-]+(?:\.[\w-]+)*")
LONGEST_CODE = 32
WORDS_FOR_TRUE = frozenset({"true", "1", "yes", "y", "是"})
WORDS_FOR_FALSE = frozenset({"false", "0", "no", "n", "否"})


@dataclass(frozen=True)
class CountyProblem:
    """One thing wrong in a county's files: where, what, and what to do. `row` 0 means the whole file."""

    file: str
    row: int
    column: str
    message_zh: str
    message_en: str

    def __str__(self) -> str:
        """Return the place and both messages in one line."""
        place = self.file
        if self.row:
            place += f" 第{self.row}行"
        if self.column:
            place += f" {self.column}"
        return f"{place}: {self.message_zh} · {self.message_en}"


class CountyError(ValueError):
    """A county's files cannot be used; `problems` says everything that is wrong, not only the first."""

    def __init__(self, problems: Sequence[CountyProblem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class Problems:
    """Collects problems of one file while its rows are looked at."""

    file: str
    found: list[CountyProblem] = field(default_factory=list)

    def add(self, row: int, column: str, message_zh: str, message_en: str) -> None:
        """Note one problem."""
        self.found.append(CountyProblem(self.file, row, column, message_zh, message_en))


@dataclass(frozen=True)
class Table:
    """A CSV file as text: `rows` maps heading to stripped cell; `numbers` are their 1-based lines in the file."""

    file: str
    header: list[str]
    rows: list[dict[str, str]]
    numbers: list[int]


def decode(content: bytes, file: str) -> str:
    """Return the text of bytes in UTF-8 (with or without BOM) or GB18030; CountyError when it is neither."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    zh = "文件编码既不是 UTF-8 也不是 GB18030，请另存为 CSV UTF-8"
    en = "neither UTF-8 nor GB18030: save it again as CSV UTF-8"
    raise CountyError([CountyProblem(file, 0, "", zh, en)])


def read_table(path: Path) -> Table:
    """Read one CSV file; blank lines are skipped. CountyError when it is missing, empty or ragged."""
    file = path.name
    if not path.is_file():
        raise CountyError([CountyProblem(file, 0, "", "缺少此文件，请补上", "the file is missing: add it")])
    reader = csv.reader(io.StringIO(decode(path.read_bytes(), file), newline=""))
    lines = [(reader.line_num, [cell.strip() for cell in line]) for line in reader]
    lines = [(number, line) for number, line in lines if any(line)]
    if not lines:
        raise CountyError([CountyProblem(file, 0, "", "文件为空，至少要有表头", "empty: a header is needed")])
    header = lines[0][1]
    problems = Problems(file)
    if len(header) == 1 and re.search("[;\t，；]", header[0]):
        zh, en = (
            "各列须用英文逗号分隔，请另存为 CSV UTF-8（逗号分隔）",
            "columns are split by commas: save it as CSV UTF-8",
        )
        raise CountyError([CountyProblem(file, lines[0][0], "", zh, en)])
    for number, line in lines[1:]:
        if any(line[len(header) :]):
            zh = f"本行有 {len(line)} 格，表头只有 {len(header)} 格；含逗号的文字请加引号"
            en = f"{len(line)} cells under {len(header)} headings: put text with commas in quotes"
            problems.add(number, "", zh, en)
    if problems.found:
        raise CountyError(problems.found)
    rows = [dict(zip(header, line + [""] * len(header), strict=False)) for _, line in lines[1:]]
    return Table(file, header, rows, [number for number, _ in lines[1:]])


def parse_date(text: str) -> dt.date:
    """Return the date of 2022-01-31 (also 2022/1/31, as spreadsheet programs save it); ValueError otherwise."""
    found = DATE.fullmatch(text)
    if not found:
        raise ValueError(f"not a date: {text}")
    return dt.date(*(int(part) for part in found.groups()))


def parse_code(text: str) -> str:
    """Return a code as it stands: letters and digits of any script, `_`, `-` and dots between them; else ValueError.

    Submissions are compared in compatibility form, so a code must be in it: ０１ would never be found. Signs alone (#)
    stand for a code that the source hid.
    """
    is_plain = unicodedata.normalize("NFKC", text) == text and len(text) <= LONGEST_CODE
    if not is_plain or not (CODE.fullmatch(text) or set(text) == {"#"}):
        raise ValueError(f"not a code: {text}")
    return text


def parse_bool(text: str) -> bool:
    """Return true for true, 1, yes, 是 and false for false, 0, no, 否 in any case; ValueError otherwise."""
    word = text.lower()
    if word in WORDS_FOR_TRUE:
        return True
    if word in WORDS_FOR_FALSE:
        return False
    raise ValueError(f"neither true nor false: {text}")
