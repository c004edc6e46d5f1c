"""收取并检查各单位报送 · Collect what units have sent, check it, and return what needs correcting.

**做什么 · What**
每个单位一个任务，只收自己的来件（原件按 sha256 存放，永不改动）；随后一次检查全部来件，
合格的行记入台账，有问题的标注后退回该单位。
One task a unit lands its files unaltered; one task then checks everything, records the good rows and returns marked
workbooks. 有新来件时触发 `compute_completion` · new rows start `compute_completion`.

**何时 · When**
每天 8–19 时整点（北京时间）。也可手动运行，`week` 可填周次。Hourly from 8 to 19 (Asia/Shanghai), or by hand.

**变红时 · When red**
1. `fetch` 某一格变红：该单位的目录打不开。其他单位已正常收取和检查。修好目录后清除（Clear）这一格。
   One red cell of `fetch`: that unit's folder cannot be read; the others are done. Repair it and clear that cell.
2. `check` 变红：看日志末行；来件都已保存，清除（Clear）后重做，不会重复记账。
   `check` red: read the end of its log, then clear it; nothing is recorded twice.
3. `all_fetched` 标为“上游失败”：就是第 1 种情况。`all_fetched` upstream failed: it is case 1.
一份文件填错不会变红：它会被标注退回。A file with mistakes never turns this red: it is returned marked.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException
from ducha_dags.collect import collect
from ducha_dags.defaults import DEFAULTS, STARTED_AT, SUBMISSIONS, week_param


@dag(
    dag_display_name="收取报送 · collect_submissions",
    schedule=CronTriggerTimetable("0 8-19 * * *", timezone="Asia/Shanghai"),
    start_date=STARTED_AT,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params=week_param(),
    tags=["督查", "collect"],
    doc_md=__doc__,
)
def collect_submissions() -> None:
    @task(outlets=[SUBMISSIONS])
    def announce(checked: dict[str, Any]) -> None:
        """告知后续流程有新数据 · tell the DAGs that wait for new rows, and for which week."""
        if not checked["files"]:
            raise AirflowSkipException("没有新来件 · nothing new has come")
        get_current_context()["outlet_events"][SUBMISSIONS].extra = {"week": checked["week"]}

    announce(collect())


collect_submissions()
