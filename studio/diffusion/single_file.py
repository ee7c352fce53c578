"""A base as one .safetensors file, the way sites for models hand them out.

Such a file holds the weights under the original code's names and nothing else: configurations of
Stable Diffusion 1.x, 2.x and SDXL lie beside this module, and the tokenizer that all three share
is made of the vocabulary that open_clip brings. So nothing is fetched.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from studio.diffusion import licences, origins, tensor_headers
from studio.diffusion.folder_layout import WORKS
from studio.diffusion.stored_tensors import FLOATS, Stored, floats
from studio.diffusion.weight_shapes import Shapes, from_ldm, named
from studio.errors import StudioError

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

CONFIGURATIONS = Path(__file__).parent / "configurations"
UNET = "model.diffusion_model."
AUTOENCODER = "first_stage_model."
# The text encoders' beginnings, by family: in the order of a pipeline.
TEXTS = {
    "sd1": ("cond_stage_model.transformer.",),
    "sd2": ("cond_stage_model.model.",),
    "sdxl": ("conditioner.embedders.0.transformer.", "conditioner.embedders.1.model."),
}
# What other files of Stable Diffusion hold, by a piece of a name: what to say of them.
OTHERS = {
    "control_model.": "a ControlNet",
    "lora_down.weight": "a LoRA, not a base",
    "lora_A.weight": "a LoRA, not a base",
    "conditioner.embedders.0.model.": "the refiner of SDXL, not the base",
    "down_blocks.0.resnets": "one part of a base alone, in diffusers' layout",
    "decoder.up.0.block": "an autoencoder alone",
}
CHANNELS = {
    5: "a base for depth pictures",
    7: "an upscaler",
    8: "a base for instructions",
    9: "a base for inpainting",
}
# Where 2.x predicts velocity this weight spreads more: a mark that ComfyUI found.
TELLTALE = f"{UNET}output_blocks.11.1.transformer_blocks.0.norm1.bias"
SPREAD = 0.09
MOST_BYTES = 1024**2  # of a tensor whose values are looked at
SMALL_2 = 64  # latents a side of 2.x that predicts noise: 512 px; the other one has 96


@dataclass(frozen=True)
class Found:
    """What a file is. `family` is sd1, sd2 or sdxl; `velocity`: it predicts v, not noise; `dark`:
    its noise goes down to nothing but noise; `licence` is name and whether pictures may be sold."""

    family: str
    velocity: bool
    dark: bool
    licence: tuple[str, bool | None]


def look(file: Path) -> Found:
    """What the file is, by its header alone. StudioError for what is no base of ours, by name."""
    opened = _opened(file)
    shapes, told = opened.shapes, opened.told
    family = _family(file, shapes, told)
    licence = told.get("modelspec.license", "").strip()[:100]
    return Found(
        family,
        _velocity(file, family, shapes, told),
        "ztsnr" in shapes,
        (licence, licences.may_sell(licence.lower())) if licence else licences.UNKNOWN,
    )


def _opened(file: Path) -> tensor_headers.Header:
    try:
        return tensor_headers.read(file)
    except (OSError, ValueError) as error:
        if tensor_headers.is_pickle(file):
            raise StudioError(
                f"{file} is a pickle, which can run any code when it is loaded.",
                "Get the base as .safetensors.",
            ) from error
        raise StudioError(
            f"{file} is not a whole safetensors file: {error}.", "Copy or download the base again."
        ) from error


def _family(file: Path, shapes: Mapping[str, tuple[int, ...]], told: Mapping[str, str]) -> str:
    for key in shapes:
        for mark, kind in OTHERS.items():
            if mark in key and not (mark.startswith("decoder") and key.startswith(AUTOENCODER)):
                raise StudioError(f"{file} is {kind}.", WORKS)
    first = shapes.get(f"{UNET}input_blocks.0.0.weight")
    if first is None or len(first) != 4:
        if family := origins.made_for(shapes, told):
            raise StudioError(f"{file} is of {family}, not Stable Diffusion 1.x, 2.x or XL.", WORKS)
        raise StudioError(f"{file} is no Stable Diffusion: it has no UNet of that kind.", WORKS)
    if first[1] != 4:
        kind = CHANNELS.get(first[1], f"a base of {first[1]} channels")
        raise StudioError(f"{file} is {kind}.", WORKS)
    large = f"{UNET}label_emb.0.0.weight" in shapes
    listens = [s[1] for k, s in shapes.items() if k.endswith("attn2.to_k.weight") and len(s) > 1]
    has_old = any(key.startswith(TEXTS["sd1"]) for key in shapes)
    family = "sdxl" if large else "sd1" if has_old else "sd2" if listens else ""
    if not family:
        raise StudioError(f"{file} listens to no text.", WORKS)
    for start in (*TEXTS[family], AUTOENCODER):
        if not any(key.startswith(start) for key in shapes):
            what = "autoencoder" if start == AUTOENCODER else "text encoder"
            raise StudioError(
                f"{file} has no {what} (nothing of {start}*).",
                f"Get a file with all parts of the base. {WORKS}",
            )
    return family


def _velocity(
    file: Path, family: str, shapes: Mapping[str, tuple[int, ...]], told: Mapping[str, str]
) -> bool:
    """Whether the file predicts velocity: by the settings beside it (NAME.yaml, as A1111 wants
    them), its header, a mark among its weights, or of 2.x by one weight's spread."""
    beside = file.with_suffix(".yaml")
    if beside.is_file():
        try:
            asked = yaml.safe_load(beside.read_text("utf-8"))["model"]["params"]
            return bool(asked.get("parameterization", "eps") == "v")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
            raise StudioError(f"{beside} can't be read: {error}", "Mend it or move it.") from error
    said = told.get("modelspec.prediction_type", "")
    if said in ("v", "epsilon"):
        return said == "v"
    if "768-v" in told.get("modelspec.architecture", "") or "v_pred" in shapes:
        return True
    if family != "sd2" or TELLTALE not in shapes:
        return False
    return bool(np.std(_values(file, TELLTALE)) > SPREAD)


