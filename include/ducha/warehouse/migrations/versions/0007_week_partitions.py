"""Facts in a table a week, risk samples beside random ones."""

from ducha.warehouse.scripts import run_scripts

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Move the facts into the tables of their weeks; releases made before keep the new columns empty."""
    run_scripts(revision)


def downgrade() -> None:
    """A ledger is not taken down: restore a backup instead."""
    raise NotImplementedError("restore a backup taken before the migration")
