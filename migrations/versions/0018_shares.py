"""How much of the disk each person's files take is asked at every drawing: an index answers it."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_index("asset_files_of_person", "asset_files", ["by", "bytes"])


def downgrade() -> None:
    op.drop_index("asset_files_of_person", "asset_files")
