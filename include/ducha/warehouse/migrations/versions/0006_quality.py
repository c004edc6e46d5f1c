"""Projections with their back-test, vetoes, extra points, the reminder ladder, and what is asked of each unit."""

from ducha.warehouse.scripts import run_scripts

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add tables and columns; releases made before keep them empty."""
    run_scripts(revision)


def downgrade() -> None:
    """A ledger is not taken down: restore a backup instead."""
    raise NotImplementedError("restore a backup taken before the migration")
