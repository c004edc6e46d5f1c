"""A demonstration never touches what is real: no county that is not a sample, no warehouse but its own."""

import shutil
from pathlib import Path

import pytest
from ducha.cli import app
from ducha.county.loading import CountyError
from ducha.local.demo import demo_settings
from ducha.settings import PROJECT, Settings
from typer.testing import CliRunner

SAMPLE = PROJECT / "include" / "small_county"


@pytest.fixture
def real_county(tmp_path: Path) -> Path:
    county = shutil.copytree(SAMPLE, tmp_path / "county")
    yaml = county / "county.yaml"
    yaml.write_text(yaml.read_text(encoding="utf-8").replace("is_sample: true", "is_sample: false"), encoding="utf-8")
    return county


def test_a_real_county_is_refused_before_anything_is_written(real_county: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = CliRunner().invoke(app, ["demo"], env={"DUCHA_COUNTY": str(real_county), "DUCHA_HOME": str(home)})
    assert done.exit_code == 2
    assert "不是示例县" in done.output
    assert "is not a sample county" in done.output
    assert not home.exists()


def test_a_county_that_does_not_say_is_real(real_county: Path, tmp_path: Path) -> None:
    yaml = real_county / "county.yaml"
    yaml.write_text(yaml.read_text(encoding="utf-8").replace("is_sample: false", ""), encoding="utf-8")
    with pytest.raises(ValueError, match="is not a sample"):
        demo_settings(Settings(tmp_path, real_county, tmp_path, ""))


def test_a_folder_without_a_county_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CountyError, match=r"county\.yaml"):
        demo_settings(Settings(tmp_path, tmp_path, tmp_path, ""))


def test_it_works_in_its_own_home_whatever_the_environment_names(tmp_path: Path) -> None:
    given = Settings(tmp_path, SAMPLE, tmp_path / "the users inbox", "postgresql://the.users/warehouse")
    chosen = demo_settings(given)
    assert chosen.database_url == ""
    assert chosen.inbox == tmp_path / "sample" / "990001" / "inbox"
