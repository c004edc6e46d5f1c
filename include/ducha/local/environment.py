"""What a lean Airflow on one machine is told: by environment alone, so that no file of the user is touched."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ducha import embedded
from ducha.local.processes import MARK
from ducha.settings import PROJECT, Settings

HOST = "127.0.0.1"
FIRST_PORT = 8080
USER, OFFICE = "ducha", "office"
"""Two people: the operator who may do everything, and the office that starts weeks and signs."""


@dataclass(frozen=True)
class Place:
    """Where one machine's Airflow lives."""

    settings: Settings

    @property
    def directory(self) -> Path:
        return self.settings.home / "airflow"

    @property
    def logs(self) -> Path:
        return self.directory / "processes"

    @property
    def pid_file(self) -> Path:
        return self.directory / "processes.json"

    @property
    def lock_file(self) -> Path:
        return self.directory / "lock"

    @property
    def secrets_file(self) -> Path:
        return self.directory / "secrets.json"

    @property
    def password_file(self) -> Path:
        return self.directory / "passwords.json"

    @property
    def shown_file(self) -> Path:
        return self.directory / "password_shown"

    @property
    def port_file(self) -> Path:
        return self.directory / "port"

    def passwords(self) -> dict[str, str]:
        """Return user → password; empty before the first start."""
        if not self.password_file.is_file():
            return {}
        return {str(user): str(word) for user, word in json.loads(self.password_file.read_text()).items()}

    def port(self) -> int:
        """Return the port of the last start."""
        return int(self.port_file.read_text()) if self.port_file.is_file() else FIRST_PORT

    def url(self) -> str:
        """Return the address of the web page."""
        return f"http://{HOST}:{self.port()}"


def prepare(place: Place) -> None:
    """Make folders, secrets and passwords where they are missing; an inbox elsewhere is the county's to make."""
    place.directory.mkdir(parents=True, exist_ok=True)
    if place.settings.inbox.is_relative_to(place.settings.home):
        place.settings.inbox.mkdir(parents=True, exist_ok=True)
    place.directory.chmod(0o700)
    if not place.secrets_file.is_file():
        made = {
            "fernet": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "jwt": secrets.token_urlsafe(48),
            "api": secrets.token_urlsafe(48),
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        write_private(place.secrets_file, json.dumps(made))
    if not place.password_file.is_file():
        write_private(place.password_file, json.dumps({user: secrets.token_urlsafe(12) for user in (USER, OFFICE)}))


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    fresh.replace(file)


def free_port(preferred: int) -> int:
    """Return the preferred port, or the next one after it that nobody listens on."""
    for port in range(preferred, preferred + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex((HOST, port)) == 0:
                continue
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"{preferred} 起一百个端口都被占用 · a hundred ports from {preferred} on are taken")


def airflow_database_url(settings: Settings) -> str:
    """Return the address of Airflow's own database in the embedded PostgreSQL, which is started if need be."""
    return embedded.start(settings.home).url("airflow").replace("postgresql:", "postgresql+psycopg2:", 1)


def airflow_environment(place: Place) -> dict[str, str]:
    """Return the environment of every Airflow process; the settings of another Airflow do not reach it."""
    settings, secret = place.settings, json.loads(place.secrets_file.read_text())
    ours = {
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": str(min(8, 2 * (os.cpu_count() or 1))),
        "CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__FERNET_KEY": secret["fernet"],
        "CORE__EXECUTION_API_SERVER_URL": f"{place.url()}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin,{OFFICE}:op",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(place.password_file),
        "DATABASE__SQL_ALCHEMY_CONN": airflow_database_url(settings),
        "DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
        "API__HOST": HOST,
        "API__PORT": str(place.port()),
        "API__BASE_URL": place.url(),
        "API__WORKERS": "1",
        "API__SECRET_KEY": secret["api"],
        "API__INSTANCE_NAME": "督查 Ducha",
        "API_AUTH__JWT_SECRET": secret["jwt"],
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "LOGGING__BASE_LOG_FOLDER": str(place.directory / "logs"),
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return {
        **_inherited(),
        **{f"AIRFLOW__{key}": value for key, value in ours.items()},
        "AIRFLOW_HOME": str(place.directory),
        "DUCHA_HOME": str(settings.home),
        "DUCHA_COUNTY": str(settings.county_dir),
        "DUCHA_INBOX": str(settings.inbox),
        "DUCHA_DATABASE_URL": settings.warehouse_url(),
        "DUCHA_STARTED_AT": secret["started_at"],
        "PYTHONUNBUFFERED": "1",
        MARK: str(settings.home),
    }


def _inherited() -> Mapping[str, str]:
    """Return our own environment: its programs first, no proxy between our processes, no other Airflow's settings.

    A shell that serves another Airflow names that one's database and folders; a demonstration must not reach them.
    """
    local = ",".join(filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), HOST, "localhost"]))
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    ours = {key: value for key, value in os.environ.items() if not key.startswith("AIRFLOW__")}
    return {**ours, "NO_PROXY": local, "no_proxy": local, "PATH": path}
