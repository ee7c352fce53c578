"""Upscaling models: those that are installed with the studio, and those that a team brings itself.

    upscaling-models/<sha256>.safetensors   the weights, as they came
    upscaling-models/<sha256>.json          name, licence, who brought them, what they are

A team's own are safetensors files of any architecture that `spandrel` knows. One is looked at in a
process of its own before it is kept (studio.upscaling.model_check), since what a stranger's file
asks for is built to be looked at.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from studio.accounts import rights
from studio.database import engine as db
from studio.database import ledger
from studio.diffusion import tensor_headers
from studio.errors import StudioError
from studio.store.publish import publish, publishing
from studio.upscaling import bundled_models, model_check

FOLDER = "upscaling-models"
RIGHT = "manage adapters"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
LONGEST = 200  # letters of a licence
MOST_BYTES = 1024**3  # of a file; the largest that enlarge have half of it
MOST_TENSORS = 20_000
PICKLES = (".pth", ".pt", ".ckpt", ".bin", ".onnx")
KINDS = ("F32", "F16", "BF16")
OTHER_KINDS = ("I64", "I32", "U8", "BOOL", "F64")  # counters and masks beside weights


@dataclass(frozen=True)
class Model:
    """A model by the name that settings have. `factor`: how many times as large it makes a picture.
    `source`: "bundled" or "own". `file` are its weights, `hash` their SHA-256; `by` brought it,
    `added` when (ISO, UTC). `architecture` is as spandrel has it, "ncnn" for bundled ones."""

    name: str
    label: str
    factor: int
    source: str
    licence: str
    file: Path
    hash: str
    architecture: str
    about: str = ""
    by: str = ""
    added: str = ""


def all(home: Path) -> tuple[Model, ...]:
    """Every model, those that are installed first, then a team's own by name."""
    installed = (_bundled(one) for one in bundled_models.BUNDLED)
    return (*(one for one in installed if one is not None), *own(home))


def own(home: Path) -> tuple[Model, ...]:
    """Those that the team brought itself and that are there, by name."""
    found = (_read(file) for file in (home / FOLDER).glob("*.json"))
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.name))


def named(home: Path, name: str) -> Model:
    """The model of that name; StudioError where there is none."""
    every = all(home)
    for model in every:
        if model.name == name:
            return model
    there = ", ".join(model.name for model in every)
    remedy = f"Choose one of {there}." if there else "Install the studio's requirements anew."
    raise StudioError(f"There is no upscaling model {name[:80]!r}.", remedy)


def add(
    home: Path, engine: Engine, file: Path, *, name: str, licence: str, by: str, now: datetime
) -> Model:
    """Keep a safetensors file as a model. StudioError, with nothing kept, where it is another kind
    of file, is no model that enlarges, or name or file are there already."""
    rights.check(by, RIGHT)
    _check_name(home, name)
    licence = licence.strip()
    if not 0 < len(licence) <= LONGEST:
        raise StudioError(
            "The model's licence is not said.", "Name it as its page does, such as CC-BY-4.0."
        )
    _check_file(file)
    digest = _digest(file)
    with db.file_lock(_locked(home), 300):
        _check_name(home, name)
        _check_new(home, digest)
        with publishing(_weights(home, digest)) as aside:
            shutil.copyfile(file, aside)
            if _digest(aside) != digest:
                raise StudioError(
                    f"{file.name} was changed while it was read.", "Bring it in again."
                )
            found = model_check.check(aside, file.name)
        kept = {
            "name": name,
            "factor": found.factor,
            "architecture": found.architecture,
            "about": found.about,
            "licence": licence,
            "by": str(by),
            "added": ledger.stamp(now),
        }
        publish(_weights(home, digest).with_suffix(".json"), json.dumps(kept, indent=1))
        says = f"{name}: {found.architecture}, {found.factor}x, {licence}, {digest}"
        _note(engine, "upscaling model added", says, by, now)
    return named(home, name)


