"""Alembic's entry: runs on the connection that studio.db hands over, inside its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
# studio.db holds one transaction around every migration: all of them, or none.
context.run_migrations()
