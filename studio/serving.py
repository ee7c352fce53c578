"""A version behind `mlflow models serve` and `mlflow.pyfunc.load_model`: prompts in, pictures out.

They are finished by the recipe that is stored with the version's files, the one that held when it
was registered; what is changed in the studio later is not in them. `raw` leaves finishing out.

MLflow calls `_load_pyfunc` by its name, in a process that has this code on its path (the checkout
is where it is started, or on PYTHONPATH). Pictures come at the base's native size unless another is
asked for, one at a time, so that a picture is the one that the studio draws alone for the same
prompt and seed.
"""

from __future__ import annotations

import base64
import io
import logging
import threading
from pathlib import Path
from typing import Any

import studio.diffusion.torchvision_compat  # noqa: F401  first: what follows may import torchvision
from studio import numbers
from studio.diffusion import prompt_weights, sampling, sizes
from studio.errors import StudioError
from studio.finishing import recipe as written_recipes
from studio.generation import delivery, prompts, style_drawing
from studio.registry.models import LORA
from studio.settings import load_settings
from studio.tracking import files_flavor, flavor
from studio.workflows import recipes
from studio.workflows.model_kinds import table

ROWS = 16  # of one request
PROMPT = 2_000  # characters

logger = logging.getLogger(__name__)


class Drawer:
    """A loaded version; `predict` is what MLflow calls, one request at a time."""

    def __init__(self, loaded: style_drawing.Loaded) -> None:
        self.loaded = loaded
        self.turn = threading.Lock()

    def predict(self, rows: Any, params: dict[str, Any] | None = None) -> Any:
        """A table with a column `png` (base64, with alpha) from one with prompt and, if wanted,
        seed (0 otherwise); its column `notes` says where a prompt is drawn in chunks or has signs
        that are no weights. MlflowException, answered as 400, for what can't be drawn."""
        import pandas
        from mlflow.exceptions import MlflowException

        try:
            drawn = self._draw(rows, params or {})
        except StudioError as error:
            raise MlflowException.invalid_parameter_value(str(error)) from error
        return pandas.DataFrame(drawn, columns=["png", "notes"])

    def _draw(self, rows: Any, params: dict[str, Any]) -> list[tuple[str, str]]:
        loaded = self.loaded
        sides = _sides(params)
        draw = sampling.check_draw(
            sampling.Draw(
                steps=numbers.whole("steps", params.get("steps", flavor.STEPS), 1, 200),
                guidance=numbers.number("guidance", params.get("guidance", flavor.GUIDANCE), 0, 50),
                negative=str(params.get("negative", "")),
                width=sides["width"],
                height=sides["height"],
            )
        )
        raw = bool(params.get("raw", False))
        strength = numbers.number("strength", params.get("strength", loaded.strength), 0, 2)
        asked = [
            (str(text), numbers.seed(seed)) for text, seed in zip(*_columns(rows), strict=True)
        ]
        if len(asked) > ROWS:
            raise StudioError(f"{len(asked)} pictures are asked for.", f"Ask for at most {ROWS}.")
        if any(len(text) > PROMPT for text, _ in asked):
            raise StudioError("A prompt is too long.", f"Use at most {PROMPT:,} characters.")
        for text in (draw.negative, *(text for text, _ in asked)):
            prompt_weights.check(text)
        found = []
        with self.turn:
            for text, seed in asked:
                wish = style_drawing.Wish(text, seed)
                if notes := " ".join(style_drawing.notes(loaded, [wish], draw)):
                    logger.warning("%s", notes)
                full = prompts.with_triggers(text, [loaded.trigger_word])
                (picture,) = style_drawing.pictures(loaded, [full], [seed], draw, strength)
                kept = io.BytesIO()
                shown = delivery.clear(picture, loaded.matte) if raw else loaded.finish(picture)
                shown.save(kept, "PNG")
                found.append((base64.b64encode(kept.getvalue()).decode(), notes))
        return found


def _sides(params: dict[str, Any]) -> dict[str, int | None]:
    """Width and height; None where the base's own is meant, as by models of before."""
    return {
        name: numbers.whole(name, params.get(name, 0), 0, sizes.MOST) or None
        for name in ("width", "height")
    }


def _columns(rows: Any) -> tuple[list[Any], list[Any]]:
    texts = list(rows["prompt"])
    return texts, list(rows["seed"]) if "seed" in rows else [0] * len(texts)


def _load_pyfunc(path: str) -> Drawer:
    """The version whose model folder is `path`."""
    import yaml

    folder = Path(path)
    told = yaml.safe_load((folder / "MLmodel").read_text("utf-8"))
    about = {**told["metadata"], "run": told.get("run_id") or ""}
    kind = table.named(about.get("kind", LORA))
    if kind.serve is None:
        raise StudioError(f"A {kind.label} answers no prompts.", "Draw with it in the studio.")
    loaded = kind.serve(folder / files_flavor.own_files(told), about, load_settings())
    text = about.get(recipes.SERVED)
    return Drawer(recipes.with_recipe(loaded, written_recipes.read(text)) if text else loaded)
