"""An issue's way: drafted from a release, signed or rejected by a person, published once and never overwritten.

Numbers run by year: an issue keeps the number it was drafted with, a correction is the next issue of the year, so the id
is always `issue_year-issue_no` (2022-8). A newer release of a week replaces its unsigned draft under the same number;
once published, a changed release opens a new issue, and the former is superseded when that one is published.

Each function here is a whole step and commits: files and rows cannot change in one transaction, so the order is what
makes a rerun after any interruption end right.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection

from ducha.bulletin import shelf
from ducha.bulletin.composing import compose, read_issue
from ducha.bulletin.document import Issue
from ducha.bulletin.docx_edition import render_docx
from ducha.bulletin.errors import (
    AlreadyPublishedError,
    PublishedDiffersError,
    ReleaseNotFitError,
    UnknownBulletinError,
)
from ducha.bulletin.figures import (
    FigureSet,
    Scope,
    make_corrections,
    make_figures,
    read_figures,
    write_figures,
)
from ducha.bulletin.html_edition import render_html
from ducha.bulletin.names import Names, read_names
from ducha.warehouse.database import fetch

HEADLINES = ("submissions.expected", "submissions.received", "submissions.on_time", "submissions.missing",
             "county.completion", "county.cohort_change", "county.red", "county.yellow", "county.green",
             "county.no_target")  # fmt: skip
"""What a signer sees before opening the draft."""


@dataclass(frozen=True)
class BulletinDraft:
    """A drafted issue: where it lies and what a signer is asked to look at."""

    bulletin_id: str
    week_code: str
    release_id: str
    status: str
    directory: Path
    files: tuple[Path, ...]
    headlines: tuple[tuple[str, str, str, str], ...]
    """(label_zh, text_zh, label_en, text_en) of each headline figure."""
    subject: str
    body: str
    """Markdown, Chinese first."""


@contextmanager
def _county_lock(conn: Connection, county_code: str) -> Iterator[None]:
    """Hold the county's lock over several transactions; a killed process gives it back with its connection."""
    with conn.cursor() as cur:
        cur.execute("SELECT pg_advisory_lock(hashtext('ducha.county'), hashtext(%s))", (county_code,))
    try:
        yield
    except BaseException:
        conn.rollback()
        raise
    finally:
        with conn.cursor() as cur:
            cur.execute("SELECT pg_advisory_unlock(hashtext('ducha.county'), hashtext(%s))", (county_code,))
        conn.commit()


def _execute(conn: Connection, statement: str, parameters: Mapping[str, object]) -> None:
    with conn.cursor() as cur:
        cur.execute(statement, parameters)


def _release(conn: Connection, county_code: str, release_id: str) -> dict[str, Any]:
    """The release with its week's plan year. Raises ReleaseNotFitError when a bulletin may not rest on it."""
    rows = fetch(
        conn,
        """SELECT r.*, coalesce(w.plan_year, extract(isoyear FROM r.week)::int) AS plan_year FROM ops.release r
           LEFT JOIN catalogue.week w ON w.county_code = r.county_code AND w.week = r.week
               AND w.known_from <= r.facts_frozen_at AND (w.known_to IS NULL OR w.known_to > r.facts_frozen_at)
           WHERE r.county_code = %s AND r.release_id = %s""",
        (county_code, release_id),
    )
    if not rows:
        raise ReleaseNotFitError(release_id, "不存在 · unknown")
    if rows[0]["status"] not in {"audited", "published"}:
        raise ReleaseNotFitError(release_id, str(rows[0]["status"]))
    return rows[0]


def _standing(conn: Connection, county_code: str, release: Mapping[str, Any]) -> dict[str, Any] | None:
    """The issue the release already has, or the unsigned one of its week. Raises when that rests on a newer release."""
    rows = fetch(
        conn,
        """SELECT b.bulletin_id, b.status, b.release_id, r.release_no FROM mart.bulletin b
           JOIN ops.release r USING (county_code, release_id)
           WHERE b.county_code = %s AND b.week = %s ORDER BY b.total_no DESC""",
        (county_code, release["week"]),
    )
    same = [row for row in rows if row["release_id"] == release["release_id"]]
    if same:
        return same[0]
    if any(row["status"] == "signed" for row in rows):
        raise ReleaseNotFitError(
            str(release["release_id"]), "本周通报已签发、尚待印发，请先完成印发 · the week's issue is signed: publish it first"
        )
    if any(row["release_no"] > release["release_no"] for row in rows):
        raise ReleaseNotFitError(str(release["release_id"]), "已有更新版本成稿 · a newer release has been drafted")
    unsigned = [row for row in rows if row["status"] in {"draft", "rejected"}]
    return unsigned[0] if unsigned else None


