"""A measuring by itself: from pictures to a LoRA's sheet and its figures, without the studio."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from studio import images
from studio.context import Progress, Report
from studio.datasets import versions as datasets
from studio.datasets.manifests import Look
from studio.datasets.pictures import Picture
from studio.diffusion import adapters, bases, bundled_bases, prompt_tokens, sampling
from studio.evaluation import contact_sheet, pixel_look
from studio.evaluation.prompt_sets import PromptSet
from studio.finishing.recipe import Recipe
from studio.generation import delivery, style_drawing
from studio.generation.prompts import with_trigger, without_trigger
from studio.generation.style_drawing import Loaded
from studio.workflows import recipes
from studio.workflows.model_kinds.kind import Drawer, Evaluated

FINISHING = "finishing"  # tag of a version: what was done to the pictures that were measured
Shown = tuple[Picture, Look]  # a picture of a dataset, with the look that it is shown with


@dataclass(frozen=True)
class LoraEvaluator:
    """How a LoRA's version is drawn and measured, in plain values.

    It is compared with `reference`, of which `unseen` taught it nothing; `taught` is empty where
    that is not known. `character` is how the one was called that it learned, "" where it learned a
    style. `clip_model` of open_clip measures as well; `fid_weights` is the SHA-256 of Inception's,
    "" without. `files` is what is read beside pictures and a base, by SHA-256. `says` tells people
    what is compared, `tags` are the version's. `recipe` finishes what is drawn, the base's half as
    well: what is compared is the model, not who was tidied up.
    """

    drawer: Drawer
    prompts: PromptSet
    reference: tuple[Shown, ...]
    unseen: tuple[Shown, ...]
    taught: tuple[Shown, ...]
    character: str
    clip_model: str
    fid_weights: str
    files: Mapping[str, Path]
    says: str
    tags: dict[str, str]
    recipe: Recipe | None = None

    @property
    def hashes(self) -> list[str]:
        """The files that it reads."""
        return [picture.hash for picture, _ in (*self.taught, *self.reference)]

    def __call__(
        self, files: Mapping[str, Path], folder: Path, device: str, report: Report
    ) -> Evaluated:
        """Draw the sheet into `folder`, with its base's beside it, and measure both."""
        from studio.evaluation import features, measurement

        report(self.says)
        loaded = recipes.with_recipe(self.drawer(files, device), self.recipe)
        asked = [(p, s) for p in self.prompts.prompts for s in self.prompts.seeds]
        seeds, word = [s for _, s in asked], loaded.trigger_word
        texts = [with_trigger(p, word) for p, _ in asked]
        plain = [without_trigger(p, word) for p, _ in asked]
        # Before anything is drawn, so that a wrong name costs no time.
        matte, clip = images.parse_colour(loaded.matte), []
        if self.clip_model:
            on = str(bases.pick_device(device))
            clip = [features.open_clip_features(self.clip_model, on, matte)]
        drawing = sampling.Draw().sized(loaded.size)
        for sentence in not_read(prompt_tokens.of_pipeline(loaded.pipeline), texts, plain):
            report(sentence)
        adapters.set_strength(loaded.pipeline, 0.0)
        told = _told(report, "base")
        raw_base = sampling.draw_pictures(
            loaded.pipeline, plain, seeds, drawing, told, captions=True
        )
        adapters.set_strength(loaded.pipeline, loaded.strength)
        told = _told(report, loaded.style)
        raw = sampling.draw_pictures(loaded.pipeline, texts, seeds, drawing, told, captions=True)
        finished = delivery.in_words(raw[0], loaded.crisp, loaded.finishing)
        base, drawn = _delivered(raw_base, loaded), _delivered(raw, loaded)
        report("measuring")
        real, taught = (_pictures(files, p, loaded) for p in (self.reference, self.taught))
        found = measurement.measure(
            base=base,
            version=drawn,
            texts=plain,
            real=real,
            train=taught,
            train_texts=[without_trigger(p.caption, word) for p, _ in self.taught],
            unseen=_pictures(files, self.unseen, loaded) if taught else [],
            held_out=bool(taught) and len(self.unseen) == len(self.reference),
            matte=matte,
            fid_weights=files[self.fid_weights] if self.fid_weights else None,
            also=clip,
        )
        contact_sheet.write_sheet(
            folder,
            loaded.style,
            loaded.version,
            self.prompts.version,
            asked,
            base,
            drawn,
            [(self.taught[k][0].hash, alike) for k, alike in found.nearest],
            finished,
            raw_base if finished else (),
            raw if finished else (),
        )
        plainly = [delivery.clear(one, loaded.matte) for one in raw] if finished else []
        figures = found.figures | pixel_look.measured(drawn, plainly, base, real)
        if taught and self.character:
            figures = figures | _posed(self.character, loaded, taught, folder)
        if taught:
            figures = figures | {"real_learned": float(len(self.reference) - len(self.unseen))}
        # Plain numbers, without numpy's types.
        tags = {**self.tags, FINISHING: finished}
        return Evaluated({name: float(value) for name, value in figures.items()}, tags)


