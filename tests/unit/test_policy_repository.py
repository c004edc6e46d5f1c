"""House rules that a linter does not know. Files are discovered, so a new one is held to them too."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "include" / "ducha"
MODULES = sorted([*LIBRARY.rglob("*.py"), *(ROOT / "plugins").rglob("*.py")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
MODULE_LINES = 320  # "around 300"

# A room knows only the rooms before it through plain data: what each package must not import.
FORBIDDEN = {
    "sample": {"ducha.intake", "ducha.ledger", "ducha.metrics", "ducha.warehouse", "ducha.bulletin", "ducha.pipeline"},
    "metrics": {"ducha.intake", "ducha.ledger", "ducha.warehouse", "ducha.bulletin", "ducha.pipeline", "psycopg2"},
    "intake": {"ducha.metrics", "ducha.bulletin", "ducha.pipeline"},
    "ledger": {"ducha.metrics", "ducha.bulletin", "ducha.pipeline"},
    "bulletin": {"ducha.intake", "ducha.ledger", "ducha.metrics", "ducha.pipeline"},
    "sources": {"ducha.intake", "ducha.ledger", "ducha.metrics", "ducha.warehouse", "ducha.pipeline"},
}

# A template opens the week: it must show exactly the rows and the plan that the metrics will look for at its end.
ALLOWED = {("intake/templates.py", "ducha.metrics")}


def tracked_text() -> dict[Path, str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout.decode()
    found = {}
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".xlsx", ".docx", ".ico"}:
            found[path] = path.read_text(encoding="utf-8", errors="replace")
    return found


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def reaches(names: set[str], package: str) -> bool:
    return any(name == package or name.startswith(package + ".") for name in names)


def test_there_is_something_to_check():
    assert len(MODULES) > 20
    assert len(DECISIONS) >= 8


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_is_one_thing(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_room_knows_only_the_rooms_before_it(package):
    for path in (LIBRARY / package).rglob("*.py"):
        for other in FORBIDDEN[package]:
            if (path.relative_to(LIBRARY).as_posix(), other) in ALLOWED:
                continue
            assert not reaches(imports(path), other), f"{path.relative_to(ROOT)} imports {other}"


def test_the_plain_count_of_a_history_is_independent():
    assert not reaches(imports(ROOT / "tests" / "plain_history.py"), "ducha")


def test_only_dags_and_plugins_know_airflow():
    for path in LIBRARY.rglob("*.py"):
        if "local" not in path.relative_to(LIBRARY).parts:  # starts Airflow's processes on one machine
            assert not reaches(imports(path), "airflow"), path.relative_to(ROOT)


def test_locks_are_pinned_by_hash_without_addresses():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index-url" not in text
        packages = re.split(r"^(?=[A-Za-z0-9][\w.-]*==)", text, flags=re.M)[1:]
        assert packages
        assert all("--hash=sha256:" in package for package in packages)


def test_nothing_names_a_machine_or_a_secret():
    for path, text in tracked_text().items():
        where = path.relative_to(ROOT).as_posix()
        assert not re.search(r"(?<![\w.])/(?:work|root)/\w", text), f"{where} names a path of one machine"
        assert not re.search(r"-----BEGIN [A-Z ]*PRIVATE KEY-----", text), where
        assert not re.search(r"^[A-Z_]*(?:PASSWORD|SECRET)=(?!$)[^\s{$]", text, re.M), f"{where} gives a secret a value"


def test_pre_commit_fetches_nothing():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        assert hook["entry"].startswith(".venv/bin/")
        for argument in hook.get("args", []):
            assert (ROOT / argument).exists()


def test_decisions_are_numbered_without_gaps_and_say_what_else_was_possible():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    for path in DECISIONS:
        text = path.read_text(encoding="utf-8")
        headings = re.findall(r"^## (.+)$", text, re.M)
        assert headings == ["Decision", "Why", "Alternatives", "Consequences"], path.name
        assert text.startswith(f"# {int(path.name[:4])}. "), path.name
        assert len(text.splitlines()) <= 60, f"{path.name} is longer than a page"
