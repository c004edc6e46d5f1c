"""What a batch records of rows that were not accepted: under whom, and without what names a person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ducha.intake.checking import check_rows
from ducha.intake.reading import read_files
from ducha.ledger.batch import batch_tables

from tests.unit.intake.build import NOW, catalogue, to_read, write_csv, write_xlsx

HEADER = ["单位代码", "事项代码", "周次", "完成值", "滞后原因"]
CHECKED = ["单位代码", "事项代码", "周次", "完成值", "核查日期", "核查方式", "抽样类别"]


def recorded(path: Path, kind: str = "progress") -> dict[str, pd.DataFrame]:
    file = to_read(path, kind)
    readings = read_files([file])
    receipts = pd.DataFrame(
        {"receipt_id": [file.file_id], "unit_code": [file.unit_code], "kind": [kind], "ordinal": [1],
         "received_at": pd.to_datetime([NOW], utc=True), "known_at": pd.to_datetime([NOW], utc=True)}
    )  # fmt: skip
    county = catalogue()
    return batch_tables(receipts, readings, check_rows(readings, county, use_suites=False), county)


@pytest.mark.parametrize(
    ("kind", "header", "row", "sender"),
    [
        ("progress", HEADER, ["B02", "R-TOTAL", "2022-W02", 1, ""], "A01"),
        ("progress", HEADER, ["A01", "R-TOTAL", "2022-W02", "约", ""], "A01"),
        ("inspection", CHECKED, ["A01", "R-TOTAL", "2022-W02", "约", "2022-01-12", "现场", "随机"], "_inspection"),
    ],
)
def test_what_is_wrong_is_recorded_under_who_sent_it(
    tmp_path: Path, kind: str, header: Sequence[str], row: Sequence[Any], sender: str
) -> None:
    """A row that names another unit is the sender's to put right, and not on the other unit's account."""
    tables = recorded(write_csv(tmp_path / "a.csv", [header, row]), kind)
    for name in ("ops.intake_event", "ops.rejected_row"):
        assert tables[name]["unit_code"].tolist() == [sender], name


@pytest.mark.parametrize("column", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("cell", ["110105.1949.1231.0021", 110105194912310021])
def test_no_identity_number_is_recorded(tmp_path: Path, column: int, cell: object) -> None:
    row = ["A01", "R-TOTAL", "2022-W02", 1, ""]
    row[column] = cell  # type: ignore[call-overload]
    path = write_xlsx(tmp_path / "a.xlsx", [HEADER, row, ["A01", "R-LEVEL", "2022-W02", 1, ""]], sheet=f"王某{cell}")
    tables = recorded(path)
    assert (len(tables["ops.rejected_row"]), len(tables["ledger.progress"])) == (1, 1)
    written = "".join(table.to_csv() for table in tables.values())
    for trace in ("1101051949", "110105.1949", "1.10105"):
        assert trace not in written
