"""An issue drafted from a release: its number, its figures, its files.

Numbers run by year: an issue keeps the number it was drafted with, a correction is the next issue of the year, so the
id is always `issue_year-issue_no` (2022-8). A newer release of a week replaces its unsigned draft under the same
number; once published, a changed release opens a new issue, and the former is superseded when that is published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection

from ducha.bulletin import shelf
from ducha.bulletin.document import Issue
from ducha.bulletin.errors import ReleaseNotFitError
from ducha.bulletin.figures import FigureSet, Scope, make_corrections, make_figures, read_figures, write_figures
from ducha.bulletin.issues import execute, fit_release, read_issue, record_files, render, stored
from ducha.bulletin.names import read_names
from ducha.bulletin.publishing import publish_bulletin, reject_bulletin
from ducha.warehouse.database import fetch, hold_county

__all__ = ["BulletinDraft", "draft_bulletin", "publish_bulletin", "reject_bulletin"]

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
            str(release["release_id"]),
            "本周通报已签发、尚待印发，请先完成印发 · the week's issue is signed: publish it first",
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
        subject=f"督查通报 {issue.bulletin_id}（{issue.week_code}）待签发 · "
        f"bulletin {issue.bulletin_id} awaits a signature",
        body=f"依据版本 {issue.release_id}\n\n{listed_zh}\n\nRests on release {issue.release_id}\n\n{listed_en}\n\n"
        f"{paths}\n",
    )


def draft_bulletin(
    conn: Connection, *, county_code: str, release_id: str, directory: Path, drafted_at: datetime
) -> BulletinDraft:
    """Draft the issue of a release below `directory`/county_code/drafts; again, return the standing issue.

    A newer release of the week replaces an unsigned draft; after publication it opens a correcting issue. Commits.
    Raises ReleaseNotFitError for a release no bulletin may rest on.
    """
    with hold_county(conn, county_code):
        release = fit_release(conn, county_code, release_id)
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
        record_files(conn, county_code, issue.bulletin_id, issue.directory, files)
        conn.commit()
        return _summary(issue, figures, files)


def _standing_draft(conn: Connection, county_code: str, bulletin_id: str) -> BulletinDraft:
    """The issue as it stands; files that were lost or damaged are drawn again from the same figures."""
    issue, figures, names = stored(conn, county_code, bulletin_id)
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
        execute(
            conn,
            "DELETE FROM mart.bulletin_figure WHERE county_code = %(county_code)s AND bulletin_id = %(bulletin_id)s",
            {"county_code": county_code, "bulletin_id": bulletin_id},
        )
        issue_no, total_no = 0, 0
    else:
        issue_no, total_no = _next_number(conn, county_code, year)
        bulletin_id = f"{year}-{issue_no}"
    execute(
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
            "directory": str(directory / county_code / "drafts" / bulletin_id / release["release_id"]),
        },
    )
    issue = read_issue(conn, county_code, bulletin_id)
    assert issue is not None  # noqa: S101 - written two statements ago, under the county's lock
    return issue
