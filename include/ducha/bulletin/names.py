"""The catalogue's names as they stood when a release froze its facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from psycopg2.extensions import connection as Connection

from ducha.bulletin.terms import Words
from ducha.warehouse.database import fetch


@dataclass(frozen=True)
class Names:
    """Names by code; a code without a name stands for itself."""

    county: Words
    office: Words
    timezone: str
    is_sample: bool
    units: Mapping[str, Words]
    areas: Mapping[str, Words]
    responsibilities: Mapping[str, Words]
    """By `plan_year/responsibility_code`."""
    responsibility_areas: Mapping[str, str]
    area_parents: Mapping[str, str]
    """Only of the areas that are part of another."""

    def unit(self, code: str) -> Words:
        return self.units.get(code, Words(code, code))

    def area(self, code: str) -> Words:
        return self.areas.get(code, Words(code, code))

    def whole_of(self, area_code: str) -> str:
        """The area at the top that an area is part of, or itself."""
        while area_code in self.area_parents:
            area_code = self.area_parents[area_code]
        return area_code

    def responsibility(self, plan_year: str, code: str) -> Words:
        return self.responsibilities.get(f"{plan_year}/{code}", Words(code, code))

    def area_of(self, plan_year: str, responsibility_code: str) -> str:
        """The area a responsibility belongs to, empty when unknown."""
        return self.responsibility_areas.get(f"{plan_year}/{responsibility_code}", "")


def _printed(name: str, is_sample: bool) -> str:
    """A name as it is printed: an issue of a sample county says once that all is fictional, not after every name."""
    return name.removesuffix("（虚构）").removesuffix(" (fictional)") if is_sample else name


def read_names(conn: Connection, county_code: str, known_at: datetime) -> Names:
    """Return the names of a county as known at an instant. Raises KeyError when it was not loaded by then."""
    query = (files("ducha.bulletin") / "sql" / "names.sql").read_text(encoding="utf-8")
    rows = fetch(conn, query, {"county_code": county_code, "known_at": known_at})
    is_sample = any(row["kind"] == "office" and row["detail"] == "true" for row in rows)
    by_kind: dict[str, dict[str, Words]] = {}
    for row in rows:
        zh, en = (_printed(text, is_sample) for text in (row["name_zh"], row["name_en"] or row["name_zh"]))
        by_kind.setdefault(row["kind"], {})[row["code"]] = Words(zh, en)
    if "county" not in by_kind:
        raise KeyError(f"县 {county_code} 尚未装入 · county {county_code} is not loaded")
    return Names(
        county=by_kind["county"][county_code],
        office=by_kind["office"][county_code],
        timezone=next(row["detail"] for row in rows if row["kind"] == "county"),
        is_sample=is_sample,
        units=by_kind.get("unit", {}),
        areas=by_kind.get("area", {}),
        responsibilities=by_kind.get("responsibility", {}),
        responsibility_areas={row["code"]: row["detail"] for row in rows if row["kind"] == "responsibility"},
        area_parents={row["code"]: row["detail"] for row in rows if row["kind"] == "area" and row["detail"]},
    )
