"""Bringing in a ControlNet or an IP-Adapter: looked at by its header, copied, and noted with where
it came from and its licence."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from studio.diffusion import families, licences, origins, tensor_headers
from studio.diffusion.control_files import (
    A_PART,
    CONTROLNET,
    ENCODER,
    FOLDER,
    IP_ADAPTER,
    KINDS,
    NAMES,
    OWN,
    RECORD,
    REFERENCE,
    WEIGHTS,
    Kept,
    read_config,
)
from studio.errors import StudioError
from studio.store import publish

FORMS = (
    "Give a .safetensors file, a folder in diffusers' layout, or a Hub id: OWNER/NAME for a "
    "ControlNet, OWNER/NAME:FILE.safetensors for an IP-Adapter."
)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")  # no dot: peft and diffusers part names at dots
_HUB = re.compile(r"[\w.-]+/[\w.-]+(:[\w./-]+)?")
_LISTENS = re.compile(r"attn2[._]to_k[._]weight$")
_IP_LISTENS = re.compile(r"^ip_adapter\.\d+\.to_k_ip\.weight$")
_WIDTHS = {768: families.SD1, 1024: families.SD2, 2048: families.SDXL}


def add(
    home: Path,
    name: str,
    source: str,
    *,
    kind: str,
    family: str = "",
    encoder: str = "",
    licence: str = "",
    by: str,
    now: datetime,
) -> Kept:
    """Bring one in: copy a file or a folder's weights, or note a Hub id. `kind` is of KINDS;
    `family` must be said of a Hub id and is read from weights else; `encoder` is what an IP-Adapter
    looks with: a folder in transformers' layout, or a Hub id with its folder.

    StudioError for a name that is taken or none, a pickle, weights of another kind or family, and
    an IP-Adapter without an encoder.
    """
    if not _NAME.fullmatch(name) or name == OWN:
        raise StudioError(f"{name!r} is no name for it.", "Use a-z, 0-9, - and _; not “own”.")
    if (home / FOLDER / name).exists():
        raise StudioError(f"There is a {name} already.", "Take another name, or remove that one.")
    if kind not in KINDS:
        raise StudioError(f"There is no kind {kind!r}.", f"Kinds: {', '.join(KINDS)}.")
    part = IP_ADAPTER if kind == REFERENCE else CONTROLNET
    place = Path(source).expanduser()
    about = {"by": by, "at": now.isoformat(), "licence": licence}
    if not place.exists():
        kept = _of_hub(name, source, part, kind, family, encoder, about)
        return _published(home, kept, {})
    weights, config = _weights_in(place, part)
    shapes = _header(weights).shapes
    found = _part_of(shapes)
    if found != part:
        is_a = A_PART.get(found) or origins.other_kind(shapes) or "something else"
        raise StudioError(f"{weights.name} is {is_a}, not {A_PART[part]}.", FORMS)
    told = _family_of(shapes, _header(weights).told)
    if family and told and told != family:
        raise StudioError(
            f"{weights.name} is for {NAMES[told]}, not for {NAMES[_checked(family)]}.",
            "Leave the family out.",
        )
    if not (told or family):
        raise StudioError(
            f"{weights.name} does not tell which bases it is for.",
            f"Say its family: {', '.join(NAMES)}.",
        )
    copies = {WEIGHTS: weights}
    encoder_config: dict[str, Any] = {}
    if part == IP_ADAPTER:
        _check_reference(weights.name, shapes)
        copies[ENCODER], encoder_config = _encoder_in(encoder, place)
    card = place / "README.md" if place.is_dir() else Path()
    licence, commercial = _licence(licence, card)
    kept = Kept(
        name=name,
        part=part,
        kind=kind,
        family=told or _checked(family),
        source=str(place.resolve()),
        config=config,
        encoder_config=encoder_config,
        licence=licence,
        commercial=commercial,
        by=by,
        at=about["at"],
    )
    return _published(home, kept, copies)


def _published(home: Path, kept: Kept, copies: Mapping[str, Path]) -> Kept:
    told = {"schema": 1, **asdict(kept)}
    told.pop("folder")
    with publish.publishing(home / FOLDER / kept.name, once=True) as aside:
        aside.mkdir()
        for file, source in copies.items():
            shutil.copyfile(source, aside / file)
        (aside / RECORD).write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    return dataclasses.replace(kept, folder=str(home / FOLDER / kept.name))


def _checked(family: str) -> str:
    if family not in NAMES:
        raise StudioError(f"There is no family {family!r}.", f"Families: {', '.join(NAMES)}.")
    return family


def _of_hub(
    name: str,
    source: str,
    part: str,
    kind: str,
    family: str,
    encoder: str,
    about: Mapping[str, str],
) -> Kept:
    if not _HUB.fullmatch(source) or Path(source).is_absolute():
        raise StudioError(f"There is nothing at {source}.", FORMS)
    if not family:
        raise StudioError(f"Which bases is {source} for?", f"Say its family: {', '.join(NAMES)}.")
    if part == IP_ADAPTER and not source.endswith(".safetensors"):
        raise StudioError(f"{source} names no file of an IP-Adapter.", FORMS)
    if part == IP_ADAPTER and not _HUB.fullmatch(encoder):
        raise StudioError(
            "An IP-Adapter needs the encoder that it looks with.",
            "Give its folder on the Hub, as in h94/IP-Adapter:models/image_encoder",
        )
    licence, commercial = _licence(about["licence"], Path())
    return Kept(
        name=name,
        part=part,
        kind=kind,
        family=_checked(family),
        source=source,
        hub=source,
        encoder_hub=encoder if part == IP_ADAPTER else "",
        licence=licence,
        commercial=commercial,
        by=about["by"],
        at=about["at"],
    )


def _licence(said: str, card: Path) -> tuple[str, bool | None]:
    if said:
        return said, licences.may_sell(said.lower())
    return licences.of_card(card) if card.name else licences.UNKNOWN


def _header(file: Path) -> tensor_headers.Header:
    try:
        return tensor_headers.read(file)
    except (OSError, ValueError) as error:
        pickled = tensor_headers.is_pickle(file)
        why = "it is a pickle, which runs what its maker wrote" if pickled else str(error)
        raise StudioError(f"{file} is no safetensors file: {why}.", FORMS) from error


def _weights_in(place: Path, part: str) -> tuple[Path, dict[str, Any]]:
    """The file of weights, and its folder's config.json."""
    if place.is_file():
        return place, {}
    found = sorted(place.glob("*.safetensors"))
    plain = [file for file in found if file.name.count(".") == 1]
    if not (plain or found):
        raise StudioError(f"{place} holds no .safetensors file.", FORMS)
    if len(plain or found) > 1:
        raise StudioError(f"{place} holds several files of weights.", "Name the one that you mean.")
    config = read_config(place / "config.json") if part == CONTROLNET else {}
    if config and config.get("_class_name") != "ControlNetModel":
        raise StudioError(
            f"{place} holds a {config.get('_class_name')}, which this studio can't lead with.",
            "Give a ControlNet of the plain kind (ControlNetModel).",
        )
    return (plain or found)[0], config


