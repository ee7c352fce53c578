"""ControlNets and IP-Adapters that a team brings itself: one folder for each in controls/.

controls/NAME/control.json        what it is, for which bases, from where, under which licence
controls/NAME/weights.safetensors its weights; those of the Hub stay in the Hub's cache
controls/NAME/encoder.safetensors of an IP-Adapter: what looks at the reference picture

Only headers are read here, so that pages and doors may ask. Nothing is unpickled. A practice base
carries its own tile ControlNet in its folder (`python -m studio pocket control`): `OWN`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.diffusion import families, licences, origins
from studio.diffusion.bundled_bases import place as base_place
from studio.errors import StudioError
from studio.store import publish

FOLDER = "controls"
RECORD, WEIGHTS, ENCODER = "control.json", "weights.safetensors", "encoder.safetensors"
CONTROLNET, IP_ADAPTER = "controlnet", "ip-adapter"
PARTS = {CONTROLNET: "ControlNet", IP_ADAPTER: "IP-Adapter"}
A_PART = {CONTROLNET: "a ControlNet", IP_ADAPTER: "an IP-Adapter"}
OWN = "own"  # the name of what a practice base carries in its own folder
OWN_FOLDER = "control"
TILE, REFERENCE = "tile", "reference"
# What a picture can say to a ControlNet, and the one thing that it says to an IP-Adapter.
KINDS = {
    TILE: "Tile",
    "canny": "Edges (canny)",
    "lineart": "Line drawing",
    "scribble": "Sketch (scribble)",
    "openpose": "Pose (OpenPose)",
    "depth": "Depth",
    REFERENCE: "Reference picture",
}
NAMES = {
    families.PRACTICE: "the practice base",
    families.SD1: origins.OURS["sd1"],
    families.SD2: origins.OURS["sd2"],
    families.SDXL: origins.OURS["sdxl"],
}


@dataclass(frozen=True)
class Kept:
    """One of them. `part` is of PARTS, `kind` of KINDS, `family` of `families.SIDES`. `source` says
    where it came from, `hub` is its id where it lies in the Hub's cache. `config` and
    `encoder_config` are what its folders' config.json said, empty where there was none. `at` is ISO
    UTC. `folder` is where it lies, not part of the record."""

    name: str
    part: str
    kind: str
    family: str
    source: str
    licence: str
    commercial: bool | None = None
    by: str = ""
    at: str = ""
    hub: str = ""
    encoder_hub: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    encoder_config: dict[str, Any] = field(default_factory=dict)
    folder: str = ""

    @property
    def label(self) -> str:
        """For people: what it is called, and what it is."""
        if self.name == OWN:
            return "The base's own tile ControlNet"
        return f"{self.name} ({KINDS[self.kind]}, {PARTS[self.part]})"


@dataclass(frozen=True)
class Files:
    """Where the weights lie on this machine, and what they need to be read."""

    weights: Path
    config: Mapping[str, Any]
    encoder: Path | None
    encoder_config: Mapping[str, Any]


def listing(home: Path) -> tuple[Kept, ...]:
    """All that the team brought, by name; what can't be read is left out."""
    try:
        folders = sorted((home / FOLDER).iterdir())
    except OSError:
        return ()
    return tuple(found for folder in folders if (found := _read(folder)) is not None)


def offered(home: Path, base: str, part: str = "") -> tuple[Kept, ...]:
    """Those that act on the base of this name or place, its own first; of one `part` of PARTS, or
    of both."""
    family, own = families.family_of(base), of_base(base)
    found = [one for one in listing(home) if one.family == family]
    return tuple(one for one in ([own] if own else []) + found if part in ("", one.part))


def of_base(base: str) -> Kept | None:
    """The tile ControlNet that a practice base carries, None where it has none."""
    if families.family_of(base) != families.PRACTICE:
        return None
    folder = Path(base_place(base)).expanduser() / OWN_FOLDER
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        weights = next(folder.glob("diffusion_pytorch_model*.safetensors"))
    except (OSError, ValueError, StopIteration):
        return None
    card = Path(base_place(base)).expanduser() / "README.md"
    licence, commercial = licences.of_card(card)
    return Kept(
        name=OWN,
        part=CONTROLNET,
        kind=TILE,
        family=families.PRACTICE,
        source=str(weights),
        licence=licence,
        commercial=commercial,
        config=config if isinstance(config, dict) else {},
        folder=str(folder),
    )


