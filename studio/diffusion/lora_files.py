"""LoRA files of any layout as one thing: pairs of small matrices by the base's own modules.

Read with numpy, so that pages can look at files without torch. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio.diffusion.weight_shapes import PARTS, TEXT, Shapes
from studio.errors import StudioError

Array = np.ndarray[Any, np.dtype[Any]]
PEFT = "lora_adapter_metadata"  # diffusers' key of the header, with peft's settings in it
MOST_BYTES = 4 * 1024**3
DTYPES = {"F64": ("<f8", 8), "F32": ("<f4", 4), "F16": ("<f2", 2), "BF16": ("<u2", 2)}
ENDS = {
    "down": (
        ".lora_down.weight",
        ".lora_A.weight",
        ".lora_A.default.weight",
        ".lora.down.weight",
        ".lora_linear_layer.down.weight",
        "_lora.down.weight",
    ),
    "up": (
        ".lora_up.weight",
        ".lora_B.weight",
        ".lora_B.default.weight",
        ".lora.up.weight",
        ".lora_linear_layer.up.weight",
        "_lora.up.weight",
    ),
    "mid": (".lora_mid.weight",),
    "alpha": (".alpha",),
    "magnitude": (
        ".lora_magnitude_vector",
        ".lora_magnitude_vector.weight",
        ".lora_magnitude_vector.default.weight",
        ".dora_scale",
    ),
}
# Of DoRA. With its end, which peft leaves out: transformers finds no place without it.
MAGNITUDE = ".lora_magnitude_vector.weight"
OTHERS = {
    "hada_w": "LoHa",
    "lokr_w": "LoKr",
    "oft_": "OFT",
    "diff": "full differences",
}
WHOLE = ("model.diffusion_model.", "first_stage_model.", "cond_stage_model.", "conditioner.")
SAFE = "Ask whoever made it for a LoRA as .safetensors."


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
    """A LoRA by the base's modules ("unet.conv_in"), and its header. `half`: kept in 16 bits."""

    pairs: dict[str, Pair]
    header: dict[str, str]
    half: bool = False

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


def read(file: Path, shapes: Shapes, name: str = "") -> Lora:
    """The LoRA in a file, checked against the base in every shape and every value.

    `name` is what errors call it. StudioError for what is no safetensors (above all a pickle),
    not whole, no LoRA, another kind of adapter, made for another base, or not finite.
    """
    name = name or file.name
    tensors, header = _open(file, name)
    _check_kind(tensors, name)
    found: dict[str, dict[str, str]] = {}
    for key in tensors:
        module, role = _place(key, shapes)
        if not module:
            raise StudioError(f"{name} acts on {key}, which the base lacks.", _right(tensors))
        if role in found.setdefault(module, {}):
            raise StudioError(f"{name} holds {module} twice.", SAFE)
        found[module][role] = key
    if not any(module.startswith("unet.") for module in found):
        raise StudioError(f"{name} holds nothing for the UNet.", "Give one that changes pictures.")
    told = _told(header)
    pairs = {m: _pair(name, m, roles, tensors, shapes, told) for m, roles in found.items()}
    half = all(kind in ("F16", "BF16") for kind, _ in tensors.values())
    return Lora(pairs, header, half)


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
    save_file(tensors, file, metadata={"format": "pt", PEFT: _settings(lora), **header})


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


def _open(file: Path, name: str) -> tuple[dict[str, tuple[str, Array]], dict[str, str]]:
    """The tensors as (kind, view into the file), and the header's texts."""
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise StudioError(f"{name} has {size / 1024**3:.1f} GB.", "A LoRA has up to 4.")
        with file.open("rb") as opened:
            head = opened.read(8)
            length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
            if not 2 <= length <= min(size - 8, 100_000_000):
                raise ValueError("its beginning is not one of safetensors")
            about = json.loads(opened.read(length))
        header = about.pop("__metadata__", None) or {}
        tensors: dict[str, tuple[str, Array]] = {}
        end = 0
        data = (
            np.memmap(file, np.uint8, "r", 8 + length) if size > 8 + length else np.empty(0, "u1")
        )
        for key, one in about.items():
            start, stop = one["data_offsets"]
            kind, shape = one["dtype"], [int(side) for side in one["shape"]]
            if kind not in DTYPES:
                raise StudioError(f"{name} holds {kind} values.", "Give it in 16 or 32 bits.")
            dtype, width = DTYPES[kind]
            if stop - start != math.prod(shape) * width or not 0 <= start <= stop:
                raise ValueError(f"{key} does not have the size that is said")
            if stop > data.size:
                raise StudioError(f"{name} is cut off: {key} is missing.", "Fetch it once more.")
            tensors[key] = kind, data[start:stop].view(dtype).reshape(shape)
            end = max(end, stop)
        if end != data.size:
            raise ValueError("it goes on after its end")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StudioError(*_not_safetensors(file, name, error)) from error
    return tensors, {str(key): str(value) for key, value in header.items()}


def _not_safetensors(file: Path, name: str, error: Exception) -> tuple[str, str]:
    try:
        with file.open("rb") as opened:
            head = opened.read(4)
    except OSError:
        return f"{name} can't be read: {error}", "Send it again."
    if head[:2] == b"PK" or head[:1] == b"\x80":
        return (
            f"{name} is a pickle (.pt, .ckpt or .bin), whatever its name: opening one runs "
            "what its maker wrote.",
            SAFE,
        )
    return f"{name} is not a whole safetensors file: {error}", SAFE


