"""The house: catalogue, ledger, ops and mart, each in a plain SQL file of its own."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the SQL files of this revision in order; the driver takes each whole, so functions stay in one piece."""
    for script in sorted((Path(__file__).parent.parent / revision).glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    """A ledger is not taken down: restore a backup instead."""
    raise NotImplementedError("restore a backup taken before the migration")
