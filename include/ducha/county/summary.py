"""What a county's folder holds, or what is wrong with it: for the command line."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ducha.catalogue import Catalogue
from ducha.county.files import CountyError
from ducha.county.loading import load_county

TARGETLESS = ("stages", "red_line")


def look_at_county(directory: Path) -> dict[str, Any]:
    """Return `problems` (file, row, column, message_zh, message_en) and, when there are none, counts of the county."""
    try:
        return {"problems": [], **counts_of(load_county(directory))}
    except CountyError as error:
        return {"problems": [asdict(problem) for problem in error.problems]}


def counts_of(catalogue: Catalogue) -> dict[str, int]:
    """Count units, responsibilities and what is still to be decided about them; redacted leaders are undecided."""
    rows, weeks = catalogue.responsibilities, catalogue.weeks
    has_target = rows["target"].notna() | rows["target_low"].notna() | rows["measure"].isin(TARGETLESS)
    has_leader = ~rows["leader_code"].str.fullmatch("#*")
    leads = catalogue.assignments[catalogue.assignments["role"] == "lead"]
    has_lead = rows["responsibility_code"].isin(leads["responsibility_code"])
    has_date = rows["due_on"].notna() | (rows["measure"] == "red_line")
    return {
        "units": len(catalogue.units),
        "responsibilities": len(rows),
        "assignments": len(catalogue.assignments),
        "without_target": int((~has_target).sum()),
        "without_definition": int((rows["definition"] == "").sum()),
        "without_leader": int((~has_leader).sum()),
        "without_lead_unit": int((~has_lead).sum()),
        "without_date": int((~has_date).sum()),
        "fully_assigned": int((has_target & has_leader & has_lead & has_date).sum()),
        "sample_targets": int(rows["is_sample_target"].sum()),
        "weeks": len(weeks),
        "weeks_not_announced": int((~weeks["is_official"].astype(bool)).sum()),
    }
