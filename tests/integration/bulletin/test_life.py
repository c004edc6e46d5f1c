"""The life of an issue: drafted, replaced, signed, published, corrected, and killed on the way."""

import json
import os
import signal
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import psycopg2
import pytest
from ducha.bulletin.drafting import draft_bulletin
from ducha.bulletin.errors import (
    AlreadyPublishedError,
    PublishedDiffersError,
    ReleaseNotFitError,
    SignedAnotherReleaseError,
    UnknownBulletinError,
)
from ducha.bulletin.publishing import reject_bulletin
from ducha.bulletin.shelf import verify_manifest
from ducha.warehouse.database import connect, fetch

from tests.integration.bulletin.issue import (
    CLEAN,
    DRAFTED,
    SIGNED,
    SIGNER,
    docx_texts,
    draft,
    figures_of,
    publish,
    second_release,
)
from tests.unit.bulletin.songxi import CODE


def test_the_same_release_again_returns_the_standing_draft(county: SimpleNamespace, tmp_path: Path) -> None:
    first = draft(county, tmp_path)
    before = [(path.stat().st_mtime_ns, path.read_bytes()) for path in first.files]
    again = draft_bulletin(
        county.conn, county_code=CODE, release_id=county.release_id, directory=tmp_path,
        drafted_at=DRAFTED + timedelta(hours=3),
    )  # fmt: skip
    assert again == first
    assert [(path.stat().st_mtime_ns, path.read_bytes()) for path in again.files] == before
    assert first.status == "draft"
    assert ("应报单位", "10", "Units expected", "10") in first.headlines
    assert "2022-W08-R1" in first.body


def test_a_lost_or_damaged_draft_is_drawn_again(county: SimpleNamespace, tmp_path: Path) -> None:
    first = draft(county, tmp_path)
    content = first.files[0].read_bytes()
    first.files[0].write_bytes(b"damaged")
    assert draft(county, tmp_path).files[0].read_bytes() == content


def test_a_newer_release_replaces_an_unsigned_draft_under_the_same_number(
    county: SimpleNamespace, tmp_path: Path
) -> None:
    draft(county, tmp_path)
    newer = draft(county, tmp_path, second_release(county))
    assert (newer.bulletin_id, newer.release_id, newer.status) == ("2022-1", "2022-W08-R2", "draft")
    assert figures_of(county)["submissions.missing"]["value"] == 0
    assert len(fetch(county.conn, "SELECT 1 FROM mart.bulletin")) == 1
    with pytest.raises(ReleaseNotFitError, match="newer release"):
        draft(county, tmp_path)


@pytest.mark.parametrize("status", ["draft", "failed", "what_if", "superseded"])
def test_a_bulletin_rests_on_audited_releases_only(county: SimpleNamespace, tmp_path: Path, status: str) -> None:
    with county.conn, county.conn.cursor() as cur:
        cur.execute("UPDATE ops.release SET status = %s WHERE release_id = %s", (status, county.release_id))
    with pytest.raises(ReleaseNotFitError):
        draft(county, tmp_path)
    assert fetch(county.conn, "SELECT 1 FROM mart.bulletin") == []


def test_a_rejected_draft_keeps_its_reason_and_can_still_be_signed(county: SimpleNamespace, tmp_path: Path) -> None:
    made = draft(county, tmp_path)
    reject_bulletin(
        county.conn, county_code=CODE, bulletin_id="2022-1", signer=SIGNER, reason="第三节待核", decided_at=SIGNED
    )
    row = fetch(county.conn, "SELECT status, decision_reason FROM mart.bulletin")[0]
    assert row["status"] == "rejected"
    assert "第三节待核" in row["decision_reason"]
    assert verify_manifest(made.directory) == []
    publish(county, "2022-1")
    assert fetch(county.conn, "SELECT status FROM mart.bulletin") == [{"status": "published"}]
    with pytest.raises(AlreadyPublishedError):
        reject_bulletin(
            county.conn, county_code=CODE, bulletin_id="2022-1", signer=SIGNER, reason="迟了", decided_at=SIGNED
        )


def test_publishing_signs_seals_and_tells_the_warehouse(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    directory = publish(county, "2022-1")
    assert directory == tmp_path / CODE / "published" / "2022-1"
    assert verify_manifest(directory) == []
    row = fetch(county.conn, "SELECT * FROM mart.bulletin")[0]
    assert (row["status"], row["signer"], row["directory"]) == ("published", SIGNER, str(directory))
    assert row["files"] == json.loads((directory / "manifest.json").read_text())["files"]
    assert fetch(county.conn, "SELECT status FROM ops.release WHERE release_id = %s", (county.release_id,)) == [
        {"status": "published"}
    ]
    text = "\n".join(docx_texts((directory / "bulletin-2022-1.docx").read_bytes()))
    assert "草稿" not in text
    assert f"签发：{SIGNER}" in text
    assert "2022年2月25日印发" in text
    with zipfile.ZipFile(directory / "bulletin-2022-1.docx") as package:
        assert not any("草稿".encode() in package.read(name) for name in package.namelist())
    page = (directory / "bulletin-2022-1.html").read_text(encoding="utf-8")
    assert 'class="draft"' not in page


def test_publishing_again_changes_nothing(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    directory = publish(county, "2022-1")
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in directory.iterdir()}
    row = fetch(county.conn, "SELECT * FROM mart.bulletin")
    assert publish(county, "2022-1", signer="别人") == directory
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in directory.iterdir()} == before
    assert fetch(county.conn, "SELECT * FROM mart.bulletin") == row
    assert draft(county, tmp_path).status == "published"


