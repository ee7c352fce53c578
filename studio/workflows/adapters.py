"""The shelf of adapters: compared, handed out, and thrown away when unused.

Crosses registry, generation, jobs and datasets. Nothing here needs torch.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from safetensors import SafetensorError

from studio.accounts.rights import check
from studio.assets.tables import assets
from studio.context import Studio, now
from studio.datasets import versions as datasets
from studio.diffusion import bundled_bases, families, kohya, lora_files, lora_merging
from studio.diffusion.base_shapes import shapes_of_base
from studio.errors import StudioError
from studio.evaluation import contact_sheet
from studio.generation.gallery_table import KIND, MIXED, pictures
from studio.jobs import queue
from studio.numbers import counted
from studio.registry import imported_adapters, models, requests
from studio.registry.models import Version
from studio.registry.rollout_records import current
from studio.registry.stage_state import standing
from studio.registry.tables import pins
from studio.review.tables import ballots
from studio.store import partial_files
from studio.store.publish import publishing
from studio.workflows.model_kinds import table
from studio.workflows.version_loading import (
    FILE,
    adapter_file,
    base_of,
    trained_size,
)


def compare(studio: Studio, left: Version, right: Version) -> list[lora_merging.Likeness]:
    """How alike two versions act, block by block, "all" at the end."""
    return lora_merging.compare(read(studio, left), read(studio, right))


def read(studio: Studio, version: Version) -> lora_files.Lora:
    """A version's LoRA. StudioError for another kind of model."""
    table.check_adapter(version)
    shapes = shapes_of_base(_place(studio, version))
    return lora_files.read(
        adapter_file(studio, version), shapes, f"{version.style} v{version.number}"
    )


def _place(studio: Studio, version: Version) -> str:
    """Where a version's base is on this machine."""
    name = base_of(studio, version)
    return bundled_bases.place(name)


def in_kohya(studio: Studio, version: Version) -> Path:
    """A LoRA as a file in kohya's layout, made once and anew when what it tells changes."""
    table.check_adapter(version)
    source = adapter_file(studio, version)
    about = _about(studio, version)
    mark = hashlib.sha256(repr(about).encode()).hexdigest()[:16]
    folder = studio.home / "cache" / "kohya"
    target = folder / f"{source.parent.name}-{version.style}-{version.number}-{mark}.safetensors"
    if not target.is_file():
        shapes = shapes_of_base(_place(studio, version))
        kohya.write(target, lora_files.read(source, shapes), shapes, about)
    return target


def in_diffusers(studio: Studio, version: Version) -> Path:
    """A LoRA as a file in diffusers' layout with the scale in its weights, made once: alpha stands
    in the header alone there, and who ignores that draws it as strong as if alpha were the rank."""
    table.check_adapter(version)
    source = adapter_file(studio, version)
    folder = studio.home / "cache" / "diffusers"
    target = folder / f"{source.parent.name}-{version.style}-{version.number}.safetensors"
    if target.is_file():
        return target
    lora = lora_files.read_own(source, f"{version.style} v{version.number}")
    if all(pair.scale == 1 for pair in lora.pairs.values()):
        return source
    with publishing(target, flush=False, errors=(SafetensorError,)) as aside:
        lora_files.write(aside, lora, lora.header)
    return target


def used(studio: Studio, style: str) -> dict[int, list[str]]:
    """What uses each version of a style, in words; nothing for those that nobody needs."""
    found: dict[int, list[str]] = {}

    def add(number: int | None, what: str) -> None:
        if number is not None and what not in found.setdefault(number, []):
            found[number].append(what)

    state = standing(studio.engine, style)
    for stage in ("production", "staging"):
        add(state.holder(stage), f"it is in {stage}")
    add(state.before(), "a rollback would go back to it")
    if going := current(studio.engine, style):
        add(going.version, "a rollout gives it to people")
        add(going.against, "a rollout compares with it")
    for request in requests.listing(studio.engine, style, "open"):
        add(request.version, "somebody asks for it in production")
    for number, count in drawn(studio, style).items():
        add(number, f"{count:,} picture{'s' * (count != 1)} of the gallery")
    with studio.engine.connect() as connection:
        for row in connection.execute(sa.select(pins).where(pins.c.style == style)):
            add(row.version, f"{row.person} has pinned it")
        query = sa.select(ballots).where(ballots.c.style == style, ballots.c.closed_at.is_(None))
        for row in connection.execute(query):
            for number in _numbers(row.sides):
                add(number, "an open ballot judges it")
    for job in (job for job in queue.listing(studio.engine, limit=500) if not job.ended):
        for number in _named(job.payload, style):
            add(number, f"job {job.id} waits for it")
    return found


