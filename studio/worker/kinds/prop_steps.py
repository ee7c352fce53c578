"""How a job makes props: each in a folder of its own, kept as soon as it is whole, so that a job
that was cut off goes on with those that are left."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from studio import images
from studio.props import edits as all_edits
from studio.props import glb, making, pictures
from studio.props import settings as all_settings
from studio.props.edit_records import Edit
from studio.props.model import Model
from studio.props.settings import Settings
from studio.store import local
from studio.store.publish import publish
from studio.worker.kind import Input
from studio.worker.steps import digest
from studio.workflows import prop_files, props
from studio.workflows.prop_files import About, Written

FOLDER = "props"  # in the computation's: a folder for each prop, by its number
MADE = "made.json"  # in a prop's folder, written last
BACK = "back"  # the input that is the picture of the back
TEXTURE = "texture "  # before the name of a picture that an edit lays on


@dataclass(frozen=True)
class Prop:
    """A prop that was made: what it says of itself, and its files in their folder."""

    about: About
    written: Written

    def as_json(self) -> dict[str, Any]:
        """As a computation tells of it: what its making added to what was known before."""
        told = self.about
        return {
            "method": told.method,
            "settings": dict(told.settings),
            "edits": [dict(one) for one in told.edits],
            "remarks": list(told.remarks),
            "written": self.written.as_json(),
        }


def of_json(about: About, told: Mapping[str, Any]) -> Prop:
    """What `Prop.as_json` said of the prop that `about` was known of."""
    found = replace(
        about,
        method=told["method"],
        settings=told["settings"],
        edits=tuple(told["edits"]),
        remarks=tuple(told["remarks"]),
    )
    return Prop(found, prop_files.of_json(told["written"]))


def of_picture(
    folder: Path,
    about: About,
    picture: Path,
    settings: Settings,
    edits: Sequence[Edit],
    inputs: Mapping[str, Input],
) -> Prop:
    """The prop of a picture by a local method, edited, in its folder. One that is whole there is
    not made again. StudioError for a picture that nothing comes of."""
    if (there := _kept(folder, about)) is not None:
        return there
    opened = images.open_picture(picture)
    if not settings.method:
        settings = props.of_picture(settings, making.offers(pictures.cut(opened, settings)))
    back = images.open_picture(inputs[BACK].path) if BACK in inputs else None
    made = making.make(opened, settings, back)
    told = replace(
        about,
        method=settings.method,
        settings=all_settings.to_json(settings),
        remarks=tuple(made.remarks),
    )
    return _edited(folder, told, made.model, made.normal_map, edits, inputs)


def of_model(
    folder: Path,
    about: About,
    model: Path,
    normal: Path | None,
    edits: Sequence[Edit],
    inputs: Mapping[str, Input],
) -> Prop:
    """The prop that comes of a GLB file by edits, in its folder; `normal` is its normal map."""
    if (there := _kept(folder, about)) is not None:
        return there
    seen = glb.see(model.read_bytes())
    about = replace(about, remarks=(*about.remarks, *seen.remarks))
    kept = images.open_picture(normal) if normal is not None else None
    return _edited(folder, about, seen.model, kept, edits, inputs)


def textures(files: Mapping[str, Path]) -> dict[str, Input]:
    """The pictures that edits lay on a model, by what the edits call them, as inputs."""
    there = {named: local.present(file) for named, file in files.items()}
    return {f"{TEXTURE}{named}": Input(digest(file), file) for named, file in there.items()}


def _edited(
    folder: Path,
    about: About,
    model: Model,
    normal: Image.Image | None,
    edits: Sequence[Edit],
    inputs: Mapping[str, Input],
) -> Prop:
    """Edit the model, and keep it whole."""
    named = all_edits.pictures_of(edits)
    laid_on = {one: images.open_picture(inputs[f"{TEXTURE}{one}"].path) for one in named}
    model, said = all_edits.apply(model, edits, laid_on)
    told = replace(about, remarks=(*about.remarks, *said))
    data = glb.write(model, extras=extras(told))
    made = Prop(told, prop_files.write(folder, model, data, None if named else normal))
    publish(folder / MADE, json.dumps(made.as_json()), flush=False)
    return made


def extras(about: About) -> dict[str, Any]:
    """What a GLB says of how it was made; the same for the same picture, settings and edits."""
    return {
        "housestyle": {
            "schema": 1,
            "style": about.style,
            "version": about.version,
            "seed": about.seed,
            "prompt": about.prompt,
            "method": about.method,
            "settings": dict(about.settings),
            "edits": [dict(one) for one in about.edits],
            "of": {name: one for name, one in about.of.items() if name != "named"},
        }
    }


def _kept(folder: Path, about: About) -> Prop | None:
    """The prop that is whole in a folder; None where it is not."""
    try:
        made = of_json(about, json.loads((folder / MADE).read_text()))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = all(digest(folder / name) == hash for name, hash in made.written.hashes.items())
    return made if whole else None
