"""LoRA files of any layout as one thing: pairs of small matrices by the base's own modules.

Read with numpy, so that pages can look at files without torch. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio.diffusion import lora_names, lora_scales, origins, tensor_headers
from studio.diffusion.lora_matrices import SAFE, Matrices, matrices
from studio.diffusion.lora_names import MAGNITUDE
from studio.diffusion.stored_tensors import HALF, Array, opened
from studio.diffusion.tensor_headers import shown
from studio.diffusion.weight_shapes import PARTS, TEXT, Shapes
from studio.errors import StudioError

WHOLE = ("model.diffusion_model.", "first_stage_model.", "cond_stage_model.", "conditioner.")
WANTED = "Take a LoRA for Stable Diffusion 1.x, 2.x or SDXL."


@dataclass(frozen=True)
class Pair:
    """What acts on one module: the weight grows by scale * up @ down.

    `down` is [rank, in] or [rank, in, kh, kw], `up` [out, rank] or [out, rank, 1, 1], float32.
    `scale` is alpha / rank, or alpha / sqrt(rank) for rsLoRA. With `magnitude` [out] it is a DoRA:
    each row of the grown weight is then brought to that length.
    """

    down: Array
    up: Array
    scale: float
    magnitude: Array | None = None

    @property
    def rank(self) -> int:
        return int(self.down.shape[0])


@dataclass(frozen=True)
class Lora:
    """A LoRA by the base's modules ("unet.conv_in"), and its header. `half`: kept in 16 bits;
    `notes`: sentences for whoever brings it in, on what is left out of it or has no effect."""

    pairs: dict[str, Pair]
    header: dict[str, str]
    half: bool = False
    notes: tuple[str, ...] = ()

    @property
    def dora(self) -> bool:
        """Whether lengths of weights were learned too."""
        return any(pair.magnitude is not None for pair in self.pairs.values())

    @property
    def rank(self) -> int:
        """The rank that most modules have."""
        return Counter(pair.rank for pair in self.pairs.values()).most_common(1)[0][0]

    @property
    def parts(self) -> list[str]:
        """unet, text_encoder, text_encoder_2: those that it acts on."""
        return [part for part in PARTS if any(n.startswith(f"{part}.") for n in self.pairs)]


def read(file: Path, shapes: Shapes, name: str = "", settings: str = "") -> Lora:
    """The LoRA in a file, checked against the base in every shape and every value.

    `name` is what errors call it; `settings` the text of peft's adapter_config.json, where it is of
    a folder that peft wrote. StudioError for what is no safetensors (above all a pickle), not
    whole, no LoRA, another kind of adapter, made for another base, or not finite.
    """
    name = name or file.name
    tensors, header = opened(file, name)
    _check_kind(name, tensors)
    family = origins.made_for({key: one.shape for key, one in tensors.items()}, header)
    found = _modules(name, tensors, shapes, family)
    _check_told(name, header)
    remedy = _remedy(family, tensors)
    held = {
        module: matrices(name, module, keys, tensors, shapes.modules[module], remedy)
        for module, keys in found.items()
    }
    of_peft = any(key.startswith(lora_names.OF_PEFT) for key in tensors)
    scales = _scales(name, held, header, settings if of_peft else "")
    pairs = {n: Pair(one.down, one.up, scales[n], one.magnitude) for n, one in held.items()}
    weights = [tensors[keys[role]] for keys in found.values() for role in ("down", "up")]
    notes = [*_left_out(tensors), *_without_effect(pairs)]
    if of_peft and not settings:
        notes.append(
            f"Its {lora_scales.CONFIG} is missing, which says how strongly it acts: it is taken as "
            "if alpha were the rank."
        )
    ours = origins.OURS[shapes.family]
    if (told := origins.told(header)) not in ("", ours):
        notes.append(f"Its header says that it is made for {told}; this base is {ours}.")
    return Lora(pairs, header, all(one.kind in HALF for one in weights), tuple(notes))


def read_own(file: Path, name: str = "") -> Lora:
    """A LoRA in the layout that `write` and trainings have, for whichever base. StudioError as
    `read`."""
    try:
        found = tensor_headers.read(file).shapes
    except (OSError, ValueError) as error:
        raise StudioError(f"{file} can't be read: {error}.", "Train the version again.") from error
    end, other = ".lora_A.weight", ".lora_B.weight"
    modules = {
        key.removesuffix(end): (found[key.removesuffix(end) + other][0], *shape[1:])
        for key, shape in found.items()
        if key.endswith(end) and found.get(key.removesuffix(end) + other)
    }
    return read(file, Shapes("sd1", 2, modules), name)


def write(file: Path, lora: Lora, header: dict[str, str]) -> None:
    """Write it in diffusers' layout, as the studio itself keeps adapters.

    The scale goes into `up`, so that rank and alpha are the same in every module and no reader
    can take another. In 16 bits only where that loses nothing.
    """
    from safetensors.numpy import save_file

    tensors: dict[str, Array] = {}
    for module, pair in lora.pairs.items():
        tensors[f"{module}.lora_A.weight"] = _kept(pair.down, lora.half)
        tensors[f"{module}.lora_B.weight"] = _kept(pair.up * np.float32(pair.scale), lora.half)
        if pair.magnitude is not None:
            tensors[f"{module}{MAGNITUDE}"] = _kept(peft_shape(pair), lora.half)
    told = {**header, "format": "pt", lora_scales.HEADER: _settings(lora)}
    save_file(tensors, file, metadata=told)


def peft_shape(pair: Pair) -> Array:
    """A DoRA's magnitude as peft keeps it: [out], of a convolution [1, out, 1, 1]."""
    assert pair.magnitude is not None
    return pair.magnitude.reshape((1, -1, 1, 1) if pair.down.ndim == 4 else (-1,))