def drawn(studio: Studio, style: str) -> Counter[int]:
    """How many pictures of the gallery each version drew, alone or beside another."""
    c, count = assets.c, sa.func.count()
    found: Counter[int] = Counter()
    with studio.engine.connect() as connection:
        own = sa.select(c.version, count).where(c.kind == KIND, c.style == style)
        for number, many in connection.execute(own.group_by(c.version)):
            found[number] += many
        for recipe in connection.scalars(sa.select(pictures.c.recipe).where(MIXED)):
            for number in _named(recipe["adapters"], style):
                found[number] += 1
    return found


def size(studio: Studio, version: Version) -> int | None:
    """Bytes of a version's file; None for one that was not fetched onto this machine yet."""
    if size := counted(version.tags.get("bytes"), 2**53):
        return size
    folder = studio.home / "cache" / "adapters"
    found = folder.glob(f"{version.style}-{version.number}-*/**/{FILE}")
    return next((file.stat().st_size for file in found), None)


def delete(studio: Studio, style: str, number: int, *, by: str, why: str) -> None:
    """Delete a version that nothing uses, and what is cached of it. StudioError otherwise."""
    check(by, imported_adapters.RIGHT)
    version = models.get(studio.client, style, number)
    needed = used(studio, style).get(number, [])
    imported_adapters.delete(
        studio.engine, studio.client, version, needed, by=by, why=why, now=now()
    )
    partial_files.sweep(studio.home / "cache")


def _about(studio: Studio, version: Version) -> kohya.About:
    frequency: Counter[str] = Counter()
    size = trained_size(version) or 0
    try:
        data = datasets.load(studio.home, version.dataset, version.dataset_digest)
    except StudioError:
        pass  # brought in, merged, or the set is gone
    else:
        size = size or data.look.size or 0
        for picture in data.pictures:
            frequency.update(one.strip() for one in picture.caption.split(",") if one.strip())
    folder = contact_sheet.folder_of(studio.home, version.style, version.number)
    drawn_sheet = contact_sheet.read_sheet(folder)
    cover = b""
    if drawn_sheet and drawn_sheet.cells:
        file = folder / drawn_sheet.cells[0].version
        cover = file.read_bytes() if file.is_file() else b""
    return kohya.About(
        title=f"{version.style} v{version.number}",
        base=version.tags.get("base_name", version.base),
        trigger_word=version.trigger_word,
        author=version.tags.get("author", ""),
        licence=version.tags.get("licence", ""),
        date=version.created,
        size=size,
        dataset=version.dataset,
        tags=dict(frequency.most_common(500)),
        settings=version.params,
        cover=cover,
        velocity=_velocity(studio, version),
    )


def _velocity(studio: Studio, version: Version) -> bool:
    asked = version.tags.get("prediction_type", "auto")
    if asked != "auto":
        return asked == "v_prediction"
    return families.predicts_velocity(_place(studio, version))


def _numbers(value: Any) -> list[int]:
    """Every whole number in a JSON value."""
    if isinstance(value, dict):
        return [n for one in value.values() for n in _numbers(one)]
    if isinstance(value, list):
        return [n for one in value for n in _numbers(one)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


def _named(value: Any, style: str) -> list[int]:
    """The versions of a style that a JSON value names: {"style": ..., "version": ...} in it."""
    if isinstance(value, list):
        return [n for one in value for n in _named(one, style)]
    if not isinstance(value, dict):
        return []
    found = [n for one in value.values() for n in _named(one, style)]
    number = value.get("version")
    if value.get("style") == style and isinstance(number, int):
        found.append(number)
    return found