def named(home: Path, name: str, base: str, part: str) -> Kept:
    """The one of this name for this base; StudioError where there is none, where it is the other
    part, and where it is for bases of another family."""
    if name == OWN:
        found = of_base(base)
        if found is None:
            raise StudioError(
                f"{base} carries no ControlNet of its own.",
                "Practice bases get one by: python -m studio pocket control",
            )
    else:
        found = next((one for one in listing(home) if one.name == name), None)
    if found is None:
        there = ", ".join(one.name for one in listing(home)) or "none"
        raise StudioError(
            f"There is no ControlNet or IP-Adapter {name[:64]!r}.",
            f"There are: {there}. Bring one in: python -m studio controls add",
        )
    if found.part != part:
        raise StudioError(f"{name} is {A_PART[found.part]}, not {A_PART[part]}.", "Name another.")
    family = families.family_of(base)
    if found.family != family:
        raise StudioError(
            f"{name} is for {NAMES[found.family]}, and the base {base} is {NAMES[family]}.",
            _instead(home, base, part),
        )
    return found


def files(home: Path, kept: Kept) -> Files:
    """Where its files lie, fetched from the Hub where they are not here yet. StudioError."""
    if kept.hub:
        return _fetched(kept)
    if kept.name == OWN:
        return Files(Path(kept.source), kept.config, None, {})
    folder = home / FOLDER / kept.name
    weights, encoder = folder / WEIGHTS, folder / ENCODER
    if not weights.is_file():
        raise StudioError(f"{weights} is gone.", f"Bring {kept.name} in again.")
    there = encoder if encoder.is_file() else None
    return Files(weights, kept.config, there, kept.encoder_config)


def remove(home: Path, name: str) -> Kept:
    """Take one away; what was drawn with it stays. StudioError where there is none."""
    found = next((one for one in listing(home) if one.name == name), None)
    if found is None:
        raise StudioError(f"There is no {name[:64]!r}.", "See: python -m studio controls list")
    publish.remove_folder(home / FOLDER / name)
    return found


def missing(family: str, part: str) -> str:
    """Why a base of this family has none of this part, and what helps: a line for pages."""
    if family == families.PRACTICE:
        if part == IP_ADAPTER:
            return "The practice base takes no reference picture: no IP-Adapter is made for it."
        return (
            "The practice base has no ControlNet yet: python -m studio pocket control trains one."
        )
    return (
        f"No {PARTS[part]} for {NAMES[family]} is here. An admin brings one in: "
        "python -m studio controls add"
    )


def _instead(home: Path, base: str, part: str) -> str:
    there = ", ".join(one.name for one in offered(home, base, part))
    if there:
        return f"For this base there are: {there}."
    return missing(families.family_of(base), part)


def _read(folder: Path) -> Kept | None:
    try:
        told = json.loads((folder / RECORD).read_text("utf-8"))
        known = {one.name for one in dataclasses.fields(Kept)} - {"folder"}
        kept = Kept(**{k: v for k, v in told.items() if k in known}, folder=str(folder))
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    whole = kept.part in PARTS and kept.kind in KINDS and kept.family in NAMES
    return kept if whole and kept.name == folder.name else None


def read_config(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise StudioError(f"{file} can't be read: {error}", "Copy it again.") from error
    return found if isinstance(found, dict) else {}


def _fetched(kept: Kept) -> Files:
    """Those of a Hub id, from the Hub's cache or the network."""
    repository, _, inside = kept.hub.partition(":")
    if kept.part == IP_ADAPTER:
        weights = _download(repository, inside)
        encoders, _, folder = kept.encoder_hub.partition(":")
        prefix = f"{folder}/" if folder else ""
        encoder = _download(encoders, f"{prefix}model.safetensors")
        told = read_config(_download(encoders, f"{prefix}config.json"))
        return Files(weights, {}, encoder, told)
    prefix = f"{inside}/" if inside else ""
    if inside.endswith(".safetensors"):
        return Files(_download(repository, inside), {}, None, {})
    config = read_config(_download(repository, f"{prefix}config.json"))
    stem = f"{prefix}diffusion_pytorch_model"
    try:
        weights = _download(repository, f"{stem}.fp16.safetensors")
    except StudioError:
        weights = _download(repository, f"{stem}.safetensors")
    return Files(weights, config, None, {})


def _download(repository: str, file: str) -> Path:
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(repository, file))
    except (OSError, ValueError) as error:
        raise StudioError(
            f"{file} of {repository} is not on this machine and could not be fetched: {error}",
            "Connect to the network once, so that it is kept here, or bring the file itself in.",
        ) from error
