"""每周通报：定稿、起草、签发 · The weekly bulletin: final collection, release, draft, sign-off, publication.

**做什么 · What**
最后收取并检查一次 → 定稿计算 → 起草通报（docx、html）→ 等待签发 → 批准则发布，退回则保留草稿和理由。
Collects and checks a last time, computes the release, drafts the bulletin and waits for a signature: approved, it is
published and never overwritten; rejected, the draft stays with the reason.
本周无应报也无来件则跳过 · a week with nothing expected and nothing received is skipped.

**何时 · When**
每周定稿时（county.yaml 的 publication，默认最后一个工作日 12:00）；停机错过的周，开机后按顺序各补一次；
没有工作日的周不发。At the week's freeze by the county's calendar; weeks missed run once each on return, in order.

**签发 · Signing**
在界面“待操作的任务实例”中打开 `sign_off`。到时限无人处理，按 county.yaml 的 sign_off_default。
Under “Required Actions”; when nobody answers in time, the county's sign_off_default does.

**变红时 · When red**
1. `fetch_everyone` 变红：日志写明哪个单位的目录打不开，通报照常进行；修好后清除（Clear）它。
   `fetch_everyone` red: its log names the unit; the bulletin goes on. Repair its folder, then clear the task.
2. `release` 变红：核对未通过，日志写明数字；没有发布。改正后清除（Clear）`release` 及其下游。
   `release` red: the audit failed and nothing is out; correct, then clear it and what follows.
3. `mend` 变红：某个旧周核对未通过，日志写明数字；本周通报照常。改正后清除（Clear）`mend`。
   `mend` red: an earlier week failed its audit and stays as it was; this week goes on. Correct, then clear it.
4. `draft` 或 `publish` 变红：清除（Clear）即可，重做不会重复发布。
   `draft` or `publish` red: clear it; doing it again never publishes twice.
"""

from __future__ import annotations

from airflow.sdk import dag
from ducha_dags.collect import collect_last
from ducha_dags.defaults import DEFAULTS, week_param
from ducha_dags.publication import draft, keep_draft, mend, publish, release, sign_off
from ducha_plugin import SupervisionWeekTimetable


@dag(
    dag_display_name="每周通报 · publish_weekly_bulletin",
    schedule=SupervisionWeekTimetable(),  # in the county's own timezone, from county.yaml
    catchup=False,  # the timetable itself brings missed weeks, once each, without a start date
    max_active_runs=1,
    default_args=DEFAULTS,
    params=week_param(),
    tags=["督查", "publish"],
    doc_md=__doc__,
)
def publish_weekly_bulletin() -> None:
    drafted = draft()
    collect_last() >> release() >> [drafted, mend()]
    sign_off(drafted) >> [publish(drafted), keep_draft(drafted)]


publish_weekly_bulletin()