def _next_number(conn: Connection, county_code: str, year: int) -> tuple[int, int]:
    row = fetch(
        conn,
        """SELECT coalesce(max(issue_no) FILTER (WHERE issue_year = %(year)s), 0) + 1 AS issue_no,
                  coalesce(max(total_no), 0) + 1 AS total_no FROM mart.bulletin WHERE county_code = %(county_code)s""",
        {"county_code": county_code, "year": year},
    )[0]
    return int(row["issue_no"]), int(row["total_no"])


def render(issue: Issue, figures: FigureSet, names: Names) -> dict[str, bytes]:
    """All editions of an issue, by file name; the same issue gives the same bytes."""
    document = compose(issue, figures.all, names)
    stem = f"bulletin-{issue.bulletin_id}"
    return {
        f"{stem}.docx": render_docx(document),
        f"{stem}.en.docx": render_docx(document, "en"),
        f"{stem}.html": render_html(document, names),
    }


def _stored(conn: Connection, county_code: str, bulletin_id: str) -> tuple[Issue, FigureSet, Names]:
    """An issue with its figures, and the names as they stood for its release."""
    issue = read_issue(conn, county_code, bulletin_id)
    if issue is None:
        raise UnknownBulletinError(county_code, bulletin_id)
    frozen = fetch(
        conn,
        "SELECT facts_frozen_at FROM ops.release WHERE county_code = %s AND release_id = %s",
        (county_code, issue.release_id),
    )[0]["facts_frozen_at"]
    figures = FigureSet(read_figures(conn, county_code, bulletin_id))
    return issue, figures, read_names(conn, county_code, frozen)


def _summary(issue: Issue, figures: FigureSet, files: Mapping[str, bytes] | None = None) -> BulletinDraft:
    directory = Path(issue.directory)
    names = sorted(files) if files else sorted(p.name for p in directory.iterdir() if p.name != shelf.MANIFEST)
    found = [figure for name in HEADLINES if (figure := figures.found(name))]
    headlines = tuple((f.label_zh, f.text_zh, f.label_en, f.text_en) for f in found)
    listed_zh = "\n".join(f"- {zh}：{text}" for zh, text, _, _ in headlines)
    listed_en = "\n".join(f"- {en}: {text}" for _, _, en, text in headlines)
    paths = "\n".join(f"- `{directory / name}`" for name in names)
    return BulletinDraft(
        bulletin_id=issue.bulletin_id,
        week_code=issue.week_code,
        release_id=issue.release_id,
        status=issue.status,
        directory=directory,
        files=tuple(directory / name for name in names),
        headlines=headlines,
        subject=f"督查通报 {issue.bulletin_id}（{issue.week_code}）待签发 · bulletin {issue.bulletin_id} awaits a signature",
        body=f"依据版本 {issue.release_id}\n\n{listed_zh}\n\nRests on release {issue.release_id}\n\n{listed_en}\n\n{paths}\n",
    )


