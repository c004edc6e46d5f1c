"""Corrections that name the two releases they lie between."""

from ducha.warehouse.scripts import run_scripts

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns; the table has been empty so far."""
    run_scripts(revision)


def downgrade() -> None:
    """A ledger is not taken down: restore a backup instead."""
    raise NotImplementedError("restore a backup taken before the migration")
