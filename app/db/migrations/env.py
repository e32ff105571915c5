"""Alembic's entry: runs on the connection that `app/db/migrate.py` has prepared."""

from alembic import context

from app.db.registry import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    # SQLite can roll back DDL, though Alembic believes it cannot.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