def draft_bulletin(
    conn: Connection, *, county_code: str, release_id: str, directory: Path, drafted_at: datetime
) -> BulletinDraft:
    """Draft the issue of a release below `directory`/drafts; the same release again returns the standing issue.

    A newer release of the week replaces an unsigned draft; after publication it opens a correcting issue. Commits.
    Raises ReleaseNotFitError for a release no bulletin may rest on.
    """
    with _county_lock(conn, county_code):
        release = _release(conn, county_code, release_id)
        standing = _standing(conn, county_code, release)
        if standing and standing["release_id"] == release_id:
            return _standing_draft(conn, county_code, str(standing["bulletin_id"]))
        issue = _open_issue(conn, county_code, release, standing, directory, drafted_at)
        names = read_names(conn, county_code, release["facts_frozen_at"])
        scope = Scope(
            county_code=county_code,
            release_id=release_id,
            week=release["week"],
            plan_year=int(release["plan_year"]),
            known_at=release["facts_frozen_at"],
            released_at=release["released_at"],
            timezone=names.timezone,
        )
        write_figures(conn, county_code, issue.bulletin_id, make_figures(conn, scope, names))
        if issue.former_id:
            changed = make_corrections(conn, county_code, issue.bulletin_id, issue.former_id, names)
            write_figures(conn, county_code, issue.bulletin_id, changed)
        figures = FigureSet(read_figures(conn, county_code, issue.bulletin_id))
        files = render(issue, figures, names)
        shelf.put(Path(issue.directory), files, is_replaceable=True)
        _record_files(conn, county_code, issue.bulletin_id, issue.directory, files)
        conn.commit()
        return _summary(issue, figures, files)


def _standing_draft(conn: Connection, county_code: str, bulletin_id: str) -> BulletinDraft:
    """The issue as it stands; files that were lost or damaged are drawn again from the same figures."""
    issue, figures, names = _stored(conn, county_code, bulletin_id)
    if issue.is_draft and shelf.verify_manifest(Path(issue.directory)):
        shelf.put(Path(issue.directory), render(issue, figures, names), is_replaceable=True)
    return _summary(issue, figures)


def _open_issue(
    conn: Connection,
    county_code: str,
    release: Mapping[str, Any],
    standing: Mapping[str, Any] | None,
    directory: Path,
    drafted_at: datetime,
) -> Issue:
    """A new row of `mart.bulletin`, or the unsigned one of the week made to rest on this release."""
    year = int(release["plan_year"])
    if standing:
        bulletin_id = str(standing["bulletin_id"])
        _execute(
            conn,
            "DELETE FROM mart.bulletin_figure WHERE county_code = %(county_code)s AND bulletin_id = %(bulletin_id)s",
            {"county_code": county_code, "bulletin_id": bulletin_id},
        )
        issue_no, total_no = 0, 0
    else:
        issue_no, total_no = _next_number(conn, county_code, year)
        bulletin_id = f"{year}-{issue_no}"
    _execute(
        conn,
        """INSERT INTO mart.bulletin (county_code, bulletin_id, week, week_code, issue_year, issue_no, total_no, status,
               release_id, drafted_at, directory, files)
           VALUES (%(county_code)s, %(bulletin_id)s, %(week)s, %(week_code)s, %(year)s, %(issue_no)s, %(total_no)s,
               'draft', %(release_id)s, %(drafted_at)s, %(directory)s, '[]')
           ON CONFLICT (county_code, bulletin_id) DO UPDATE SET status = 'draft', release_id = excluded.release_id,
               drafted_at = excluded.drafted_at, directory = excluded.directory, files = '[]', decision_reason = NULL,
               signer = NULL, signed_at = NULL""",
        {
            "county_code": county_code,
            "bulletin_id": bulletin_id,
            "week": release["week"],
            "week_code": release["week_code"],
            "year": year,
            "issue_no": issue_no,
            "total_no": total_no,
            "release_id": release["release_id"],
            "drafted_at": drafted_at,
            "directory": str(directory / "drafts" / bulletin_id / release["release_id"]),
        },
    )
    issue = read_issue(conn, county_code, bulletin_id)
    assert issue is not None  # noqa: S101 - written two statements ago, under the county's lock
    return issue


def _record_files(
    conn: Connection, county_code: str, bulletin_id: str, directory: str, files: Mapping[str, bytes]
) -> None:
    _execute(
        conn,
        "UPDATE mart.bulletin SET directory = %(directory)s, files = %(files)s "
        "WHERE county_code = %(county_code)s AND bulletin_id = %(bulletin_id)s",
        {
            "county_code": county_code,
            "bulletin_id": bulletin_id,
            "directory": directory,
            "files": json.dumps(shelf.manifest_of(files)),
        },
    )


