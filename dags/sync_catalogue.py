"""县目录入库 · Load the county's files (units, responsibilities, calendar, thresholds) into the catalogue.

**做什么 · What**
读取县目录（county.yaml 和各 CSV），有变化的行结束旧版本、开始新版本；没有变化则什么也不做。
Reads the county's folder; rows that changed end their version and begin a new one. Nothing changed: nothing happens.

**何时 · When**
每天 06:30（北京时间），也可随时手动运行。Daily at 06:30 (Asia/Shanghai), or by hand at any time.

**变红时 · When red**
1. 打开 `load` 的日志：写明了文件、行、列和原因。The log of `load` names file, row, column and reason.
2. 改正该文件，清除（Clear）`load`。此前装入的版本一直有效，本周工作不受影响。
   Correct the file and clear `load`. The version loaded before still holds; the week goes on.
"""

from __future__ import annotations

from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException
from ducha_dags.defaults import CATALOGUE, DEFAULTS, week_param
from ducha_dags.week import loaded_by


@dag(
    dag_display_name="县目录入库 · sync_catalogue",
    schedule=CronTriggerTimetable("30 6 * * *", timezone="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params=week_param(),
    tags=["督查", "catalogue"],
    doc_md=__doc__,
)
def sync_catalogue() -> None:
    @task
    def load() -> bool:
        """读入县目录 · load the county's files; returns whether they changed anything."""
        from ducha.pipeline.standing import load_files
        from ducha.settings import Settings

        return load_files(Settings.from_env(), loaded_by(get_current_context())).is_changed

    @task(outlets=[CATALOGUE])
    def announce(is_changed: bool) -> None:
        """告知后续流程 · tell the DAGs that wait for a changed catalogue."""
        if not is_changed:
            raise AirflowSkipException("县目录没有变化 · the county's files have not changed")

    announce(load())


sync_catalogue()
