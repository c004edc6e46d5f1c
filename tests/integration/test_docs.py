"""Generated documents equal what stands in the repository, and no link or command in the others leads nowhere."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from ducha.county.columns import TABLES
from ducha.county.settings_file import SECTIONS
from ducha.warehouse.analyst import ask

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")) if path.is_file()
)
ANALYST = (ROOT / "docs" / "analyst.md").read_text(encoding="utf-8")
PROMPTS = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
# Queries as the documents print them, and those given to `ducha sql` there; "…" stands for something to fill in.
SQL = re.findall(r"```sql\n(.*?)```", ANALYST, re.S)
SQL += [query for query in re.findall(r'ducha sql (?:--\S+ \S+ )?"([^"]+)"', PROMPTS) if "…" not in query]


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_dictionary_is_the_one_of_this_warehouse(generate):
    written = (ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8")
    assert written == generate.current_dictionary(), "docs/dictionary.md has drifted: run `make docs`"


def test_the_dag_catalogue_is_the_one_of_these_dags(generate):
    written = (ROOT / "docs" / "dags.md").read_text(encoding="utf-8")
    assert written == generate.dag_catalogue(ROOT / "dags"), "docs/dags.md has drifted: run `make docs`"
    assert all(f"## {path.stem}" in written for path in (ROOT / "dags").glob("*.py"))


def test_the_county_files_are_the_ones_that_are_read(generate):
    written = (ROOT / "docs" / "county-files.md").read_text(encoding="utf-8")
    assert written == generate.county_files(), "docs/county-files.md has drifted: run `make docs`"


def test_the_responsibilities_are_those_of_the_samples_eighth_week(generate):
    written = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    assert written == generate.current_responsibilities(), "docs/catalogue.md has drifted: run `make docs`"
    assert "**120 of 120 rows are live**" in written


@pytest.mark.parametrize("guide", ["county.md", "county.zh-CN.md"])
def test_the_county_guide_explains_every_setting_file_and_measure(guide):
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    settings = {name for section in SECTIONS.values() for name in section.model_fields}
    settings -= {place[0] for place in SECTIONS if place and place != ("sources",)}  # explained by what they hold
    settings -= {"kind", "path"}  # explained under the sources
    measures = next(column for column in TABLES["responsibilities"] if column.name == "measure").values
    for name in sorted(settings | set(measures)):
        assert re.search(rf"`(?:\w+\.)?{name}`", text), f"{guide} does not explain {name}"
    for file in TABLES:
        assert f"`{file}.csv`" in text, f"{guide} does not name {file}.csv"


@pytest.mark.parametrize("number", range(len(SQL)))
def test_the_analysts_queries_run(number, conn):
    frame = ask(conn, SQL[number])
    assert len(frame.columns) >= 2


def test_the_analysts_python_runs(warehouse_url, monkeypatch):
    monkeypatch.setenv("DUCHA_DATABASE_URL", warehouse_url)
    names: dict[str, object] = {}
    exec(re.findall(r"```python\n(.*?)```", ANALYST, re.S)[0], names)
    assert list(names["frame"].columns)[:3] == ["county_code", "release_id", "week"]
    names["engine"].dispose()


def test_a_dag_without_a_page_is_refused(generate, tmp_path):
    silent = tmp_path / "silent.py"
    silent.write_text("from airflow.sdk import dag\n@dag(schedule=None)\ndef silent(): ...\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"silent\.py"):
        generate.read_dag(silent)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_make_targets_named_in_the_documents_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][\w-]*):", makefile, re.M))
    for page in PAGES:
        for name in re.findall(r"`make ([a-z][\w-]*)`", page.read_text(encoding="utf-8")):
            assert name in targets, f"{page.name} names `make {name}`"