def test_another_content_in_the_published_place_is_never_overwritten(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    place = tmp_path / CODE / "published" / "2022-1"
    place.mkdir(parents=True)
    (place / "bulletin-2022-1.docx").write_bytes(b"someone's")
    with pytest.raises(PublishedDiffersError):
        publish(county, "2022-1")
    assert [path.read_bytes() for path in place.iterdir()] == [b"someone's"]
    assert fetch(county.conn, "SELECT status FROM mart.bulletin") == [{"status": "signed"}]


def test_what_was_not_shown_is_not_signed(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    former = county.release_id
    draft(county, tmp_path, second_release(county))
    with pytest.raises(SignedAnotherReleaseError, match=former):
        publish(county, "2022-1", release_id=former)
    assert fetch(county.conn, "SELECT status FROM mart.bulletin") == [{"status": "draft"}]


def test_after_publication_a_changed_release_makes_a_numbered_correction(
    county: SimpleNamespace, tmp_path: Path
) -> None:
    draft(county, tmp_path)
    former = publish(county, "2022-1")
    content = {path.name: path.read_bytes() for path in former.iterdir()}
    second = draft(county, tmp_path, second_release(county))
    assert second.bulletin_id == "2022-2"
    status = {row["bulletin_id"]: row["status"] for row in fetch(county.conn, "SELECT * FROM mart.bulletin")}
    assert status == {"2022-1": "published", "2022-2": "draft"}, "the former stands until the correction is signed"
    old, new = figures_of(county), figures_of(county, "2022-2")
    corrected = {code.partition(":")[2] for code in new if code.startswith("correction.after:")}
    told = [
        {code: f["text_zh"] for code, f in figures.items() if f["section"] not in ("head", "history", "annex5")}
        for figures in (old, new)
    ]
    changed = {code for code in told[0].keys() | told[1].keys() if told[0].get(code) != told[1].get(code)}
    assert corrected == changed
    assert "submissions.missing" in corrected
    assert new["correction.before:submissions.missing"]["text_zh"] == "1"
    assert new["correction.after:submissions.missing"]["text_zh"] == "0"
    publish(county, "2022-2")
    status = {row["bulletin_id"]: row["status"] for row in fetch(county.conn, "SELECT * FROM mart.bulletin")}
    assert status == {"2022-1": "superseded", "2022-2": "published"}
    releases = fetch(county.conn, "SELECT release_id, status FROM ops.release WHERE week_code = '2022-W08' ORDER BY 1")
    assert [row["status"] for row in releases] == ["superseded", "published"]
    assert {path.name: path.read_bytes() for path in former.iterdir()} == content, "the former issue is untouched"


def test_there_is_no_such_issue(county: SimpleNamespace) -> None:
    with pytest.raises(UnknownBulletinError):
        publish(county, "2022-99")


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from ducha.bulletin import publishing, shelf
from ducha.warehouse.database import connect
url, point, signed_at, release_id = sys.argv[1], int(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), sys.argv[4]
calls = 0
def fatal(function):
    def call(*given, **named):
        global calls
        calls += 1
        if calls == point:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*given, **named)
    return call
os.fsync = fatal(os.fsync)
Path.rename = fatal(Path.rename)
publishing.execute = fatal(publishing.execute)
publishing.render = fatal(publishing.render)
publishing.record_files = fatal(publishing.record_files)
publishing.publish_bulletin(connect(url), county_code="990009", bulletin_id="2022-1", release_id=release_id,
                            signer="督查室主任", signed_at=signed_at, comment="同意")
"""


def test_killed_anywhere_a_rerun_ends_as_if_nothing_had_happened(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path / "undisturbed")
    directory = publish(county, "2022-1")
    wanted = {path.name: path.read_bytes() for path in directory.iterdir()}
    kills = 0
    for point in (1, 2, 4, 7, 8, 9, 12):
        with county.conn, county.conn.cursor() as cur:
            cur.execute(CLEAN)
        home = tmp_path / f"killed-{point}"
        draft(county, home)
        county.conn.rollback()
        done = subprocess.run(
            [sys.executable, "-c", KILLED, county.url, str(point), SIGNED.isoformat(), county.release_id],
            check=False,
            env=os.environ,
        )
        kills += done.returncode == -signal.SIGKILL
        place = home / CODE / "published" / "2022-1"
        assert not place.exists() or verify_manifest(place) == [], "seen from outside it is whole or absent"
        assert publish(county, "2022-1") == place
        assert {path.name: path.read_bytes() for path in place.iterdir()} == wanted, point
        assert [path.name for path in place.parent.iterdir()] == ["2022-1"]
        status = fetch(county.conn, "SELECT b.status, r.status AS release FROM mart.bulletin b JOIN ops.release r "
                                    "USING (county_code, release_id)")  # fmt: skip
        assert status == [{"status": "published", "release": "published"}]
    assert kills == 7, "every point lies on the way"


def test_two_publishers_wait_for_one_another(county: SimpleNamespace, tmp_path: Path) -> None:
    draft(county, tmp_path)
    other = connect(county.url)
    with other.cursor() as cur:
        cur.execute("SELECT pg_advisory_lock(hashtext('ducha.county'), hashtext(%s))", (CODE,))
    other.commit()
    with county.conn.cursor() as cur:
        cur.execute("SET lock_timeout = '300ms'")
    county.conn.commit()
    with pytest.raises(psycopg2.errors.LockNotAvailable):
        publish(county, "2022-1")
    other.close()
    with county.conn.cursor() as cur:
        cur.execute("RESET lock_timeout")
    county.conn.commit()
    assert publish(county, "2022-1").is_dir()
