"""Alembic's entry: migrates on the connection that `warehouse.database.migrate` hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], version_table="schema_version", version_table_schema="ops"
)
with context.begin_transaction():
    context.run_migrations()