def _values(file: Path, name: str) -> NDArray[np.float32]:
    """One small tensor's values in a row, read without torch: pages look at bases too."""
    tensor = tensor_headers.read(file).tensors[name]
    if tensor.kind not in FLOATS or not 0 < tensor.stop - tensor.start < MOST_BYTES:
        return np.zeros(1, "<f4")
    with file.open("rb") as opened:
        opened.seek(tensor.start)
        data = opened.read(tensor.stop - tensor.start)
    return floats(Stored(tensor.kind, np.frombuffer(data, FLOATS[tensor.kind])))


def shapes_of_file(file: Path) -> Shapes:
    """The modules that a LoRA can act on, by diffusers' names, and their shapes."""
    family, found = look(file).family, _opened(file).shapes
    try:
        return _modules(family, found)
    except (ValueError, IndexError, StopIteration) as error:
        raise StudioError(
            f"{file} has parts that no {origins.OURS[family]} has.",
            f"It is made of other parts. {WORKS}",
        ) from error


def _modules(family: str, found: Mapping[str, tuple[int, ...]]) -> Shapes:
    """The same of a file's names and shapes. ValueError, IndexError and StopIteration for names
    that are none."""
    layers = next(n for n in range(1, 9) if f"{UNET}input_blocks.{n + 1}.0.op.weight" in found)
    modules: dict[str, tuple[int, ...]] = {}
    for key, shape in found.items():
        path = key.removesuffix(".weight")
        if len(shape) not in (2, 4):
            continue
        if key.startswith(UNET) and path != key:
            modules[f"unet.{from_ldm(path.removeprefix(UNET), layers)}"] = shape
        for part, start in zip(("text_encoder", "text_encoder_2"), TEXTS[family], strict=False):
            if key.startswith(start):
                modules |= _text_modules(part, key.removeprefix(start), shape)
    if family == "sd2":  # what stands behind the last but one is not used
        depth = [int(n.split(".")[4]) for n in modules if ".encoder.layers." in n]
        last = f"text_encoder.text_model.encoder.layers.{max(depth)}."
        modules = {
            n: s for n, s in modules.items() if not n.startswith((last, "text_encoder.text_p"))
        }
    return Shapes(family, layers, modules)


OPEN_CLIP = {"attn.out_proj": "self_attn.out_proj", "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2"}