def _settings(lora: Lora) -> str:
    told: dict[str, Any] = {}
    for part in lora.parts:
        ranks = {
            # peft matches ends of names; newer text encoders have no "text_model." before theirs.
            n.partition(".")[2].removeprefix(TEXT): pair.rank
            for n, pair in lora.pairs.items()
            if n.startswith(f"{part}.")
        }
        most = Counter(ranks.values()).most_common(1)[0][0]
        others = {path: rank for path, rank in ranks.items() if rank != most}
        settings = {
            "r": most,
            "lora_alpha": most,
            "rank_pattern": others,
            "alpha_pattern": others,
            "target_modules": sorted(ranks),
            "lora_dropout": 0.0,
            "bias": "none",
            "use_dora": lora.dora,
        }
        told |= {f"{part}.{key}": value for key, value in settings.items()}
    return json.dumps(told, sort_keys=True)


def _kept(value: Array, half: bool) -> Array:
    value = np.ascontiguousarray(value, np.float32)
    if half:
        with np.errstate(over="ignore"):
            small = value.astype(np.float16)
        if np.array_equal(small.astype(np.float32), value):
            return small
    return value


def _check_kind(name: str, names: Collection[str]) -> None:
    if kind := origins.other_kind(names):
        raise StudioError(f"{name} is {kind}, not a plain LoRA.", "Give a LoRA or LoCon.")
    if any(map(lora_names.is_lora, names)):
        return
    if said := next(filter(None, map(lora_names.beside, names)), ""):
        raise StudioError(f"{name} is {said}, not a plain LoRA.", "Give a LoRA or LoCon.")
    said = "holds no LoRA weights"
    if any(key.startswith(WHOLE) for key in names):
        said = "is a whole model"
    elif any(key.startswith(lora_names.EMBEDDING) for key in names):
        said = "is an embedding (textual inversion), not a LoRA"
    elif origins.is_stable_diffusion(names):
        said = "is a part of a whole model"
    raise StudioError(f"{name} {said}.", "Give a LoRA in safetensors.")


