"""What holds for every DAG file, found by looking: a new file is under these rules from its first day."""

import ast
import copy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dags.airflow_home import ROOT, prepare

FILES = sorted((ROOT / "dags").glob("*.py"))
FORBIDDEN = ("pandas", "numpy", "great_expectations", "psycopg2", "ducha.metrics", "ducha.intake", "ducha.pipeline")
pytestmark = pytest.mark.filterwarnings("default")  # Airflow's own

LOAD = """
import sys, time, warnings
warnings.simplefilter("ignore")
import airflow.sdk, airflow.timetables.base, airflow.plugins_manager, airflow.providers.standard.operators.hitl
import importlib.util, pathlib
path = pathlib.Path(sys.argv[1])
before = set(sys.modules)
began = time.process_time()
spec = importlib.util.spec_from_file_location(path.stem, path)
module = importlib.util.module_from_spec(spec)
sys.modules[path.stem] = module
spec.loader.exec_module(module)
print(time.process_time() - began, *sorted(set(sys.modules) - before))
"""


def each_file():
    return pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def bag():
    prepare()
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(ROOT / "dags"))
    assert bag.import_errors == {}
    return bag


@pytest.fixture
def dag(bag, path):
    return bag.dags[path.stem]


def test_every_file_is_one_dag_of_its_name(bag):
    assert FILES
    assert sorted(bag.dags) == [path.stem for path in FILES]


@each_file()
def test_file_is_wiring_only(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 90
    loops = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.For | ast.While)]
    assert not loops
    assert "Variable" not in text
    assert "Connection" not in text


@each_file()
def test_loads_fast_and_light(path, monkeypatch):
    prepare()
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'dags'}:{ROOT / 'plugins'}")
    done = subprocess.run([sys.executable, "-c", LOAD, str(path)], capture_output=True, text=True, check=True)
    seconds, *modules = done.stdout.split()
    assert float(seconds) < 0.3
    loaded = [name for name in FORBIDDEN if name in modules]
    assert not loaded


@each_file()
def test_page_says_what_when_and_what_to_do_when_red(dag):
    for heading in ("**做什么 · What**", "**何时 · When**", "**变红时 · When red**"):
        assert heading in dag.doc_md
    assert dag.doc_md.splitlines()[0].count("·") == 1, "first line: Chinese · English"


@each_file()
def test_owner_tags_parameters(dag):
    from ducha_dags.defaults import OWNER, TAGS

    assert {task.owner for task in dag.tasks} == {OWNER}
    assert dag.tags
    assert dag.tags <= set(TAGS)
    week = copy.deepcopy(dag.params.get_param("week"))
    assert week.value is None
    assert week.resolve("2022-W08") == "2022-W08"
    with pytest.raises(Exception, match="2022-W8"):
        week.resolve("2022-W8")


@each_file()
def test_failures_are_retried_told_and_bounded(dag):
    from ducha_dags.notice import notify_failure

    for task in dag.tasks:
        waits_for_a_person = task.task_id == "sign_off"
        assert task.retries >= 1 or waits_for_a_person
        assert task.execution_timeout or waits_for_a_person
        assert notify_failure in (task.on_failure_callback, *_listed(task.on_failure_callback))
    assert dag.max_active_runs == 1


def _listed(callback):
    return callback if isinstance(callback, list) else []


@each_file()
def test_bad_data_fails_at_once_and_a_lost_connection_does_not(dag):
    from airflow.sdk import RetryAction
    from ducha_dags.defaults import BAD_DATA

    policy = dag.tasks[0].retry_policy
    for error in BAD_DATA:
        assert policy.evaluate(error.__new__(error), 1, 3).action is RetryAction.FAIL, error
    assert policy.evaluate(ConnectionError(), 1, 3).action is RetryAction.DEFAULT


@each_file()
def test_times_are_in_the_countys_zone(dag):
    from airflow.timetables.trigger import CronTriggerTimetable

    schedule = dag.timetable
    if isinstance(schedule, CronTriggerTimetable) or hasattr(schedule, "expression"):
        assert "Asia/Shanghai" in str(schedule.timezone)
    assert dag.catchup is False


def test_plugin_folder_has_one_module():
    ignored = (ROOT / "plugins" / ".airflowignore").read_text()
    assert [path.name for path in (ROOT / "plugins").rglob("*.py")] == ["ducha_plugin.py"]
    assert "ducha_plugin" in ignored


def test_package_knows_no_airflow():
    for path in (ROOT / "include" / "ducha").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not [name for name in names if name.split(".")[0] == "airflow"], path


def test_the_list_is_found_by_glob():
    assert {path.stem for path in FILES} >= {"collect_submissions", "publish_weekly_bulletin"}
    assert Path(__file__).name not in {path.name for path in FILES}
