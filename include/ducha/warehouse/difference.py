"""What two releases of one week say differently, figure by figure, and why: what became known between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from ducha.warehouse.catalogue import KEYS
from ducha.warehouse.database import fetch, statement

TIMELESS = ["county_code", "release_id", "week", "week_code", "submission_id", "reported_at", "first_received_at",
            "last_received_at", "returned_at"]  # fmt: skip
"""Columns that say which row it is, or which file and when: no figures."""
KINDS: Mapping[str, tuple[str, str]] = {
    "reported": ("新报", "reported"),
    "late": ("迟报", "late"),
    "corrected": ("更正", "corrected"),
    "withdrawn": ("撤回", "withdrawn"),
    "checked": ("核查", "checked"),
    "unchecked": ("撤回核查", "no longer checked"),
    "returned": ("退回", "returned"),
}
"""What can become known of a row, in words."""
OTHERS = "其他单位或事项的变化 · others changed"
CATALOGUE = "目录变更 · the catalogue changed"
UNNAMED = ("plan_year", "item", "horizon_weeks")
"""Parts of keys that no piece of news names."""
NAMED = 3
"""So many pieces of news a reason names; the rest are counted."""


class ReleaseSpan(NamedTuple):
    """Two releases of one week, and the instants up to which each knows the facts."""

    county_code: str
    week: datetime
    before: str
    after: str
    since: datetime
    until: datetime


def differences(conn: Connection, span: ReleaseSpan, tables: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Return each figure that the two releases say differently, in the order of table, key and column.

    Keys of a row: table, key (as the warehouse names it), column, before and after (text, None where there is none),
    reason (zh · en), completion_effect (fraction) and rank_effect (places) of its key. `tables`: name → key columns.
    """
    found = [{"table": table, **row} for table, keys in tables.items() for row in _figures(conn, span, table, keys)]
    if not found:
        return []
    news, owners = fetch(conn, statement("news"), span._asdict()), _owners(conn, span)
    is_catalogue = _is_catalogue_changed(conn, span)
    return [row | {"reason": _reason(row["key"], news, owners, is_catalogue)} for row in found]


def _figures(conn: Connection, span: ReleaseSpan, table: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    pairs = [part for key in keys for part in (sql.Literal(key), sql.Identifier("r", key))]
    query = sql.SQL(statement("difference")).format(
        key=sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs)),
        table=sql.Identifier("mart", f"{table}_release"),
    )
    return fetch(conn, query.as_string(conn), {**span._asdict(), "apart": [*TIMELESS, *keys]})


def _owners(conn: Connection, span: ReleaseSpan) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return by unit and responsibility whose figures it is part of: area and those above, leader, task force."""
    owners: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in fetch(conn, statement("news_owners"), span._asdict()):
        owners.setdefault((row["unit_code"], row["responsibility_code"]), []).append(row)
    return owners


def _is_catalogue_changed(conn: Connection, span: ReleaseSpan) -> bool:
    """Whether a row of the county's catalogue began or ended between the two instants."""
    query = sql.SQL(
        "SELECT FROM catalogue.{} WHERE county_code = %(county_code)s AND (known_from > %(since)s AND known_from <= "
        "%(until)s OR known_to > %(since)s AND known_to <= %(until)s)"
    )
    each = [sql.SQL("EXISTS ({})").format(query.format(sql.Identifier(table))) for table in KEYS]
    text = sql.SQL("SELECT {} AS is_changed").format(sql.SQL(" OR ").join(each))
    return bool(fetch(conn, text.as_string(conn), span._asdict())[0]["is_changed"])


def _reason(
    key: Mapping[str, Any],
    news: list[dict[str, Any]],
    owners: Mapping[tuple[str, str], list[dict[str, Any]]],
    is_catalogue: bool,
) -> str:
    """Say what became known of a key's own rows, else that others changed; and that the catalogue did."""
    own = [piece for piece in news if _concerns(piece, key, owners)]
    said = [_said(own)] if own else [OTHERS] if news or not is_catalogue else []
    return "；".join([*said, *([CATALOGUE] if is_catalogue else [])])


def _concerns(
    piece: Mapping[str, Any], key: Mapping[str, Any], owners: Mapping[tuple[str, str], list[dict[str, Any]]]
) -> bool:
    """Whether a piece of news is of a key's row, or of one that is part of it."""
    whose = [piece, *owners.get((piece["unit_code"], piece["responsibility_code"]), [])]
    return all(any(one.get(name) == value for one in whose) for name, value in key.items() if name not in UNNAMED)


def _said(news: Iterable[Mapping[str, Any]]) -> str:
    """Name the first pieces by unit, week and kind, and count the rest."""
    counts: dict[tuple[str, str, str], int] = {}
    for piece in news:
        of = piece["unit_code"], piece["week_code"], piece["kind"]
        counts[of] = counts.get(of, 0) + piece["n"]
    named, rest = list(counts.items())[:NAMED], len(counts) - NAMED
    zh = "；".join(f"{unit} {week} {KINDS[kind][0]}{n}行" for (unit, week, kind), n in named)
    en = "; ".join(f"{unit} {week} {n} {KINDS[kind][1]}" for (unit, week, kind), n in named)
    more_zh, more_en = (f"等{len(counts)}处", f" and {rest} more") if rest > 0 else ("", "")
    return f"{zh}{more_zh} · {en}{more_en}"
