"""Alembic's entry: runs on the connection that `studio.database.engine` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
# studio.database.engine holds one transaction around every migration: all of them, or none.
context.run_migrations()
