"""What people typed on the page Generate lies with their other drafts."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute(
        "INSERT INTO unsaved (person, subject, fields, at) "
        "SELECT person, 'generate', kept, at FROM prompt_drafts"
    )
    op.drop_table("prompt_drafts")


def downgrade() -> None:
    op.create_table(
        "prompt_drafts",
        sa.Column("person", sa.String, primary_key=True),
        sa.Column("kept", sa.JSON, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )
    op.execute(
        "INSERT INTO prompt_drafts (person, kept, at) "
        "SELECT person, fields, at FROM unsaved WHERE subject = 'generate'"
    )
    op.execute("DELETE FROM unsaved WHERE subject = 'generate'")
