"""A cross-indicator rule as left, operator, right, tolerance, on_missing beside its words; areas that have parts."""

from ducha.warehouse.scripts import run_scripts

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; versions of words only keep empty ones."""
    run_scripts(revision)


def downgrade() -> None:
    """A ledger is not taken down: restore a backup instead."""
    raise NotImplementedError("restore a backup taken before the migration")