def remove(home: Path, engine: Engine, name: str, *, by: str, now: datetime) -> Model:
    """Take one of the team's own away; what was made with it stays. StudioError where it is none
    of these."""
    rights.check(by, RIGHT)
    with db.file_lock(_locked(home), 300):
        model = named(home, name)
        if model.source != "own":
            raise StudioError(
                f"{model.label} is installed with the studio.", "Leave it; nothing uses it unasked."
            )
        model.file.with_suffix(".json").unlink(missing_ok=True)
        model.file.unlink(missing_ok=True)
        _note(engine, "upscaling model removed", f"{name}: {model.hash}", by, now)
    return model


def as_record(model: Model) -> dict[str, object]:
    """As answers have it; where its file lies is nobody's business."""
    told = asdict(model)
    del told["file"]
    return told


def _bundled(one: bundled_models.Bundled) -> Model | None:
    file = bundled_models.weights(one)
    if file is None:
        return None
    return Model(
        one.name,
        one.label,
        one.factor,
        "bundled",
        bundled_models.LICENCE,
        file,
        one.hash,
        "ncnn",
        one.about,
    )


def _read(file: Path) -> Model | None:
    """What a record says; None where it, or its weights, are not whole."""
    weights = file.with_suffix(".safetensors")
    try:
        told = json.loads(file.read_text("utf-8"))
        texts = {key: str(told[key]) for key in ("name", "licence", "architecture", "by", "added")}
        model = Model(
            label=texts["name"],
            factor=int(told["factor"]),
            source="own",
            file=weights,
            hash=file.stem,
            about=str(told.get("about", "")),
            **texts,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return model if weights.is_file() else None


def _check_name(home: Path, name: str) -> None:
    if not NAME.fullmatch(name):
        raise StudioError(
            f"{name[:80]!r} is no name for a model.",
            "Use a-z, 0-9, dots, - and _, at most 63 characters.",
        )
    if any(model.name == name for model in all(home)) or bundled_models.find(name):
        raise StudioError(f"There is a model {name} already.", "Give another name.")


def _check_new(home: Path, digest: str) -> None:
    there = next((one for one in own(home) if one.hash == digest), None)
    if there is not None:
        raise StudioError(f"This file is here already, as {there.name}.", "Use that.")


def _check_file(file: Path) -> None:
    """What can be told without loading anything."""
    if file.suffix.lower() in PICKLES or (file.is_file() and tensor_headers.is_pickle(file)):
        raise StudioError(
            f"{file.name} is no safetensors file; pickles can run any code when they are loaded.",
            "Get the model as .safetensors, or convert it on a machine of no importance.",
        )
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise StudioError(
                f"{file.name} has {size / 1024**2:,.0f} MB, more than any model that enlarges.",
                f"Bring a file of at most {MOST_BYTES // 1024**2:,} MB.",
            )
        header = tensor_headers.read(file)
    except OSError as error:
        raise StudioError(
            f"{file.name} can't be read: {error.strerror}.", "Look for it."
        ) from error
    except ValueError as error:
        raise StudioError(
            f"{file.name} is no whole safetensors file: {error}.", "Get it again."
        ) from error
    odd = sorted({tensor.kind for tensor in header.tensors.values()} - {*KINDS, *OTHER_KINDS})
    if len(header.tensors) > MOST_TENSORS or odd:
        what = f"values of the kind {odd[0]}" if odd else f"{len(header.tensors):,} tensors"
        raise StudioError(f"{file.name} has {what}, as no such model has.", "Bring another file.")


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise StudioError(
            f"{file.name} can't be read: {error.strerror}.", "Look for it."
        ) from error


def _weights(home: Path, digest: str) -> Path:
    return home / FOLDER / f"{digest}.safetensors"


def _locked(home: Path) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    return home / "upscaling-models.lock"


def _note(engine: Engine, action: str, says: str, by: str, now: datetime) -> None:
    with db.writing(engine) as connection:
        ledger.record(connection, at=now, actor=by, action=action, reason=says)
        db.bump(connection)
