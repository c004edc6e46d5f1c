"""计算本周完成情况（定稿前的中间结果）· Compute the open week's completion as it stands, before the freeze.

**做什么 · What**
用目前已知的事实计算各责任、各单位、各领域的完成率和亮灯，核对无误后写入 `mart`。数字与上次相同则什么也不做。
定稿后的周不再重算，其发布版由 `publish_weekly_bulletin` 产生。
Computes the figures from what is known now, audits them and writes them to `mart`; equal figures change nothing.
A week that has frozen is left to `publish_weekly_bulletin`.

**何时 · When**
`collect_submissions` 记入新数据或县目录变化之后。After new rows or a changed catalogue.

**变红时 · When red**
1. `compute` 日志写明哪个数字与哪个数字不符：核对未通过，没有发布任何数字，上一版仍在。
   The log says which figures disagree; nothing was published and the last release still stands.
2. 改正目录或报数后会自动再算，也可清除（Clear）`compute`。
   Correct the catalogue or the report: it computes again by itself, or clear `compute`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException
from ducha_dags.defaults import CATALOGUE, DEFAULTS, FIGURES, SUBMISSIONS, week_param
from ducha_dags.week import at_work


@dag(
    dag_display_name="计算完成率 · compute_completion",
    schedule=(SUBMISSIONS | CATALOGUE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params=week_param(),
    tags=["督查", "compute"],
    doc_md=__doc__,
)
def compute_completion() -> None:
    @task(outlets=[FIGURES])
    def compute() -> str:
        """计算、核对、写入 · compute, audit and write the week's figures."""
        from ducha.pipeline.publish import compute_release

        context = get_current_context()
        with at_work(context) as work:
            if datetime.now(UTC) > work.catalogue.week_row(work.week)["freeze_at"] and work.clock is None:
                raise AirflowSkipException(f"{work.week} 已定稿 · has frozen; its release comes with its bulletin")
            context["outlet_events"][FIGURES].extra = {"week": work.week}
            return compute_release(work.conn, work.catalogue, work.week, work.clock)

    compute()


compute_completion()
