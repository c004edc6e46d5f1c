"""The marts answer as known at an instant under every name: `mart.T` had been answered with today's rows."""

from ducha.warehouse.scripts import run_scripts

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Define the views anew; their columns, comments and grants stay."""
    run_scripts(revision)


def downgrade() -> None:
    """A ledger is not taken down: restore a backup instead."""
    raise NotImplementedError("restore a backup taken before the migration")
