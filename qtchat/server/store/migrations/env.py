"""Run by Alembic for every migration. The transaction belongs to whoever gave the connection (store/migrate.py)."""

from alembic import context

from qtchat.server.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
)
context.run_migrations()
