"""Rows of `mart.bulletin`: read with all they rest on, drawn in every edition, changed under the county's lock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from psycopg2.extensions import connection as Connection

from ducha.bulletin import shelf
from ducha.bulletin.composing import compose
from ducha.bulletin.document import Issue
from ducha.bulletin.errors import ReleaseNotFitError, UnknownBulletinError
from ducha.bulletin.figures import FigureSet, read_figures
from ducha.bulletin.names import Names, read_names
from ducha.warehouse.database import fetch


def execute(conn: Connection, statement: str, parameters: Mapping[str, object]) -> None:
    with conn.cursor() as cur:
        cur.execute(statement, parameters)


def fit_release(conn: Connection, county_code: str, release_id: str) -> dict[str, Any]:
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


def read_issue(conn: Connection, county_code: str, bulletin_id: str) -> Issue | None:
    """Return an issue with the published one it corrects, None when there is no such issue."""
    rows = fetch(
        conn,
        """SELECT b.county_code, b.bulletin_id, b.week, b.week_code, b.issue_year, b.issue_no, b.total_no, b.status,
                  b.signer, b.signed_at, b.decision_reason, b.release_id, b.drafted_at, b.directory,
                  (SELECT o.bulletin_id FROM mart.bulletin o WHERE o.county_code = b.county_code AND o.week = b.week
                   AND o.status IN ('published', 'superseded') AND o.total_no < b.total_no
                   ORDER BY o.total_no DESC LIMIT 1) AS former_id
           FROM mart.bulletin b WHERE b.county_code = %s AND b.bulletin_id = %s""",
        (county_code, bulletin_id),
    )
    return Issue(**rows[0]) if rows else None


def render(issue: Issue, figures: FigureSet, names: Names) -> dict[str, bytes]:
    """All editions of an issue, by file name; the same issue gives the same bytes."""
    from ducha.bulletin.docx_edition import render_docx  # here: every task imports this package, one draws
    from ducha.bulletin.html_edition import render_html

    document = compose(issue, figures.all, names)
    stem = f"bulletin-{issue.bulletin_id}"
    return {
        f"{stem}.docx": render_docx(document),
        f"{stem}.en.docx": render_docx(document, "en"),
        f"{stem}.html": render_html(document, names),
    }


def stored(conn: Connection, county_code: str, bulletin_id: str) -> tuple[Issue, FigureSet, Names]:
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


def record_files(
    conn: Connection, county_code: str, bulletin_id: str, directory: str, files: Mapping[str, bytes]
) -> None:
    execute(
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