def _modules(
    name: str, names: Collection[str], shapes: Shapes, family: str
) -> dict[str, dict[str, str]]:
    """The tensors' names by module and role. StudioError for those that have no place."""
    found: dict[str, dict[str, str]] = {}
    for key in names:
        if key in lora_names.MARKS or key.startswith(lora_names.EMBEDDING):
            continue
        if lora_names.beside(key) and not lora_names.is_lora(key):
            continue
        module, role = lora_names.place(key, shapes)
        if not module:
            raise _foreign(name, key, family, names)
        if role in found.setdefault(module, {}):
            raise StudioError(f"{name} holds {module} twice.", SAFE)
        found[module][role] = key
    if not any(module.startswith("unet.") for module in found):
        raise StudioError(f"{name} holds nothing for the UNet.", "Give one that changes pictures.")
    return found


def _foreign(name: str, key: str, family: str, names: Collection[str]) -> StudioError:
    """What to say of a tensor without a place: what the file is, where anything tells."""
    key, remedy = shown(key), _remedy(family, names)
    if family and family not in origins.OURS.values():
        said = f"{name} is made for {family}: it acts on {key}, which the base lacks."
    elif not lora_names.split(key)[1]:
        said = f"{name} holds {key}, which is no part of a LoRA."
    elif family or origins.is_stable_diffusion(names):
        said = f"{name} acts on {key}, which the base lacks."
    else:
        said = f"{name} acts on {key}, which the base lacks; nothing tells what it is made for."
    return StudioError(said, remedy)


def _remedy(family: str, names: Collection[str]) -> str:
    """What to choose instead, by the family that a file is for."""
    if family in origins.OURS.values():
        return f"It is made for {family}; choose the base of its training."
    if family:
        return f"{family[0].upper()}{family[1:]} is no base here. {WANTED}"
    if origins.is_stable_diffusion(names):
        return "Choose the base that it was trained on."
    return f"Ask whoever made it. {WANTED}"


def _check_told(name: str, header: Mapping[str, str]) -> None:
    """Some families have the UNet of another with other text encoders: only the header tells."""
    told = origins.told(header)
    if told and told not in origins.OURS.values():
        raise StudioError(f"{name} is made for {told}, as its header says.", _remedy(told, ()))


def _scales(
    name: str, held: Mapping[str, Matrices], header: Mapping[str, str], settings: str
) -> dict[str, float]:
    """Of each module: by the alpha beside it, else by what peft's settings say, in a folder of
    peft's or in diffusers' header; a file without any is meant as it is."""
    found = {n: one.alpha / one.rank for n, one in held.items() if one.alpha is not None}
    missing = {n: one.rank for n, one in held.items() if one.alpha is None}
    if not missing:
        return found
    if settings:
        given = {part: lora_scales.of_folder(name, settings) for part in PARTS}
    else:
        given = lora_scales.of_header(name, header)
    for part in PARTS:
        ranks = {n.partition(".")[2]: r for n, r in missing.items() if n.startswith(f"{part}.")}
        scaling = given.get(part, given.get("") if part == "unet" else None)
        scales = lora_scales.scales(name, scaling, ranks) if scaling else dict.fromkeys(ranks, 1.0)
        found |= {f"{part}.{path}": scale for path, scale in scales.items()}
    return found


def _left_out(names: Collection[str]) -> list[str]:
    """Sentences on what a file holds beside its pairs."""
    embeddings = {
        key.split(".")[1]
        for key in names
        if key.startswith(lora_names.EMBEDDING) and key.count(".")
    }
    said = [
        f"The embedding {shown(one)} in it is left out: its word means nothing here."
        for one in sorted(embeddings)
    ]
    others = Counter(lora_names.beside(key) for key in names if not lora_names.is_lora(key))
    del others[""]
    return said + [
        f"{many:,} {what} in it are left out: pictures will differ from its maker's."
        for what, many in others.items()
    ]


def _without_effect(pairs: Mapping[str, Pair]) -> list[str]:
    plain = [pair for pair in pairs.values() if pair.magnitude is None]
    silent = [pair for pair in plain if not pair.scale]
    if silent and len(silent) == len(pairs):
        return ["It has no effect: its alpha is 0 in all modules."]
    if silent:
        return [f"Its alpha is 0 in {len(silent)} of {len(pairs)} modules: no effect there."]
    if len(plain) == len(pairs) and not any(one.up.any() and one.down.any() for one in plain):
        return ["It has no effect: all its weights are 0."]
    return []
