"""What holds for every DAG file, found by looking: a new file is under these rules from its first day."""

import ast
import copy
import subprocess
import sys

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

    assert dag.tasks
    for task in dag.tasks:
        policy = task.retry_policy
        for error in BAD_DATA:
            assert policy.evaluate(error.__new__(error), 1, 3).action is RetryAction.FAIL, (task.task_id, error)
        assert policy.evaluate(ConnectionError(), 1, 3).action is RetryAction.DEFAULT, task.task_id


@each_file()
def test_times_are_in_the_countys_zone(dag):
    """A clock names the zone; the weeks' timetable begins at the county's midnight; an asset has no time of its own."""
    schedule = dag.timetable
    if type(schedule).__name__ == "AssetTriggeredTimetable":
        assert schedule.asset_condition
    elif type(schedule).__name__ == "SupervisionWeekTimetable":
        assert local_hours(schedule) == {(0, 0)}
    else:
        assert type(schedule).__name__ == "CronTriggerTimetable", "say here how this one knows the county's zone"
        assert str(schedule.timezone) == "Asia/Shanghai"
    assert dag.catchup is False


def local_hours(timetable):
    """The hours, on Shanghai's clocks, at which the weeks of the timetable begin and end."""
    from airflow.timetables.base import TimeRestriction

    week = timetable.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(None, None, catchup=False)
    ).data_interval
    edges = [moment.in_timezone("Asia/Shanghai") for moment in (week.start, week.end)]
    return {(moment.hour, moment.minute) for moment in edges}


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


def test_no_dag_hides_from_these_rules():
    """Every file that makes a DAG is one of FILES; a helper or a subfolder is no place for one."""
    makers = {
        path
        for path in (ROOT / "dags").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and any("dag" in called(mark) for mark in node.decorator_list)
    }
    assert makers == set(FILES)


def called(decorator):
    """The name of a decorator: `dag` of `@dag(schedule=…)` and of `@sdk.dag`."""
    at = decorator.func if isinstance(decorator, ast.Call) else decorator
    return [at.id] if isinstance(at, ast.Name) else [at.attr] if isinstance(at, ast.Attribute) else []


def test_a_fetch_reads_neither_pandas_nor_numpy():
    """A hundred units have a task each: what one imports is paid a hundred times."""
    used = "ducha.pipeline.fetch, ducha.pipeline.standing, ducha.calendar, ducha.warehouse.catalogue"
    code = f"import sys, {used}; print(*sorted({{'pandas', 'numpy', 'pyarrow', 'sqlalchemy'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_new_installation_does_not_collect_for_an_hour_already_gone(bag, monkeypatch):
    assert bag.dags["collect_submissions"].start_date is None  # nobody said when it began
    monkeypatch.setenv("DUCHA_STARTED_AT", "2026-11-25T03:20:00+00:00")
    file = ROOT / "dags" / "collect_submissions.py"
    paths = [str(ROOT / "dags"), str(ROOT / "plugins")]
    code = f"""
import sys; sys.path[:0] = {paths}
from airflow.dag_processing.dagbag import DagBag
print(DagBag({str(file)!r}).dags["collect_submissions"].start_date)"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "2026-11-25 03:20:00+00:00"
