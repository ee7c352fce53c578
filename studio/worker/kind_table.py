"""The kinds of jobs that there are."""

from __future__ import annotations

from typing import Any

from studio.worker.kind import Kind
from studio.worker.kinds import (
    adapter,
    ballot,
    batch,
    describe,
    evaluate,
    generate,
    import_folder,
    look,
    merge,
    own,
    round,
    sweep,
    train,
    upload,
)

KINDS: dict[str, Kind[Any]] = {
    kind.name: kind
    for kind in (
        import_folder.KIND,
        upload.KIND,
        look.KIND,
        describe.KIND,
        train.KIND,
        sweep.KIND,
        evaluate.KIND,
        generate.KIND,
        batch.KIND,
        ballot.KIND,
        round.KIND,
        adapter.KIND,
        merge.KIND,
        own.KIND,
    )
}
SCHEMAS = {kind.name: kind.schema for kind in KINDS.values()}
EXCLUSIVE = tuple(kind.name for kind in KINDS.values() if kind.exclusive)
