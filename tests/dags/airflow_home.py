"""An Airflow of the tests' own: its home, its PostgreSQL, the project's dags and plugins. Nothing of the user's."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from functools import cache
from pathlib import Path

from ducha import embedded

ROOT = Path(__file__).resolve().parents[2]
PROBES = """
from airflow.sdk import PartitionedAssetTimetable, dag, get_current_context, task
from ducha_dags.defaults import SUBMISSIONS, week_param
from ducha_dags.week import resolve_week

@task
def week():
    return resolve_week(get_current_context())

@dag(schedule=[SUBMISSIONS], catchup=False, params=week_param())
def probe_week():
    week()

@dag(schedule=PartitionedAssetTimetable(assets=SUBMISSIONS), catchup=False, params=week_param())
def probe_partition():
    week()

probe_week()
probe_partition()
"""
"""DAGs that only say which week their run is about."""


@cache
def prepare() -> Path:
    """Set the environment before Airflow is first imported, and import it; return the home."""
    assert "airflow" not in sys.modules, "Airflow was imported before its settings were made"
    home = Path(tempfile.mkdtemp(prefix="ducha-airflow-"))
    atexit.register(_remove, home)
    server = embedded.start(home, {"fsync": "off", "full_page_writes": "off"})
    shutil.copytree(ROOT / "dags", home / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    (home / "dags" / "probes.py").write_text(PROBES, encoding="utf-8")
    os.environ.update(
        AIRFLOW_HOME=str(home / "airflow"),
        AIRFLOW__CORE__DAGS_FOLDER=str(home / "dags"),
        AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__UNIT_TEST_MODE="False",
        AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS="False",
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=server.url("airflow").replace("postgresql:", "postgresql+psycopg2:", 1),
        AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
    )
    sys.path[:0] = [str(home / "dags"), str(ROOT / "plugins")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow's own
        import airflow
        import airflow.dag_processing.dagbag
        import airflow.providers.standard.operators.hitl
        import airflow.sdk  # noqa: F401
    return home


@cache
def prepare_runs() -> Path:
    """Make the home fit for real runs: Airflow's database migrated, the DAGs in it; return the home."""
    home = prepare()
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)
    return home


def _remove(home: Path) -> None:
    embedded.stop(home)
    shutil.rmtree(home, ignore_errors=True)