def _encoder_in(encoder: str, place: Path) -> tuple[Path, dict[str, Any]]:
    beside = place if place.is_dir() else place.parent
    folder = Path(encoder).expanduser() if encoder else beside / "image_encoder"
    weights = folder / "model.safetensors"
    config = read_config(folder / "config.json")
    if not weights.is_file() or not config:
        raise StudioError(
            f"An IP-Adapter needs the encoder that it looks with, and {folder} is none.",
            "Give the folder image_encoder that came with it, config.json and model.safetensors.",
        )
    _header(weights)
    return weights, config


def _part_of(shapes: Mapping[str, tuple[int, ...]]) -> str:
    if any(_IP_LISTENS.match(name) for name in shapes):
        return IP_ADAPTER
    marks = ("controlnet_cond_embedding.", "input_hint_block.", "control_model.input_hint_block.")
    return CONTROLNET if any(name.startswith(marks) for name in shapes) else ""


def _family_of(shapes: Mapping[str, tuple[int, ...]], header: Mapping[str, str]) -> str:
    """By how wide the texts are that it listens to; else as its header says; "" if neither."""
    for name, shape in shapes.items():
        if len(shape) == 2 and (_IP_LISTENS.match(name) or _LISTENS.search(name)):
            if shape[1] in _WIDTHS:
                return _WIDTHS[shape[1]]
            break
    told = origins.told(header)
    return next((family for family, name in NAMES.items() if name == told), "")


def _check_reference(name: str, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Faces are known by a program of others that is not part of the studio."""
    whole = ("image_proj.proj.weight", "image_proj.proj.3.weight", "image_proj.latents")
    resampled = any(key.startswith("image_proj.perceiver_resampler") for key in shapes)
    if resampled or not any(key in shapes for key in whole):
        raise StudioError(
            f"{name} is an IP-Adapter for faces (FaceID).", "Give one for whole pictures."
        )
