"""The gallery's pictures become assets: files, verdicts and family in tables of their own."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

BATCH = 1_000
VERDICT = "verdict IN ('approved', 'edit', 'rejected')"
RECIPE = (
    "base",
    "prompt",
    "full_prompt",
    "negative",
    "steps",
    "guidance",
    "strength",
    "adapters",
    "start",
    "change",
)
INDEXES = {
    "newest": ("at", "number"),
    "of_style": ("style", "version", "at"),
    "of_verdict": ("verdict", "at"),
    "of_person": ("by", "at"),
    "of_job": ("job", "number"),
}

# Of 100,000 assets of one kind: how many are equal in an index's first column, the first two...
LARGE = {
    "assets_newest": "100000 100000 2000 1 1 1 1 1 1",
    "assets_of_style": "100000 100000 25000 1000 20",
    "assets_of_style_judged": "100000 100000 25000 6250 125",
    "assets_of_verdict": "100000 100000 25000 500",
    "assets_of_person": "100000 100000 16667 2000",
    "assets_of_job": "100000 2000 1",
    "sqlite_autoindex_assets_1": "100000 1",
    "sqlite_autoindex_assets_2": "100000 1",
}


def upgrade() -> None:
    assets = op.create_table(
        "assets",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("key", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("style", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("seed", sa.BigInteger),
        sa.Column("job", sa.Integer),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("variant", sa.Integer, nullable=False),
        sa.Column("verdict", sa.String),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("recipe", sa.JSON, nullable=False),
        sa.CheckConstraint(VERDICT, name="assets_verdict"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "asset_parents",
        sa.Column("asset", sa.Integer, sa.ForeignKey("assets.number"), primary_key=True),
        sa.Column("parent", sa.Integer, sa.ForeignKey("assets.number"), primary_key=True),
        sa.CheckConstraint("asset <> parent", name="asset_parents_others"),
    )
    files = op.create_table(
        "asset_files",
        sa.Column("asset", sa.Integer, sa.ForeignKey("assets.number"), primary_key=True),
        sa.Column("role", sa.String, primary_key=True),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("hash", sa.String),
        sa.Column("bytes", sa.BigInteger),
        sa.Column("pixels", sa.String),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )
    verdicts = op.create_table(
        "verdicts",
        sa.Column("asset", sa.Integer, sa.ForeignKey("assets.number"), primary_key=True),
        sa.Column("verdict", sa.String),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("pin_x", sa.Float),
        sa.Column("pin_y", sa.Float),
        sa.Column("by", sa.String),
        sa.Column("at", sa.String),
        sa.Column("changed_by", sa.String, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.CheckConstraint(VERDICT, name="verdicts_verdict"),
    )
    bind = op.get_bind()
    for rows in _batches(sa.Table("pictures", sa.MetaData(), autoload_with=bind)):
        op.bulk_insert(assets, [_asset(row) for row in rows])
        op.bulk_insert(files, [file for row in rows for file in _files(row)])
        op.bulk_insert(verdicts, [_verdict(row) for row in rows if row.turn or row.verdict])
    _count_on(assets, "pictures")
    op.drop_table("pictures")
    # Indexes last: that is faster than to keep them up row by row.
    late = sa.text("at DESC")
    newest: list[str | sa.TextClause] = ["kind", late, "number"]
    if bind.dialect.name == "sqlite":
        # Words are looked for in every row's text: SQLite reads these pages alone, the rows never.
        # PostgreSQL takes no text of any length into an index, and goes through rows quickly.
        newest += ["style", "version", "verdict", "by", "text"]
    op.create_index("assets_newest", "assets", newest)
    op.create_index("assets_of_style", "assets", ["kind", "style", "version", late])
    op.create_index("assets_of_style_judged", "assets", ["kind", "style", "verdict", late])
    op.create_index("assets_of_verdict", "assets", ["kind", "verdict", late])
    op.create_index("assets_of_person", "assets", ["kind", "by", late])
    op.create_index("assets_of_job", "assets", ["job", "number"])
    op.create_index("asset_parents_of", "asset_parents", ["parent"])
    op.create_index("asset_files_hash", "asset_files", ["hash"])
    op.create_index("asset_files_pixels", "asset_files", ["pixels"])
    if bind.dialect.name == "sqlite":
        _tell_how_many()
    else:
        op.execute("ANALYZE assets")


def downgrade() -> None:
    """What is no picture goes with its tables: the studio of before knows nothing else."""
    pictures = op.create_table(
        "pictures",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("style", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("base", sa.String, nullable=False),
        sa.Column("prompt", sa.String, nullable=False),
        sa.Column("full_prompt", sa.String, nullable=False),
        sa.Column("negative", sa.String, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("guidance", sa.Float, nullable=False),
        sa.Column("strength", sa.Float, nullable=False),
        sa.Column("adapters", sa.JSON, nullable=False),
        sa.Column("start", sa.String, nullable=False),
        sa.Column("change", sa.Float, nullable=False),
        sa.Column("file", sa.String, nullable=False, unique=True),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("job", sa.Integer),
        sa.Column("asset", sa.String, nullable=False),
        sa.Column("variant", sa.Integer, nullable=False),
        sa.Column("verdict", sa.String),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("pin_x", sa.Float),
        sa.Column("pin_y", sa.Float),
        sa.Column("painted", sa.String),
        sa.Column("painted_by", sa.String),
        sa.Column("judged_by", sa.String),
        sa.Column("judged_at", sa.String),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.CheckConstraint(VERDICT, name="pictures_verdict"),
        sqlite_autoincrement=True,
    )
    found = sa.MetaData()
    found.reflect(op.get_bind(), only=("assets", "asset_files", "verdicts"))
    assets, said = found.tables["assets"], found.tables["verdicts"]
    drawn = found.tables["asset_files"].alias("drawn")
    painted = found.tables["asset_files"].alias("painted")
    rows = (
        sa.select(
            assets,
            *(said.c[name] for name in ("reasons", "note", "pin_x", "pin_y", "turn")),
            said.c.by.label("judged_by"),
            said.c.at.label("judged_at"),
            drawn.c.path.label("file"),
            drawn.c.width,
            drawn.c.height,
            painted.c.path.label("painted"),
            painted.c.by.label("painted_by"),
        )
        .join(drawn, (drawn.c.asset == assets.c.number) & (drawn.c.role == "picture"))
        .outerjoin(painted, (painted.c.asset == assets.c.number) & (painted.c.role == "painted"))
        .outerjoin(said, said.c.asset == assets.c.number)
        .where(assets.c.kind == "picture")
        .subquery()
    )
    for part in _batches(rows):
        op.bulk_insert(pictures, [_picture(row) for row in part])
    _count_on(pictures, "assets")
    for name in ("verdicts", "asset_files", "asset_parents", "assets"):
        op.drop_table(name)
    for name, columns in INDEXES.items():
        op.create_index(f"pictures_{name}", "pictures", list(columns))


def _tell_how_many() -> None:
    """Tell SQLite how many rows a large gallery has for each value of an index.

    It knows nothing of a table that was never analysed, and would take all assets of a kind to be
    ten: it would then read a hundred thousand for those of one style and version.
    """
    op.execute("ANALYZE assets")  # makes the table of what is told
    told = sa.table("sqlite_stat1", *(sa.column(name) for name in ("tbl", "idx", "stat")))
    op.execute(told.delete().where(told.c.tbl == "assets"))
    rows = [{"tbl": "assets", "idx": index, "stat": stat} for index, stat in LARGE.items()]
    op.bulk_insert(told, rows)
    op.execute("ANALYZE sqlite_schema")  # reads it


def _batches(table: sa.FromClause) -> Iterator[Sequence[sa.Row]]:
    """All rows by number; few at a time, since there may be a hundred thousand."""
    last = 0
    query = sa.select(table).order_by(table.c.number).limit(BATCH)
    while rows := op.get_bind().execute(query.where(table.c.number > last)).all():
        yield rows
        last = rows[-1].number


def _asset(row: sa.Row) -> dict[str, object]:
    same = ("number", "id", "style", "version", "seed", "by", "at", "job", "variant", "verdict")
    return {
        **{name: row._mapping[name] for name in same},
        "kind": "picture",
        "key": row.file,
        "name": row.asset,
        "text": f"{row.prompt}\n{row.asset}".casefold(),
        "recipe": {name: row._mapping[name] for name in RECIPE},
    }


def _files(row: sa.Row) -> Iterator[dict[str, object]]:
    """What was drawn and what was painted over it; what is in them is read later, by the studio."""
    drawn = {"role": "picture", "path": row.file, "width": row.width, "height": row.height}
    yield {"asset": row.number, **drawn, "by": row.by, "at": row.at}
    if row.painted:
        painted = {"role": "painted", "path": row.painted, "width": None, "height": None}
        yield {"asset": row.number, **painted, "by": row.painted_by or "", "at": row.at}


def _verdict(row: sa.Row) -> dict[str, object]:
    same = ("verdict", "reasons", "note", "pin_x", "pin_y", "turn")
    return {
        **{name: row._mapping[name] for name in same},
        "asset": row.number,
        "by": row.judged_by,
        "at": row.judged_at,
        "changed_by": row.judged_by or row.painted_by or "somebody",
    }


def _picture(row: sa.Row) -> dict[str, object]:
    same = (
        *("number", "id", "style", "version", "seed", "file", "width", "height", "by", "at"),
        *("job", "variant", "verdict", "pin_x", "pin_y", "painted", "painted_by"),
        *("judged_by", "judged_at"),
    )
    return {
        **{name: row._mapping[name] for name in same},
        **{name: row.recipe[name] for name in RECIPE},
        "asset": row.name,
        "reasons": row.reasons or [],
        "note": row.note or "",
        "turn": row.turn or 0,
    }


def _count_on(table: sa.Table, before: str) -> None:
    """Number new rows as the table before would have: no number is given twice."""
    bind, name = op.get_bind(), table.name
    if bind.dialect.name == "sqlite":
        last = sa.text("SELECT max(seq) FROM sqlite_sequence WHERE name IN (:old, :new)")
        number = bind.execute(last, {"old": before, "new": name}).scalar()
        if number:
            new = {"name": name, "seq": number}
            bind.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), new)
            bind.execute(sa.text("INSERT INTO sqlite_sequence VALUES (:name, :seq)"), new)
        return
    given = (
        f"SELECT greatest((SELECT max(number) FROM {name}), "
        f"(SELECT last_value FROM {before}_number_seq WHERE is_called))"
    )
    number = bind.execute(sa.text(given)).scalar()
    if number:
        new = {"name": f"{name}_number_seq", "number": number}
        bind.execute(sa.text("SELECT setval(CAST(:name AS regclass), :number)"), new)
