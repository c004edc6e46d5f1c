"""The house: catalogue, ledger, ops and mart, each in a plain SQL file of its own."""

from ducha.warehouse.scripts import run_scripts

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every schema and table."""
    run_scripts(revision)


def downgrade() -> None:
    """A ledger is not taken down: restore a backup instead."""
    raise NotImplementedError("restore a backup taken before the migration")
