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
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from studio.diffusion import families, licences, origins, tensor_headers
from studio.diffusion.bundled_bases import place as base_place
from studio.errors import StudioError
from studio.store import publish

FOLDER = "controls"
RECORD, WEIGHTS, ENCODER = "control.json", "weights.safetensors", "encoder.safetensors"
CONTROLNET, IP_ADAPTER = "controlnet", "ip-adapter"
PARTS = {CONTROLNET: "ControlNet", IP_ADAPTER: "IP-Adapter"}
_A = {CONTROLNET: "a ControlNet", IP_ADAPTER: "an IP-Adapter"}
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
FORMS = (
    "Give a .safetensors file, a folder in diffusers' layout, or a Hub id: OWNER/NAME for a "
    "ControlNet, OWNER/NAME:FILE.safetensors for an IP-Adapter."
)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")  # no dot: peft and diffusers part names at dots
_HUB = re.compile(r"[\w.-]+/[\w.-]+(:[\w./-]+)?")
_LISTENS = re.compile(r"attn2[._]to_k[._]weight$")
_IP_LISTENS = re.compile(r"^ip_adapter\.\d+\.to_k_ip\.weight$")
_WIDTHS = {768: families.SD1, 1024: families.SD2, 2048: families.SDXL}


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
        raise StudioError(f"{name} is {_A[found.part]}, not {_A[part]}.", "Name another.")
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
        is_a = _A.get(found) or origins.other_kind(shapes) or "something else"
        raise StudioError(f"{weights.name} is {is_a}, not {_A[part]}.", FORMS)
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


def remove(home: Path, name: str) -> Kept:
    """Take one away; what was drawn with it stays. StudioError where there is none."""
    found = next((one for one in listing(home) if one.name == name), None)
    if found is None:
        raise StudioError(f"There is no {name[:64]!r}.", "See: python -m studio controls list")
    publish.remove_folder(home / FOLDER / name)
    return found


def missing(family: str, part: str, *, own: bool = False) -> str:
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
    config = _config(place / "config.json") if part == CONTROLNET else {}
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
    config = _config(folder / "config.json")
    if not weights.is_file() or not config:
        raise StudioError(
            f"An IP-Adapter needs the encoder that it looks with, and {folder} is none.",
            "Give the folder image_encoder that came with it, config.json and model.safetensors.",
        )
    _header(weights)
    return weights, config


def _config(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise StudioError(f"{file} can't be read: {error}", "Copy it again.") from error
    return found if isinstance(found, dict) else {}


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


def _fetched(kept: Kept) -> Files:
    """Those of a Hub id, from the Hub's cache or the network."""
    repository, _, inside = kept.hub.partition(":")
    if kept.part == IP_ADAPTER:
        weights = _download(repository, inside)
        encoders, _, folder = kept.encoder_hub.partition(":")
        prefix = f"{folder}/" if folder else ""
        encoder = _download(encoders, f"{prefix}model.safetensors")
        told = _config(_download(encoders, f"{prefix}config.json"))
        return Files(weights, {}, encoder, told)
    prefix = f"{inside}/" if inside else ""
    if inside.endswith(".safetensors"):
        return Files(_download(repository, inside), {}, None, {})
    config = _config(_download(repository, f"{prefix}config.json"))
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
