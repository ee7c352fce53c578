"""Datasets grow: consents in drafts, and captions that models propose."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

BEFORE = ("caption", "category", "tags", "source", "author", "licence", "removed")
NEW = ("caption_by", "consent_by", "consent_on", "consent_for", "consent_note")


def upgrade() -> None:
    _let_be((*BEFORE, *NEW), BEFORE)
    op.create_table(
        "caption_proposals",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("field", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("asked_by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("job", sa.Integer),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("kept", sa.String, nullable=False),
        sa.Column("decided_by", sa.String),
        sa.Column("decided_at", sa.String),
        sa.UniqueConstraint("dataset", "hash", "field", "model", name="caption_proposals_once"),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'edited', 'refused')", name="caption_proposals_state"
        ),
        sa.CheckConstraint("field IN ('caption', 'tags')", name="caption_proposals_field"),
        sqlite_autoincrement=True,
    )
    op.create_index("caption_proposals_of", "caption_proposals", ["dataset", "state"])


def downgrade() -> None:
    op.drop_table("caption_proposals")
    edits = sa.table("draft_edits", sa.column("field"))
    op.execute(edits.delete().where(edits.c.field.in_(NEW)))
    _let_be(BEFORE, (*BEFORE, *NEW))


def _let_be(fields: tuple[str, ...], before: tuple[str, ...]) -> None:
    """Other fields for edits of a draft. SQLite can change no constraint: the table is copied."""
    old = sa.Table(
        "draft_edits",
        sa.MetaData(),
        sa.Column("step", sa.Integer, sa.ForeignKey("draft_steps.id"), primary_key=True),
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("field", sa.String, primary_key=True),
        sa.Column("value", sa.JSON),
        sa.CheckConstraint(_among(before), name="draft_edits_field"),
    )
    with op.batch_alter_table("draft_edits", copy_from=old) as batch:
        batch.drop_constraint("draft_edits_field", type_="check")
        batch.create_check_constraint("draft_edits_field", _among(fields))


def _among(fields: tuple[str, ...]) -> str:
    return f"field IN ({', '.join(repr(field) for field in fields)})"
