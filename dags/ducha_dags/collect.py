"""The common first half of a week's work: fetch each unit alone, check all at once, and let no failure go unseen."""

from __future__ import annotations

from typing import Any

from airflow.sdk import TriggerRule, get_current_context, task, task_group

from ducha_dags.defaults import BAD_DATA
from ducha_dags.week import Phase, at_work, loaded_by, on_errand


@task
def list_senders() -> list[dict[str, str]]:
    """列出应报单位 · say who may send, by the catalogue that holds."""
    from ducha.catalogue import INSPECTION_SENDER
    from ducha.pipeline.fetch import senders
    from ducha.pipeline.standing import standing_catalogue
    from ducha.settings import Settings
    from ducha.sources.folder import require_inbox
    from ducha.sources.replay import place_of

    settings = Settings.from_env()
    catalogue = standing_catalogue(settings, loaded_by(get_current_context()))
    require_inbox(place_of(catalogue.settings, settings.inbox))
    names = dict(zip(catalogue.units["unit_code"], catalogue.units["name_zh"], strict=True))
    names[INSPECTION_SENDER] = "督查组"
    return [{"unit_code": code, "unit_name": names[code]} for code in senders(catalogue)]


@task(map_index_template="{{ unit_name }}")
def fetch(unit_code: str, unit_name: str) -> int:
    """收取一个单位的来件 · land what one unit has sent; its own task, so its failure is its own."""
    from ducha.pipeline.fetch import fetch_unit

    context = get_current_context()
    context["unit_name"] = unit_name  # shown instead of the map index
    with on_errand(context) as errand:
        return len(fetch_unit(errand.conn, errand.settings, errand.county, unit_code, errand.clock))


@task
def fetch_everyone(everyone: list[dict[str, str]]) -> int:
    """定稿前最后收取一遍 · land what all have sent since the last time; names the units whose place cannot be read."""
    from ducha.pipeline.fetch import fetch_unit

    landed, failed = 0, {}
    with at_work(get_current_context(), "closed") as work:
        county = work.catalogue.settings
        for sender in everyone:
            try:
                landed += len(fetch_unit(work.conn, work.settings, county, sender["unit_code"], work.clock))
            except (OSError, ValueError) as error:  # one unit's place or a name in it is broken: the others go on
                failed[sender["unit_name"]] = error
    if failed:
        is_lasting = all(isinstance(error, BAD_DATA) for error in failed.values())
        message = "；".join(f"{name}: {error}" for name, error in failed.items())
        raise NotADirectoryError(message) if is_lasting else OSError(message)  # the latter is tried again
    return landed


@task(trigger_rule=TriggerRule.ALL_DONE)
def check(phase: Phase) -> dict[str, Any]:
    """检查全部来件 · check everything that has landed, whoever's fetch failed; returns what was found."""
    from dataclasses import asdict

    from ducha.pipeline.collect import check_submissions
    from ducha.sources.folder import require_inbox
    from ducha.sources.replay import place_of

    with at_work(get_current_context(), phase) as work:
        if phase == "closed":  # with our own share gone, whom it lists as missing may have reported
            require_inbox(place_of(work.catalogue.settings, work.settings.inbox))
        return asdict(check_submissions(work.conn, work.settings, work.catalogue, work.clock)) | {"week": work.week}


@task
def all_fetched() -> None:
    """全部收取成功 · reached only when every unit's fetch worked; red too when a report lies in no unit's folder."""
    from ducha.pipeline.fetch import strays_of

    with at_work(get_current_context()) as work:
        found = strays_of(work.catalogue, work.settings.inbox)
    if found:
        words = "不在任何单位的目录中，请移到该单位目录 · in no unit's folder: move it to its unit's"
        raise ValueError(f"{'、'.join(found)} {words}")


@task_group
def collect() -> Any:
    """收取并检查 · fetch each unit, check, and the gate that turns the run red when one unit's fetch failed."""
    fetched = fetch.expand_kwargs(list_senders())
    checked = check("open")
    fetched >> [checked, all_fetched()]
    return checked


@task_group
def collect_last() -> Any:
    """定稿前最后收取并检查 · the same a last time, all units in one task."""
    fetched = fetch_everyone(list_senders())
    checked = check("closed")
    fetched >> [checked, all_fetched()]
    return checked
