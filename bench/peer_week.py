"""The usual way of a week, as a careful peer would write it: pandas, Great Expectations, SQLAlchemy, nothing of ours.

read_excel a file → one validation a file → rows that failed set aside → to_sql append → completion by groupby-apply →
to_sql append. It is not slowed down on purpose: openpyxl is pandas' default reader, the context, the suite and the
engine are made once, progress bars are off, and `chunksize`/`method` stay at what loads fastest with psycopg2.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STARTED = time.perf_counter()

import great_expectations as gx  # noqa: E402  # imports are timed from here
import great_expectations.expectations as gxe  # noqa: E402
import pandas as pd  # noqa: E402
from sqlalchemy import create_engine, text  # noqa: E402

SPANS: dict[str, float] = {"imports": time.perf_counter() - STARTED}

NAMES = {
    "单位代码": "unit_code",
    "周次": "week",
    "事项代码": "responsibility_code",
    "阶段或分项": "item",
    "完成值": "value",
    "分子": "numerator",
    "分母": "denominator",
    "是否完成": "done",
    "完成日期": "happened_on",
    "无变化": "no_change",
    "滞后原因": "reason",
    "推进措施": "measure",
    "下一步安排": "next_step",
    "佐证材料": "evidence",
}
NUMBERS = ["value", "numerator", "denominator"]
KEY = ["unit_code", "week", "responsibility_code", "item"]


@contextmanager
def span(name: str):  # type: ignore[no-untyped-def]
    begin = time.perf_counter()
    yield
    SPANS[name] = SPANS.get(name, 0.0) + time.perf_counter() - begin


def rules(plan: pd.DataFrame) -> list[gxe.Expectation]:
    """The same fifteen questions that our suite asks."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1),
        gxe.ExpectColumnValuesToNotBeNull(column="unit_code"),
        gxe.ExpectColumnValuesToNotBeNull(column="week"),
        gxe.ExpectColumnValuesToNotBeNull(column="responsibility_code"),
        gxe.ExpectColumnValuesToMatchRegex(column="week", regex=r"^20\d\d-W[0-5]\d$"),
        gxe.ExpectColumnValuesToBeInSet(
            column="responsibility_code", value_set=sorted(plan.responsibility_code.unique())
        ),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=KEY),
        gxe.ExpectColumnValuesToBeInSet(column="is_readable", value_set=[True]),
        gxe.ExpectColumnValuesToBeBetween(column="value", min_value=-1e15, max_value=1e15),
        gxe.ExpectColumnValuesToBeBetween(column="numerator", min_value=0),
        gxe.ExpectColumnValuesToBeBetween(column="denominator", min_value=0),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="denominator", column_B="numerator", or_equal=True, ignore_row_if="either_value_is_missing"
        ),
        gxe.ExpectColumnValuesToBeInSet(column="done", value_set=["是", "否"]),
        gxe.ExpectColumnValuesToNotMatchRegex(column="reason", regex=r"1[3-9]\d{9}|\d{17}[\dXx]"),
        gxe.ExpectColumnValueLengthsToBeBetween(column="measure", max_value=500),
    ]


def validation(plan: pd.DataFrame) -> Any:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("files").add_dataframe_asset("file")
    batch = asset.add_batch_definition_whole_dataframe("whole")
    suite = context.suites.add(gx.ExpectationSuite(name="submission", expectations=rules(plan)))
    return context.validation_definitions.add(gx.ValidationDefinition(name="file", data=batch, suite=suite))


def read(path: Path) -> pd.DataFrame:
    frame = pd.read_excel(path).rename(columns=NAMES)[list(NAMES.values())]
    frame["item"] = frame["item"].fillna("")
    frame["is_readable"] = True
    for name in NUMBERS:
        number = pd.to_numeric(frame[name], errors="coerce")
        frame["is_readable"] &= number.notna() | frame[name].isna()
        frame[name] = number
    frame["happened_on"] = pd.to_datetime(frame["happened_on"])
    frame["row_no"] = frame.index + 2
    return frame


def validate(definition: Any, frame: pd.DataFrame) -> pd.DataFrame:
    result = definition.run(
        batch_parameters={"dataframe": frame},
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["row_no"]},
    )
    bad = {entry["row_no"] for one in result.results for entry in (one.result.get("unexpected_index_list") or [])}
    return frame.assign(is_good=~frame["row_no"].isin(bad))


def completion(group: pd.DataFrame) -> pd.Series:
    """Completion of one unit's rows: (x - b) / (T - b), shares for ratios and stages; then their weighted mean."""
    x = group["value"].where(group["measure_kind"] != "ratio", group["numerator"] / group["denominator"])
    x = x.where(group["measure_kind"] != "stages", (group["done"] == "是").astype(float))
    target = group["target"].where(group["measure_kind"] != "stages", 1.0)
    baseline = group["baseline"].fillna(0.0)
    rate = (x - baseline) / (target - baseline)
    weight = group["weight"].where(rate.notna(), 0.0)
    return pd.Series(
        {"completion": (rate.clip(0, 1).fillna(0) * weight).sum() / weight.sum(), "rows": int(rate.notna().sum())}
    )


def run_week(inbox: Path, county: Path, url: str) -> dict[str, int]:
    """Files to rates; tables are appended to, so the caller hands over an empty database."""
    with span("plan"):
        responsibilities = pd.read_csv(county / "responsibilities.csv")
        assignments = pd.read_csv(county / "assignments.csv")
        plan = assignments[["responsibility_code", "unit_code"]].merge(
            responsibilities[["responsibility_code", "area_code", "measure", "baseline", "target", "weight"]].rename(
                columns={"measure": "measure_kind"}
            ),
            on="responsibility_code",
        )
        engine = create_engine(url)
    with span("prepare validation"):
        definition = validation(plan)
    good, bad = [], 0
    for path in sorted(inbox.glob("*/*.xlsx")):
        with span("read"):
            frame = read(path)
        with span("validate"):
            checked = validate(definition, frame)
        rows = checked[checked["is_good"]].drop(columns=["is_good", "is_readable"])
        bad += len(checked) - len(rows)
        with span("load"):
            rows.to_sql("progress", engine, if_exists="append", index=False)
            checked[~checked["is_good"]].to_sql("rejected", engine, if_exists="append", index=False)
        good.append(rows)
    with span("rates"):
        facts = pd.concat(good, ignore_index=True).merge(plan, on=["unit_code", "responsibility_code"])
        marts = {
            by: facts.groupby(by).apply(completion, include_groups=False).reset_index()
            for by in ("unit_code", "area_code", "responsibility_code")
        }
        marts["row"] = facts.groupby(["responsibility_code", "unit_code"], as_index=False)[NUMBERS].last()
    with span("load"):
        for by, mart in marts.items():
            mart.to_sql(f"completion_by_{by}", engine, if_exists="append", index=False)
    with engine.begin() as connection:
        count = connection.execute(text("SELECT count(*) FROM progress")).scalar_one()
    engine.dispose()
    return {"rows": int(count), "rejected": bad}


if __name__ == "__main__":
    counted = run_week(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    json.dump({"seconds": time.perf_counter() - STARTED, "spans": SPANS, **counted}, sys.stdout)
