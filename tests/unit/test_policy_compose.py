"""What the deployment must never become: a default password, a `latest` image, a service nobody watches."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SECRET = re.compile(r"PASSWORD|SECRET|FERNET|_KEY|_URL|SQL_ALCHEMY_CONN")
ONE_OFF = {"databases", "migrate"}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]


@pytest.fixture(scope="module")
def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_long_running_service_is_watched_and_comes_back(services):
    long_running = {name: service for name, service in services.items() if name not in ONE_OFF}
    assert set(long_running) == {"postgres", "api-server", "scheduler", "dag-processor"}
    for name, service in long_running.items():
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name
    for name in ONE_OFF:
        assert services[name]["restart"] == "no", name


def test_images_are_variables_with_a_version(services):
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.M)) == {"${PYTHON_BASE_IMAGE}"}
    for name, service in services.items():
        assert re.fullmatch(r"\$\{\w+_IMAGE:-[\w./-]+:[\w.-]+\}", service["image"]), name
    for text in (dockerfile, COMPOSE.read_text(encoding="utf-8"), (ROOT / ".env.example").read_text(encoding="utf-8")):
        assert ":latest" not in text


def test_no_secret_has_a_value_or_a_default(services, example):
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            if SECRET.search(key) and not key.endswith(("EXECUTION_API_SERVER_URL", "BASE_URL")):
                assert re.search(r"\$\{\w+:\?\w+ is empty in \.env\}", str(value)), f"{name}: {key}"
    required = set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text(encoding="utf-8")))
    assert {name for name, value in example.items() if value == ""} == required | {"PIP_OPTIONS", "DUCHA_STARTED_AT"}


def test_ports_are_bound_to_this_machine_only(services):
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published
    assert all(str(port).startswith("127.0.0.1:") for port in published)


def test_airflow_runs_apart_without_root_and_with_real_accounts(services):
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (\S+)", dockerfile, re.M)[-1] != "root"
    for name in ("migrate", "api-server", "scheduler", "dag-processor"):
        service = services[name]
        assert service["cap_drop"] == ["ALL"], name
        assert service["environment"]["AIRFLOW__CORE__AUTH_MANAGER"].endswith("FabAuthManager"), name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert not service.get("privileged"), name


def test_every_variable_is_explained_in_the_example(example):
    used = set(re.findall(r"(?<!\$)\$\{(\w+)[:}]", COMPOSE.read_text(encoding="utf-8")))
    assert used == set(example)


def test_docker_compose_accepts_the_file(example, tmp_path):
    program = shutil.which("docker-compose")
    if program is None:
        message = "not run: docker-compose config (install the package docker-compose)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    filled = tmp_path / "filled.env"
    filled.write_text("".join(f"{name}={value or 'x1'}\n" for name, value in example.items()), encoding="utf-8")
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    def config(env_file: Path) -> subprocess.CompletedProcess[str]:
        command = [program, "--file", str(COMPOSE), "--env-file", str(env_file), "config"]
        return subprocess.run(command, check=False, capture_output=True, text=True, env=clean, cwd=tmp_path)

    accepted = config(filled)
    assert accepted.returncode == 0, accepted.stderr
    assert set(yaml.safe_load(accepted.stdout)["services"]) >= {"postgres", "migrate", "scheduler"}

    refused = config(ROOT / ".env.example")
    assert refused.returncode != 0
    assert "is empty in .env" in refused.stderr
