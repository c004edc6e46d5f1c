"""Signed and published, or rejected: a person decides, files appear by one rename, nothing is overwritten.

Files and rows cannot change in one transaction, so each function here commits in the order that makes a rerun after any
interruption end right.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from psycopg2.extensions import connection as Connection

from ducha.bulletin import shelf
from ducha.bulletin.document import Issue
from ducha.bulletin.errors import (
    AlreadyPublishedError,
    PublishedDiffersError,
    SignedAnotherReleaseError,
    UnknownBulletinError,
)
from ducha.bulletin.issues import execute, fit_release, read_issue, record_files, render, stored
from ducha.warehouse.database import hold_county


def publish_bulletin(
    conn: Connection, *, county_code: str, bulletin_id: str, release_id: str, signer: str, signed_at: datetime,
    comment: str = "",
) -> Path:  # fmt: skip
    """Publish a signed issue to `<directory>/<county_code>/published/<bulletin_id>` and return that directory. Commits.

    First the signature is made durable, then the files appear by one rename, then the warehouse says published; a
    rerun after an interruption goes on from there with the first signature. Publishing again changes nothing.
    Raises UnknownBulletinError, SignedAnotherReleaseError when the issue no longer rests on the release that was
    shown to the signer, PublishedDiffersError when another content already stands there.
    """
    with hold_county(conn, county_code):
        issue, figures, names = stored(conn, county_code, bulletin_id)
        if issue.release_id != release_id:
            raise SignedAnotherReleaseError(bulletin_id, release_id, issue.release_id)
        if issue.status in {"published", "superseded"}:
            return Path(issue.directory)
        fit_release(conn, county_code, issue.release_id)
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
    execute(
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
    record_files(conn, issue.county_code, issue.bulletin_id, str(directory), files)
    keys = vars(issue)
    execute(
        conn,
        """UPDATE mart.bulletin SET status = 'superseded' WHERE county_code = %(county_code)s AND week = %(week)s
           AND status = 'published' AND bulletin_id <> %(bulletin_id)s""",
        keys,
    )
    execute(
        conn,
        """UPDATE mart.bulletin SET status = 'published', published_at = signed_at
           WHERE county_code = %(county_code)s AND bulletin_id = %(bulletin_id)s""",
        keys,
    )
    execute(
        conn,
        """UPDATE ops.release SET status = 'superseded' WHERE county_code = %(county_code)s AND week = %(week)s
           AND status = 'published' AND release_id <> %(release_id)s""",
        keys,
    )
    execute(
        conn,
        "UPDATE ops.release SET status = 'published' WHERE county_code = %(county_code)s AND release_id = "
        "%(release_id)s",
        keys,
    )


def reject_bulletin(
    conn: Connection, *, county_code: str, bulletin_id: str, signer: str, reason: str, decided_at: datetime
) -> None:
    """Keep the draft, with who rejected it and why; a newer release replaces it, a signature publishes it. Commits.

    Raises UnknownBulletinError, and AlreadyPublishedError when it is signed or out.
    """
    with hold_county(conn, county_code):
        issue = read_issue(conn, county_code, bulletin_id)
        if issue is None:
            raise UnknownBulletinError(county_code, bulletin_id)
        if not issue.is_draft:
            raise AlreadyPublishedError(bulletin_id)
        execute(
            conn,
            """UPDATE mart.bulletin SET status = 'rejected', decision_reason = %(reason)s
               WHERE county_code = %(county_code)s AND bulletin_id = %(bulletin_id)s""",
            {**vars(issue), "reason": f"{signer}（{decided_at.isoformat()}）：{reason}"},
        )
        conn.commit()
