"""Tiles drawn anew by a loaded pipeline: each begins from its own pixels (img2img), is led by them
through a ControlNet, and takes after a reference picture.

What does not change from tile to tile is computed once: the words' states, what the reference's
encoder saw, what a ControlNet makes of a tile's pixels. The noise is cut from one canvas, so that
tiles that overlap begin alike. Light until `load`: a door may ask `check`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.diffusion import (
    adapters,
    control_files,
    controls,
    ip_adapters,
    samplers,
    watched_models,
)
from studio.diffusion.controls import Control, Led
from studio.diffusion.ip_adapters import Reference
from studio.diffusion.sizes import Size, on_grid
from studio.errors import StudioError
from studio.upscaling import tile_pixels

if TYPE_CHECKING:
    import torch
    from PIL import Image

    from studio.upscaling.engine import Block
    from studio.upscaling.settings import Settings

STACK = 5  # LoRAs that act at once, the style's own among them
GIVEN = ("openpose", "depth")  # kinds of control that no tile's pixels give
PARTS = ("unet", "vae", "text_encoder", "text_encoder_2")  # of a pipeline, that compute
Step = Callable[[int, int], None]


def check(home: Path, settings: Settings, base: str) -> None:
    """StudioError for what a drawing by tiles on the base of this name can't use: a ControlNet or
    an IP-Adapter that is for bases of another family, or is not there; more LoRAs than STACK; a
    sampler, a strength or a stretch of steps that there is not."""
    samplers.check(settings.sampler)
    _check_shares(settings)
    if 1 + len(settings.adapters) > STACK:
        raise StudioError(
            f"{1 + len(settings.adapters)} LoRAs are asked for.", f"Take at most {STACK}."
        )
    if settings.controlnet:
        kept = control_files.named(home, settings.controlnet, base, control_files.CONTROLNET)
        if kept.kind in GIVEN:
            raise StudioError(
                f"{kept.name} is led by a picture that is made by hand, which tiles have not.",
                "Take a tile ControlNet.",
            )
        controls.check(settings.control, settings.control_start, settings.control_end)
    if settings.reference:
        reference_adapter(home, base, settings.ip_adapter)
        ip_adapters.check_scale(settings.reference_scale)


def _check_shares(settings: Settings) -> None:
    """StudioError for a strength that leaves no step to draw: light, as a door needs it."""
    asked = {"strength": settings.strength}
    if settings.seam:
        asked["seam_strength"] = settings.seam_strength
    for name, share in asked.items():
        if int(settings.steps * share) < 1:
            raise StudioError(
                f"{name} is {share:g}, which leaves none of {settings.steps} steps.",
                f"Give at least {math.ceil(100 / settings.steps) / 100:g}, or more steps.",
            )


def reference_adapter(home: Path, base: str, name: str = "") -> control_files.Kept:
    """The IP-Adapter that a reference picture goes through: of this name, else the first for the
    base; StudioError where there is none."""
    if name:
        return control_files.named(home, name, base, control_files.IP_ADAPTER)
    found = control_files.offered(home, base, control_files.IP_ADAPTER)
    if not found:
        from studio.diffusion import families

        family = families.family_of(base)
        raise StudioError(
            f"The base {base} takes no reference picture here.",
            control_files.missing(family, control_files.IP_ADAPTER),
        )
    return found[0]


def load(
    pipeline: Any,
    settings: Settings,
    *,
    strength: float = 0.0,
    others: Mapping[str, tuple[Path, float]] | None = None,
    control: Control | None = None,
    reference: Reference | None = None,
) -> DiffusionEngine:
    """An engine over a pipeline as `bases.load_pipeline` gives it, with the style's own adapter
    attached already, at `strength`; `others` are the files and strengths of those beside it, by a
    name without dots. StudioError for a file that is missing or does not fit.

    The pipeline's adapters and ControlNets are then those of this engine until another is loaded.
    """
    from studio.diffusion import img2img

    others = others or {}
    if 1 + len(others) > STACK:
        raise StudioError(f"{1 + len(others)} LoRAs are asked for.", f"Take at most {STACK}.")
    if odd := next((name for name in others if "." in name), None):
        raise StudioError(f"{odd!r} has a dot in its name.", "Call the adapter otherwise.")
    adapters.attach_only(pipeline, {name: file for name, (file, _) in others.items()})
    adapters.set_strength(pipeline, strength, {name: value for name, (_, value) in others.items()})
    nets = controls.attach_only(pipeline, [control] if control else [])
    drawing = img2img.from_latents(pipeline)
    drawing.scheduler = samplers.made(pipeline.scheduler, settings.sampler)
    if settings.strength:
        img2img.check_change(settings.strength, settings.steps)
    net = nets[0] if nets else None
    return DiffusionEngine(drawing, settings, settings.batch, control, net, reference)


@dataclass
class DiffusionEngine:
    """See `studio.upscaling.engine.Engine`. `drawing` is a pipeline that begins from latents."""

    drawing: Any
    settings: Settings
    batch: int
    control: Control | None = None
    net: Any = None
    reference: Reference | None = None
    _told: dict[Any, Any] = field(default_factory=dict)

    def draw(self, blocks: Sequence[Block], step: Step) -> list[Image.Image | None]:
        """Each block's picture, of its size: RGB, and RGBA of a base that draws alpha where the
        settings want that. None for one whose numbers were not finite. `step` is told steps done
        and asked for, often enough to stop within one, and may raise."""
        import torch

        parts = self._alike(blocks)
        asked = [(places, self._steps(blocks[places[0]].strength)) for places in parts]
        whole, done = sum(steps for _, steps in asked), 0
        found: dict[int, Image.Image | None] = {}
        for places, steps in asked:

            def told(here: int, before: int = done) -> None:
                step(before + here, whole)

            some = [blocks[place] for place in places]
            try:
                exact = self._models(*PARTS) if some[0].full_precision else []
                with watched_models.in_full(exact):
                    drawn = self._drawn(some, steps, told)
            except torch.OutOfMemoryError as error:
                raise StudioError(
                    f"The memory is too small for {len(some)} tiles at once.",
                    "Take a smaller batch, or smaller tiles.",
                ) from error
            found |= zip(places, drawn, strict=True)
            done += steps
        return [found[place] for place in range(len(blocks))]

    def _steps(self, strength: float) -> int:
        from studio.diffusion import img2img

        img2img.check_change(strength, self.settings.steps)
        return int(self.settings.steps * strength)

    def _alike(self, blocks: Sequence[Block]) -> list[list[int]]:
        """The places of those that are drawn in one go: of one size, one strength, and prompts of
        one length, so that none acts on its neighbours."""
        groups: dict[Any, list[int]] = {}
        for place, block in enumerate(blocks):
            alike = (block.picture.size, block.strength, block.full_precision, self._chunks(block))
            groups.setdefault(alike, []).append(place)
        return list(groups.values())

    def _chunks(self, block: Block) -> int:
        from studio.diffusion import prompt_tokens

        reader = prompt_tokens.of_pipeline(self.drawing)
        return max(len(reader.chunks(text)) for text in (block.prompt, block.negative))

    def _drawn(
        self, blocks: Sequence[Block], steps: int, told: Callable[[int], None]
    ) -> list[Image.Image | None]:
        import torch

        from studio.diffusion import sampling

        asked, scale = self._size(blocks[0].picture.size)
        size = on_grid(asked)
        shown = [tile_pixels.padded(tile_pixels.scaled(one.picture, asked), size) for one in blocks]
        at = [0]  # the step that is on its way

        def stepped(pipeline: Any, index: int, _: Any, values: dict[str, Any]) -> dict[str, Any]:
            # Some samplers ask the UNet more often than they are said to have steps.
            at[0] = round((index + 1) * steps / pipeline.num_timesteps)
            told(at[0])
            return values

        most = sampling.at_once(sampling.BATCH, size, sampling.ALONE)
        with ExitStack() as within:
            heeding = watched_models.heeded(self._models("unet", "vae"), lambda: told(at[0]))
            within.enter_context(heeding)
            guidance = self.settings.guidance
            beside = ip_adapters.referred(self.drawing, self.reference, guidance)
            more = within.enter_context(beside)
            within.enter_context(torch.inference_mode())
            within.enter_context(controls.leading(self.drawing, self._led(shown)))
            latents = self._latents(shown, most)
            self.drawing.given = self._noise(blocks, latents, scale)
            try:
                drawn = self.drawing(
                    **self._words(blocks),
                    **more,
                    image=latents,
                    strength=blocks[0].strength,
                    num_inference_steps=self.settings.steps,
                    guidance_scale=guidance,
                    generator=[_generator(block) for block in blocks],
                    callback_on_step_end=stepped,
                    output_type="latent",
                ).images
            finally:
                self.drawing.given = None
            whole = torch.isfinite(drawn).flatten(1).all(1).tolist()
            pictures = sampling.decoded(self.drawing, drawn.nan_to_num(0.0, 0.0, 0.0), most)
        alpha, delivered = self.settings.alpha == "drawn", tile_pixels.delivered
        return [
            delivered(one, asked, block.picture, alpha) if fine else None
            for one, fine, block in zip(pictures, whole, blocks, strict=True)
        ]

    def _size(self, size: tuple[int, int]) -> tuple[Size, float]:
        """The size at which a tile of `size` is drawn, and how much larger that is."""
        scale = self.settings.drawn / self.settings.tile if self.settings.drawn else 1.0
        width, height = (max(1, round(side * scale)) for side in size)
        return Size(width, height), scale

    def _led(self, shown: Sequence[Image.Image]) -> list[Led]:
        if self.net is None or self.control is None:
            return []
        from studio.diffusion import control_pictures

        kind, ready = self.control.kind, self.control.ready
        if self.net.config.conditioning_channels == 3:
            shown = [control_pictures.made(kind, one.convert("RGB"), ready) for one in shown]
        pixels = controls.pictures(self.net, shown, self.drawing.unet)
        return [Led(self.net, self.control, pixels)]

    def _latents(self, shown: Sequence[Image.Image], most: int) -> torch.Tensor:
        """What the autoencoder makes of the tiles, [n, c, rows, columns]."""
        import torch

        from studio.diffusion.bases import draws_alpha
        from studio.diffusion.encoded import latents_of

        vae = self.drawing.vae
        pixels = torch.from_numpy(tile_pixels.stacked(shown, draws_alpha(self.drawing)))
        parts = pixels.to(self.drawing.unet.device, vae.dtype).split(most)
        return torch.cat([latents_of(vae, part) for part in parts])

    def _noise(self, blocks: Sequence[Block], latents: torch.Tensor, scale: float) -> torch.Tensor:
        import torch

        from studio.diffusion import canvas_noise

        settings = self.settings
        rows, columns = latents.shape[-2:]
        about: dict[str, Any] = {
            "channels": latents.shape[1],
            "pixels": self.drawing.vae_scale_factor / scale,
            "wrap": settings.wrap,
            "width": settings.width,
            "height": settings.height,
        }
        cut = [
            canvas_noise.cut(canvas_noise.Canvas(block.seed, **about), block.box, (rows, columns))
            for block in blocks
        ]
        return torch.stack(cut)

    def _words(self, blocks: Sequence[Block]) -> dict[str, Any]:
        """What the pipeline's call takes for the blocks' prompts: each text is encoded once."""
        import torch

        count = self._chunks(blocks[0])
        told: dict[str, Any] = {}
        for name, texts in (
            ("prompt", [block.prompt for block in blocks]),
            ("negative_prompt", [block.negative for block in blocks]),
        ):
            read = [self._encoded(text, count) for text in texts]
            told[f"{name}_embeds"] = torch.cat([one.text for one in read])
            if pooled := [one.pooled for one in read if one.pooled is not None]:
                told[f"{name}_embeds".replace("prompt", "pooled_prompt")] = torch.cat(pooled)
        return told

    def _encoded(self, text: str, count: int) -> Any:
        from studio.diffusion import long_prompts

        key = (text, count, self.drawing.unet.dtype)
        if key not in self._told:
            self._told[key] = long_prompts.encoded(self.drawing, text, count)
        return self._told[key]

    def _models(self, *names: str) -> list[Any]:
        """Those of the pipeline by name that it has, and the ControlNet."""
        there = [getattr(self.drawing, name, None) for name in names]
        return [model for model in (*there, self.net) if model is not None]


def _generator(block: Block) -> torch.Generator:
    """For samplers that add noise at each step: a tile's own."""
    import torch

    mark = hashlib.sha256(f"{block.seed} {block.box.left} {block.box.top}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(mark[:8], "big") >> 1)