def _check_kind(tensors: dict[str, Any], name: str) -> None:
    whole = any(key.startswith(WHOLE) for key in tensors)
    for key in () if whole else tensors:
        for mark, kind in OTHERS.items():
            if mark in key.split(".", 1)[-1]:
                raise StudioError(f"{name} is {kind}, not a plain LoRA.", "Give a LoRA or LoCon.")
    if not any(key.endswith(ENDS["down"]) for key in tensors):
        said = "is a whole model" if whole else "holds no LoRA weights"
        raise StudioError(f"{name} {said}.", "Give a LoRA in safetensors.")


def _place(key: str, shapes: Shapes) -> tuple[str, str]:
    """The module and the role of a tensor; ("", "") for one that has no place in the base."""
    for role, ends in ENDS.items():
        for end in ends:
            if not key.endswith(end):
                continue
            name = re.sub(r"\.processor(?=[._])", "", key.removesuffix(end))
            if end.startswith("_lora") and name.endswith("to_out"):
                name += ".0"
            if module := shapes.places.get(name):
                return module, role
    return "", ""


FAMILIES = {768: "Stable Diffusion 1.x", 1024: "Stable Diffusion 2.x", 2048: "SDXL"}
FOREIGN = {
    "double_blocks": "Flux",
    "single_transformer_blocks": "Flux",
    "single_blocks": "Flux",
    "joint_blocks": "Stable Diffusion 3",
    "transformer.transformer_blocks": "Flux or Stable Diffusion 3",
}


def _right(tensors: dict[str, tuple[str, Array]]) -> str:
    """What to choose instead, by what the file itself gives away of its base."""
    for key, (_, value) in tensors.items():
        for mark, family in FOREIGN.items():
            if mark in key:
                return f"It is made for {family}, which is no base here."
        down = key.endswith(ENDS["down"]) and "attn2" in key and re.search(r"to_[kv](\.|_)", key)
        if down and value.ndim == 2 and value.shape[1] in FAMILIES:
            return f"It is made for {FAMILIES[value.shape[1]]}; choose the base of its training."
    return "Choose the base that it was trained on."


def _told(header: dict[str, str]) -> dict[str, Any]:
    try:
        told = json.loads(header.get(PEFT, "{}"))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _scale(module: str, rank: int, told: dict[str, Any]) -> float:
    """What diffusers' header says; a file without it is meant as it is."""
    part, _, path = module.partition(".")
    if f"{part}.lora_alpha" not in told:
        return 1.0
    alpha = told[f"{part}.lora_alpha"]
    for pattern, value in (told.get(f"{part}.alpha_pattern") or {}).items():
        if path == pattern or path.endswith(f".{pattern}"):
            alpha = value
    # alpha / rank: Hu et al. 2021; alpha / sqrt(rank): Kalajdzievski, 2023 (rsLoRA).
    rooted = told.get(f"{part}.use_rslora")
    return float(alpha) / (math.sqrt(rank) if rooted else rank)


def _pair(
    name: str,
    module: str,
    roles: dict[str, str],
    tensors: dict[str, tuple[str, Array]],
    shapes: Shapes,
    told: dict[str, Any],
) -> Pair:
    if not {"down", "up"} <= roles.keys():
        raise StudioError(f"{name} holds {module} by half only.", "Fetch it once more.")
    values = {role: _float(*tensors[key]) for role, key in roles.items()}
    for role, value in values.items():
        if not np.isfinite(value).all():
            raise StudioError(
                f"{name} holds numbers that are none (NaN or infinite) in {roles[role]}.",
                "Its training went wrong; use an earlier file.",
            )
    want, down, up = shapes.modules[module], values["down"], values["up"]
    said = f"{name}: {module} is of shape {list(down.shape)} and {list(up.shape)}, the base's is "
    other = StudioError(f"{said}{list(want)}.", _right(tensors))
    if down.ndim not in (2, 4) or up.ndim not in (2, 4) or 0 in down.shape or 0 in up.shape:
        raise other
    if (mid := values.get("mid")) is not None:  # LoCon in three parts
        if mid.ndim != 4 or mid.shape[1] != down.shape[0] or mid.shape[0] != up.shape[1]:
            raise other
        down = np.einsum("rskl,si->rikl", mid, down.reshape(down.shape[0], -1))
    rank = down.shape[0]
    # A convolution of 1 x 1 may be kept as a plain matrix, and the other way round.
    if math.prod(down.shape) != rank * math.prod(want[1:]) or down.shape[1] != want[1]:
        raise other
    if up.shape[:2] != (want[0], rank) or math.prod(up.shape) != want[0] * rank:
        raise other
    alpha = values.get("alpha")
    if alpha is not None and alpha.size != 1:
        raise StudioError(f"{name}: {roles['alpha']} is not one number.", SAFE)
    scale = _scale(module, rank, told) if alpha is None else float(alpha.reshape(())) / rank
    if (magnitude := values.get("magnitude")) is not None:
        if magnitude.size != want[0] or (
            magnitude.ndim > 1
            and magnitude.shape[0] == 1 != want[0]
            and ".dora_scale" in roles["magnitude"]
        ):
            raise StudioError(
                f"{name}: {roles['magnitude']} is of shape {list(magnitude.shape)}: a DoRA that "
                "measures inputs, not outputs.",
                "Give a LoRA, or a DoRA made by peft.",
            )
        magnitude = magnitude.reshape(-1)
    return Pair(
        down.reshape(rank, *want[1:]),
        up.reshape(want[0], rank, *[1] * (len(want) - 2)),
        scale,
        magnitude,
    )


def _float(kind: str, value: Array) -> Array:
    if kind == "BF16":
        return (value.astype(np.uint32) << 16).view(np.float32)
    return np.asarray(value, np.float32)
