"""What a training is told on its way: how it does on held-out pictures and on a small sheet, and
whether to go on. The rule itself stands in `studio.training.checkpoint_choice`.

A check that was journaled is not made again when a training is resumed; what follows from it
follows again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.diffusion import bundled_bases, sampling
from studio.evaluation import features, metrics
from studio.evaluation.prompt_sets import PromptSet
from studio.generation.prompts import with_trigger
from studio.training import checkpoint_choice, heldout, kept_adapters
from studio.training.checkpoint_choice import Check
from studio.training.config import TrainConfig

if TYPE_CHECKING:
    from PIL import Image

SHEET = 8  # pictures of the small sheet; the previews are the first of them
COMPARED = 1_000  # training pictures that outputs are compared with
ENOUGH_HELD = 16  # held-out pictures from which on KID is measured against them alone

Open = Callable[[], "Image.Image"]


def sheet_prompts(found: PromptSet) -> tuple[str, ...]:
    """Prompts of the small sheet: in turns one that was trained on and one that was not."""
    unseen = set(found.unseen)
    sides = [[p for p in found.prompts if (p in unseen) == side] for side in (False, True)]
    longest = max(map(len, sides), default=0)
    mixed = [side[k] for k in range(longest) for side in sides if k < len(side)]
    return tuple(mixed[:SHEET])


@dataclass
class Sheet:
    """The small sheet of a training, drawn once a step however many ask for it."""

    pipeline: Any
    prompts: tuple[str, ...]
    trigger_word: str
    seed: int
    draw: sampling.Draw = sampling.Draw()
    step: int = -1
    pictures: list[Image.Image] = field(default_factory=list)

    def drawn(self, step: int, count: int = SHEET) -> list[Image.Image]:
        """The first `count` pictures with the adapter as it is at `step`, one for each prompt."""
        wanted = self.prompts[:count]
        if step != self.step or len(self.pictures) < len(wanted):
            texts = [with_trigger(prompt, self.trigger_word) for prompt in wanted]
            seeds = [self.seed] * len(texts)
            self.pictures = sampling.draw_pictures(
                self.pipeline, texts, seeds, self.draw, captions=True
            )
            self.step = step
        return self.pictures[:count]


@dataclass(frozen=True)
class Real:
    """A dataset's picture: its hash, its place in the set from 1, and how to open it scaled."""

    hash: str
    number: int
    open: Open


class Figures:
    """Figures of the small sheet against the dataset's own pictures, read at the first check."""

    def __init__(
        self, taught: Sequence[Real], held: Sequence[Real], matte: tuple[int, int, int]
    ) -> None:
        self.taught = _spread(taught, COMPARED)
        self.held, self.matte = held, matte
        self.ready = False

    def measure(
        self, prompts: Sequence[str], pictures: list[Image.Image]
    ) -> tuple[dict[str, float], Real]:
        """Figures by name, and the training picture that an output came closest to."""
        if not self.ready:
            self._read()
        tag = self.seen.name.replace("-", "_")
        drawn = self.seen.encode_pictures(pictures)
        index, cosines = metrics.nearest(drawn, self.views)
        found = {
            "drawn": float(len(pictures)),
            "nearest": float(cosines.max()),
            "copies": float((cosines > self.threshold).sum()),
            "copy_threshold": self.threshold,
            "style_similarity": metrics.style_similarity(drawn, self.beside),
        }
        if min(len(drawn), len(self.beside)) >= 2:
            found[f"kid_{tag}"] = metrics.kid(drawn, self.beside)
        if self.seen.encode_texts:
            texts = self.seen.encode_texts(list(prompts))
            found[f"clip_score_{tag}"] = metrics.clip_score(drawn, texts)
        return found, self.taught[int(index[int(cosines.argmax())])]

    def _read(self) -> None:
        self.seen = features.pocket_features(bundled_bases.CLIP, self.matte)
        pictures = [one.open() for one in self.taught]
        self.views = features.encode_views(self.seen, pictures)
        self.threshold = metrics.copy_threshold(self.views[0]) if len(pictures) > 1 else 1 - 1e-4
        held = [one.open() for one in self.held]
        self.beside = self.seen.encode_pictures(held) if held else self.views[0]
        if held and len(held) < ENOUGH_HELD:
            self.beside = features.np.concatenate([self.views[0], self.beside])
        self.ready = True


@dataclass(frozen=True)
class Checker:
    """Makes checks in the run's `folder`. `lose` measures the validation loss, None: nothing is
    held out; `write` writes the adapter's tensors into a folder; `told` is given each check that
    was made; `stop` may end the training for a reason of somebody else's, a sweep's say."""

    folder: Path
    sheet: Sheet
    figures: Figures
    lose: Callable[[], float] | None
    write: Callable[[Path, Any], object]
    told: Callable[[Check], None]
    patience: int
    stop: Callable[[Check], bool] = lambda check: False

    def __call__(self, step: int, tensors: Any) -> bool:
        """Check step `step`; True: stop here. The adapter and the journal come first."""
        before = checkpoint_choice.read(self.folder)
        done = next((check for check in before if check.step == step), None)
        if done is None:
            done = self._check(step)
            kept_adapters.keep(self.folder, step, lambda aside: self.write(aside, tensors))
            checkpoint_choice.append(self.folder, done)
            top = checkpoint_choice.best([*before, done])
            kept_adapters.prune(self.folder, {step, top.step if top else step})
            self.told(done)
        known = [check for check in (*before, done) if check.step <= step]
        return checkpoint_choice.enough(known, self.patience) or self.stop(done)

    def _check(self, step: int) -> Check:
        figures = {checkpoint_choice.LOSS: self.lose()} if self.lose else {}
        drawn = self.sheet.drawn(step)
        found, near = self.figures.measure(self.sheet.prompts, drawn)
        at = time.time_ns() // 1_000_000
        return Check(step, at, {**figures, **found}, near.hash, near.number)


def losing(pipeline: Any, held: Any, config: TrainConfig) -> Callable[[], float]:
    """What measures the loss on the held-out pictures `held` with the adapter as it is."""
    from accelerate import Accelerator

    from studio.diffusion.conditioning import condition
    from studio.training.noising import Noising

    def told(seen: Any) -> Any:
        if not config.train_text_encoder:
            return seen
        said = condition(pipeline, list(seen.captions))
        return replace(seen, text=said.text, pooled=said.pooled)

    def lost() -> float:
        accelerator = Accelerator(
            mixed_precision=config.mixed_precision, cpu=pipeline.device.type == "cpu"
        )
        noising = Noising(pipeline.scheduler.config, pipeline.device, config)
        return heldout.loss(pipeline.unet, held, noising, config, accelerator, told)

    return lost


def _spread(found: Sequence[Real], most: int) -> list[Real]:
    """At most `most` of them, evenly from all over the set."""
    every = max(1, -(-len(found) // most))
    return list(found[::every])