def _text_modules(part: str, key: str, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """A text encoder's tensor as modules by their names in transformers; none for embeddings."""
    path = key.removesuffix(".weight")
    if "embedding" in path:
        return {}
    if path == "text_projection":  # [in, out] here, a matrix of [out, in] there
        return {f"{part}.text_projection": (shape[1], shape[0])}
    if not path.startswith("transformer.resblocks."):
        return {named(part, path): shape} if path != key else {}
    number, _, inner = path.removeprefix("transformer.resblocks.").partition(".")
    layer = named(part, f"encoder.layers.{number}")
    if inner == "attn.in_proj_weight":
        third = (shape[0] // 3, shape[1])
        return {f"{layer}.self_attn.{one}_proj": third for one in "qkv"}
    return {f"{layer}.{OPEN_CLIP.get(inner, inner)}": shape}


def load(file: Path, name: str, kind: torch.dtype) -> Any:
    """The file's pipeline, its weights in precision `kind`. Raises StudioError."""
    from studio.diffusion import torchvision_compat  # noqa: F401, I001
    import diffusers

    found = look(file)
    folder = CONFIGURATIONS / found.family
    large = found.family == "sdxl"
    cls = diffusers.StableDiffusionXLPipeline if large else diffusers.StableDiffusionPipeline
    parts: dict[str, Any] = {"tokenizer": tokenizer("!" if found.family == "sd2" else END)}
    if large:
        parts |= {"tokenizer_2": tokenizer("!"), "add_watermarker": False}
    else:
        parts |= {"safety_checker": None, "requires_safety_checker": False}
    cut = StudioError(
        f"{name} has not all weights of its kind ({found.family}).",
        f"It is cut down, or made of other parts. {WORKS}",
    )
    try:
        pipeline: Any = cls.from_single_file(
            str(file), config=str(folder), torch_dtype=kind, local_files_only=True, **parts
        )
    except (NotImplementedError, RuntimeError) as error:
        if "meta tensor" in str(error):  # what no weight was found for
            raise cut from error
        raise
    for part in ("unet", "vae", "text_encoder", *(["text_encoder_2"] if large else [])):
        model = getattr(pipeline, part)
        if any(weight.device.type == "meta" for weight in model.parameters()):
            raise cut
        model.eval()
    pipeline.scheduler = _scheduler(pipeline.scheduler, found)
    if found.family == "sd2" and not found.velocity:
        pipeline.unet.register_to_config(sample_size=SMALL_2)
    return pipeline


def _scheduler(given: Any, found: Found) -> Any:
    changes: dict[str, Any] = {"prediction_type": "v_prediction" if found.velocity else "epsilon"}
    if found.dark:
        changes |= {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    return type(given).from_config(given.config, **changes)


START, END = "<|startoftext|>", "<|endoftext|>"
MERGES = 49_152 - 256 - 2  # of the vocabulary's lines that CLIP knows


def tokenizer(pad: str) -> Any:
    """CLIP's tokenizer for 77 tokens; `pad` fills short texts up."""
    from transformers import CLIPTokenizer

    vocabulary, merges = clip_vocabulary()
    return CLIPTokenizer(
        vocab=dict(vocabulary),
        merges=list(merges),
        unk_token=END,
        bos_token=START,
        eos_token=END,
        pad_token=pad,
        model_max_length=77,
    )


@cache
def clip_vocabulary() -> tuple[dict[str, int], list[Any]]:
    """CLIP's words with their numbers, and the pairs that they are made of."""
    spec = find_spec("open_clip")
    if spec is None or not spec.submodule_search_locations:
        raise StudioError("open_clip is not installed.", "Run: pip install -r requirements.txt")
    file = Path(spec.submodule_search_locations[0]) / "bpe_simple_vocab_16e6.txt.gz"
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        lines = [line.rstrip("\n") for line in islice(opened, 1, MERGES + 1)]
    merges = [(one, other) for one, _, other in (line.partition(" ") for line in lines)]
    signs = _signs()
    words = [*signs, *(f"{sign}</w>" for sign in signs), *(a + b for a, b in merges), START, END]
    return {word: number for number, word in enumerate(words)}, merges


def _signs() -> list[str]:
    """A printable sign for each byte, in the order that GPT-2's code gave them."""
    plain = [
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    ]
    others = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) for byte in plain] + [chr(256 + n) for n in range(len(others))]
