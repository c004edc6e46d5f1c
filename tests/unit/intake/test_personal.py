"""Numbers that name a person, however they are set apart, and the many numbers that do not."""

from __future__ import annotations

import pytest
from ducha.intake.personal import HIDDEN_TEXT, hidden_names, is_identity, is_personal


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021", "11010519491231002X", "11010519491231002x", "110105491231002", "王某110105194912310021亩",
        "110105.1949.1231.0021", "110105·1949·1231·0021", "110105．1949－1231 0021", "110105 - 1949.1231・0021",
        "110105.1949.12.31.0021", "110105（19491231）0021", "110105_19491231/0021", "110105、19491231，0021",
        "１１０１０５１９４９１２３１００２Ｘ",
        "1101\u200b05194912\u00ad310021", "110105\u00a01949\u20111231\u20130021",
        "1101 0519 4912 3100 2X", "110,105,194,912,310,02X", "1.1.0.1.0.5.1.9.4.9.1.2.3.1.0.0.2.X",
        "编号2022 1101-0519-4912-3100-2X，已核", "350724.2015.0113.0031", "110105194912310016.0", "1.1010519491231E+17",
        "1.1010519491231002e+17",
    ],
)  # fmt: skip
def test_identity_numbers(text: str) -> None:
    assert is_identity(text)
    assert is_personal(text)


@pytest.mark.parametrize(
    "text", ["13800138000", "138.0013.8000", "138·0013·8000", "138–0013–8000", "+86 138 0013 8000"]
)
def test_phone_numbers_are_personal_and_no_identity(text: str) -> None:
    assert is_personal(text)
    assert not is_identity(text)


@pytest.mark.parametrize(
    "text",
    [
        "合同号 20220113001234", "合同编号202201131234567890", "350724-220113-001", "350724/2022/0113/0021",
        "350724.2015.0113.0038", "350724 2022-01-13 2022-01-20", "350724 2022-01-13 09:30",
        "统一社会信用代码91350724MA2XXXXX1B",
        "33.333333333333336", "135.20212022", "2022-01-13、2022-01-14、2022-01-15", "完成135，2021、2022年各半",
        "12、35、48、21、33、65、78、91、20", "1101051949123100211", "999999194913310021", "投资1234567890元",
        "2022-W02", "35072420220113", "1.2345678E+17",
    ],
)  # fmt: skip
def test_other_numbers_are_neither(text: str) -> None:
    assert not is_personal(text)


def test_sheets_keep_apart_when_their_names_are_hidden() -> None:
    names = ["填报表", "王某110105194912310021", "李某11010519491231002X", f"{HIDDEN_TEXT}2"]
    assert hidden_names(names) == ["填报表", HIDDEN_TEXT, f"{HIDDEN_TEXT}3", f"{HIDDEN_TEXT}2"]