def not_read(reader: prompt_tokens.Reader, texts: list[str], plain: list[str]) -> list[str]:
    """Sentences about prompts whose end the base does not read, or the practice CLIP: it may read
    less. `plain` are the texts without trigger words."""
    found = prompt_tokens.cut_off(reader, texts)
    clip = prompt_tokens.of_base(bundled_bases.DEFAULT)
    if clip and clip.most < reader.most and (cut := len(prompt_tokens.cut_off(clip, plain))):
        found.append(
            f"The practice CLIP reads {clip.most - 2} tokens: prompt adherence does not count the "
            f"end of {cut} of {len(set(plain))} prompts."
        )
    return found


def _delivered(drawn: Sequence[Image.Image], loaded: Loaded) -> list[Image.Image]:
    """The pictures as people get them: what is measured, rated and voted on is what is used."""
    return [loaded.finish(picture) for picture in drawn]


def _told(report: Report, side: str) -> Callable[[int, int], None]:
    def at(done: int, all: int) -> None:
        line = f"{side}: {done}/{all} pictures"
        report(Progress(line, done, all, "pictures", f"drawing {side}"))

    return at


def _posed(who: str, loaded: Loaded, taught: list[Image.Image], folder: Path) -> dict[str, float]:
    """The sheet of poses of a character, kept in `folder`, and how alike it is to its pictures."""
    from studio.evaluation import character_consistency

    asked = character_consistency.prompts(who)
    texts = [with_trigger(prompt, loaded.trigger_word) for prompt in asked]
    seeds = [character_consistency.SEED] * len(asked)
    drawing = sampling.Draw().sized(loaded.size)
    drawn = sampling.draw_pictures(loaded.pipeline, texts, seeds, drawing, captions=True)
    adapters.set_strength(loaded.pipeline, 0.0)
    base = sampling.draw_pictures(loaded.pipeline, asked, seeds, drawing, captions=True)
    adapters.set_strength(loaded.pipeline, loaded.strength)
    base, drawn = _delivered(base, loaded), _delivered(drawn, loaded)
    character_consistency.keep(folder, base, drawn)
    return character_consistency.figures(drawn, base, taught, images.parse_colour(loaded.matte))


def _pictures(
    files: Mapping[str, Path], wanted: Sequence[Shown], loaded: Loaded
) -> list[Image.Image]:
    """Pictures of datasets at the size at which the version's are delivered."""
    size = style_drawing.usual_side(loaded)

    def shown(picture: Picture, look: Look) -> Image.Image:
        file, hash = files.get(picture.hash), picture.hash
        opened = datasets.open_stored(file, hash, picture.file_name, picture.reading)
        scaled = images.scaled(opened, size, look.filter)
        return loaded.finishing.frame(scaled) if loaded.finishing else scaled

    return [shown(picture, look) for picture, look in wanted]
