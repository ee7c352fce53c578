"""Which family a base is of, told before anything is loaded or fetched: presets depend on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studio.diffusion import single_file
from studio.diffusion.folder_layout import WIDTH_OF_2, is_practice
from studio.errors import StudioError

PRACTICE, SD1, SD2, SDXL = "practice", "sd1", "sd2", "sdxl"
SIDES = {PRACTICE: 32, SD1: 512, SD2: 768, SDXL: 1024}  # pixels


def family_of(name: str) -> str:
    """PRACTICE, SD1, SD2 or SDXL. Of a Hub id that is not kept on this machine the name decides;
    what is no base at all counts as SD1 here and is refused where it is looked for."""
    if is_practice(name):
        return PRACTICE
    place = Path(name).expanduser()
    if name and place.is_file():
        try:
            return single_file.look(place).family
        except StudioError:
            return SD1
    unet = _json(place / "unet" / "config.json" if name and place.is_dir() else kept(name))
    if unet:
        large = unet.get("addition_embed_type") == "text_time"
        return SDXL if large else SD2 if unet.get("cross_attention_dim") == WIDTH_OF_2 else SD1
    said = name.rpartition("/")[2].lower()
    if "xl" in said or "pony" in said or "illustrious" in said:
        return SDXL
    return SD2 if "diffusion-2" in said or "sd2" in said else SD1


def native_side(name: str) -> int:
    """Pixels a side that a base draws best, as far as is known before it is loaded."""
    family = family_of(name)
    if family != PRACTICE:
        place = Path(name).expanduser()
        unet = _json(place / "unet" / "config.json" if name and place.is_dir() else kept(name))
        if isinstance(side := unet.get("sample_size"), int):
            return side * 8  # of each latent, in all three families
    return SIDES[family]


def predicts_velocity(path: str) -> bool:
    """Whether a base, by the path that versions keep, predicts v; False where nothing tells."""
    place = Path(path)
    if path and place.is_file():
        try:
            return single_file.look(place).velocity
        except StudioError:
            return False
    inside = "scheduler/scheduler_config.json"
    told = _json(place / inside if path and place.is_dir() else kept(path, inside))
    return told.get("prediction_type") == "v_prediction"


def kept(name: str, inside: str = "unet/config.json") -> Path | None:
    """A file of a Hub id that was fetched once."""
    if name.count("/") != 1 or name.startswith((".", "/", "~")) or name.endswith("/"):
        return None
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name, inside)
    return Path(found) if isinstance(found, str) else None


def _json(file: Path | None) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8")) if file else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
