"""The calendar that the library gives, and what the county fixed itself: neither ever overrides the other silently."""

import datetime as dt
import shutil

import pytest
from ducha.calendar import read_calendar
from ducha.county.cells import festivals_of
from ducha.county.loading import CountyError, load_county
from ducha.county.public_holidays import ESTIMATED, public_days, renew_calendar
from ducha.settings import PROJECT

from tests.small_county import COUNTY

FULL = PROJECT / "include" / "county"


@pytest.fixture
def own(tmp_path):
    return shutil.copytree(FULL, tmp_path / "county")


def add(directory, line: str) -> None:
    with (directory / "calendar.csv").open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def line_of(directory, day: str) -> str:
    lines = (directory / "calendar.csv").read_text(encoding="utf-8").splitlines()
    return next((line for line in lines if line.startswith(day)), "")


def test_the_countys_calendar_is_what_the_library_says(own):
    assert renew_calendar(own, 2021, 2027) == {"kept": 245, "added": 0, "removed": 0}


def test_the_library_agrees_with_a_calendar_typed_from_the_notices():
    _, typed = read_calendar(COUNTY)
    public = public_days(range(2021, 2027))
    day = dt.date(2021, 1, 1)
    while day.year < 2027:
        line = public.get(day)
        assert typed.is_workday(day) == (line["is_workday"] == "true" if line else day.weekday() < 5), day
        day += dt.timedelta(days=1)


def test_a_missing_calendar_is_written_whole(own):
    before = (own / "calendar.csv").read_text(encoding="utf-8")
    (own / "calendar.csv").unlink()
    assert renew_calendar(own, 2021, 2027)["added"] == 245
    assert (own / "calendar.csv").read_text(encoding="utf-8") == before


def test_what_the_county_fixed_itself_stays(own):
    add(own, "2022-08-15,false,县庆（本县自定）,true")
    text = (own / "calendar.csv").read_text(encoding="utf-8")
    changed = text.replace("2022-06-03,false,端午节,true", "2022-06-03,true,端午节照常上班（本县自定）,true")
    (own / "calendar.csv").write_text(changed, encoding="utf-8")
    renew_calendar(own, 2021, 2027)
    assert line_of(own, "2022-08-15") == "2022-08-15,false,县庆（本县自定）,true"
    assert "本县自定" in line_of(own, "2022-06-03")


def test_estimates_go_when_their_year_is_announced(own):
    add(own, "2026-05-06,false,劳动节（推算）,false")
    assert renew_calendar(own, 2021, 2027) == {"kept": 245, "added": 0, "removed": 1}
    assert line_of(own, "2026-05-06") == ""
    assert line_of(own, "2026-05-05").endswith(",true")


def test_a_year_that_nobody_announced_is_estimated_and_says_so(own):
    days = public_days([2027])
    assert days
    assert all(line["is_official"] == "false" and line["note"].endswith(ESTIMATED) for line in days.values())
    assert all(line["is_workday"] == "false" for line in days.values()), "make-up days are the notice's to name"
    weeks = load_county(own).weeks.set_index("week_code")["is_official"]
    assert not weeks["2027-W10"]
    assert not weeks["2026-W53"], "half of it lies in 2027"
    assert weeks["2022-W08"]


def test_the_day_before_the_spring_festival_is_counted_from_the_first_not_from_the_eve(own):
    festivals = festivals_of(load_frame(own))
    assert festivals.before("spring_festival", 2022) == dt.date(2022, 1, 31)
    assert festivals.before("spring_festival", 2024) == dt.date(2024, 2, 9)
    assert festivals.before("national_day", 2022) == dt.date(2022, 9, 30)
    assert festivals.before("qingming", 2022) == dt.date(2022, 4, 2)


def load_frame(directory):
    from ducha.county.loading import read_frames

    return read_frames(directory)[0]["calendar"]


def test_a_mistake_in_the_file_is_named_and_nothing_is_written(own):
    add(own, "2022-13-01,false,,true")
    before = (own / "calendar.csv").read_bytes()
    with pytest.raises(CountyError, match=r"calendar\.csv 第247行"):
        renew_calendar(own, 2021, 2027)
    assert (own / "calendar.csv").read_bytes() == before