def publish_bulletin(
    conn: Connection, *, county_code: str, bulletin_id: str, signer: str, signed_at: datetime, comment: str = ""
) -> Path:
    """Publish a signed issue to `<bulletin directory>/published/<bulletin_id>` and return that directory. Commits.

    First the signature is made durable, then the files appear by one rename, then the warehouse says published; a
    rerun after an interruption goes on from there with the first signature. Publishing again changes nothing.
    Raises UnknownBulletinError, and PublishedDiffersError when another content already stands there.
    """
    with _county_lock(conn, county_code):
        issue, figures, names = _stored(conn, county_code, bulletin_id)
        if issue.status in {"published", "superseded"}:
            return Path(issue.directory)
        _release(conn, county_code, issue.release_id)
        if issue.status != "signed":
            issue = _sign(conn, issue, signer, signed_at, comment)
        directory = Path(issue.directory).parent.parent.parent / "published" / bulletin_id
        files = render(issue, figures, names)
        problems = shelf.put(directory, files, is_replaceable=False)
        if problems:
            raise PublishedDiffersError(directory, problems)
        _declare_published(conn, issue, directory, files)
        conn.commit()
        return directory


def _sign(conn: Connection, issue: Issue, signer: str, signed_at: datetime, comment: str) -> Issue:
    """Make the decision durable before anything is shown."""
    _execute(
        conn,
        """UPDATE mart.bulletin SET status = 'signed', signer = %(signer)s, signed_at = %(signed_at)s,
               decision_reason = %(comment)s WHERE county_code = %(county_code)s AND bulletin_id = %(bulletin_id)s""",
        {**vars(issue), "signer": signer, "signed_at": signed_at, "comment": comment},
    )
    conn.commit()
    signed = read_issue(conn, issue.county_code, issue.bulletin_id)
    assert signed is not None  # noqa: S101 - updated just now, under the county's lock
    return signed


def _declare_published(conn: Connection, issue: Issue, directory: Path, files: Mapping[str, bytes]) -> None:
    """One transaction's part: the issue is out, the former one of its week and its release are superseded."""
    _record_files(conn, issue.county_code, issue.bulletin_id, str(directory), files)
    keys = vars(issue)
    _execute(
        conn,
        """UPDATE mart.bulletin SET status = 'superseded' WHERE county_code = %(county_code)s AND week = %(week)s
           AND status = 'published' AND bulletin_id <> %(bulletin_id)s""",
        keys,
    )
    _execute(
        conn,
        """UPDATE mart.bulletin SET status = 'published', published_at = signed_at
           WHERE county_code = %(county_code)s AND bulletin_id = %(bulletin_id)s""",
        keys,
    )
    _execute(
        conn,
        """UPDATE ops.release SET status = 'superseded' WHERE county_code = %(county_code)s AND week = %(week)s
           AND status = 'published' AND release_id <> %(release_id)s""",
        keys,
    )
    _execute(
        conn,
        "UPDATE ops.release SET status = 'published' WHERE county_code = %(county_code)s AND release_id = %(release_id)s",
        keys,
    )


def reject_bulletin(
    conn: Connection, *, county_code: str, bulletin_id: str, signer: str, reason: str, decided_at: datetime
) -> None:
    """Keep the draft, with who rejected it and why; a newer release replaces it, a later signature publishes it. Commits.

    Raises UnknownBulletinError, and AlreadyPublishedError when it is signed or out.
    """
    with _county_lock(conn, county_code):
        issue = read_issue(conn, county_code, bulletin_id)
        if issue is None:
            raise UnknownBulletinError(county_code, bulletin_id)
        if not issue.is_draft:
            raise AlreadyPublishedError(bulletin_id)
        _execute(
            conn,
            """UPDATE mart.bulletin SET status = 'rejected', decision_reason = %(reason)s
               WHERE county_code = %(county_code)s AND bulletin_id = %(bulletin_id)s""",
            {**vars(issue), "reason": f"{signer}（{decided_at.isoformat()}）：{reason}"},
        )
        conn.commit()


def verify_manifest(directory: Path) -> list[str]:
    """Compare an issue's files with its manifest; return what is wrong, nothing when all is well."""
    return shelf.verify_manifest(directory)
