"""A fact is asked for its submission once a load, not once a row."""

from ducha.warehouse.scripts import run_scripts

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Put a check a statement in the place of a check a row."""
    run_scripts(revision)


def downgrade() -> None:
    """A ledger is not taken down: restore a backup instead."""
    raise NotImplementedError("restore a backup taken before the migration")
