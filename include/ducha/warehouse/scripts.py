"""The plain SQL of a migration."""

from __future__ import annotations

from alembic import op

from ducha.warehouse.database import MIGRATIONS


def run_scripts(revision: str) -> None:
    """Run the SQL files of a revision in order; the driver takes each whole, so functions stay in one piece."""
    for script in sorted((MIGRATIONS / revision).glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8").replace("%", "%%"))
