"""A draft may change a picture's mask."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

BEFORE = (
    "caption",
    "category",
    "tags",
    "source",
    "author",
    "licence",
    "removed",
    "caption_by",
    "consent_by",
    "consent_on",
    "consent_for",
    "consent_note",
)
NEW = ("mask",)


def upgrade() -> None:
    _let_be((*BEFORE, *NEW), BEFORE)


def downgrade() -> None:
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
