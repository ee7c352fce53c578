"""Pictures from a pipeline. Picture k has a generator of its own, seed + k, so that a picture
does not depend on which others are drawn beside it, rounding at another batch size apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from studio.diffusion import controls, ip_adapters, opaque_fill, seamless, sizes
from studio.diffusion.controls import Lead, Led
from studio.diffusion.ip_adapters import Reference
from studio.diffusion.sizes import Size
from studio.errors import StudioError
from studio.numbers import SEEDS

if TYPE_CHECKING:
    from PIL import Image

    from studio.diffusion.img2img import Start

BATCH = 16
FEW = 512  # pixels a side up to which a whole batch is drawn at once
ALONE = 256  # the same for the autoencoder, whose memory grows faster
FORMED_S = 0.7  # between two looks at a picture on its way
HIGHEST_SEED = 2**63 - 1  # of older recipes; the generator takes the low bits alone


@dataclass(frozen=True)
class Draw:
    """What is asked of the base: steps, guidance scale, negative prompt, width and height in
    pixels (None: the base's own), over which edges it is `seamless` (of `seamless.WAYS`), and the
    `fill` of its holes (of `opaque_fill.FILLS`)."""

    steps: int = 20
    guidance: float = 4.0
    negative: str = ""
    width: int | None = None
    height: int | None = None
    seamless: str = ""
    fill: str = ""

    def sized(self, side: int | None) -> Draw:
        """The same, at `side` pixels where no width or no height is asked for."""
        return replace(self, width=self.width or side, height=self.height or side)


def check_draw(draw: Draw) -> Draw:
    """The same draw, or StudioError naming the setting that is out of its bounds."""
    bounds = (("steps", draw.steps, 1, 200), ("guidance", draw.guidance, 0, 50))
    for name, value, low, high in bounds:
        if not low <= value <= high:
            raise StudioError(f"{name} is {value}.", f"Give {low} to {high}.")
    for name, pixels in (("width", draw.width), ("height", draw.height)):
        if pixels is not None:
            sizes.check_side(name, pixels)
    seamless.check(draw.seamless, draw.width, draw.height)
    opaque_fill.check(draw.fill)
    return draw


def check_seed(seed: int) -> int:
    """The same seed, or StudioError: no recipe has another."""
    if not 0 <= seed <= HIGHEST_SEED:
        raise StudioError(f"seed is {seed}.", f"Give 0 to {SEEDS - 1}.")
    return seed


def draw_pictures(
    pipeline: Any,
    prompts: list[str],
    seeds: list[int],
    draw: Draw,
    progress: Callable[[int, int], None] | None = None,
    step: Callable[[int, int], None] | None = None,
    start: Start | None = None,
    captions: bool = False,
    forming: Callable[[Image.Image], None] | None = None,
    leads: Sequence[Lead] = (),
    reference: Reference | None = None,
) -> list[Image.Image]:
    """One picture for each prompt with the seed beside it: RGBA where the base draws alpha.

    `progress` is told pictures done and asked for; `step` each step of a batch and how many there
    are, and may raise to stop the drawing. With `start` all begin from that picture; with a mask
    the latents outside it stay, and pixels beside it come a little different out of the decoder.
    Long prompts and weights: `studio.diffusion.long_prompts`; with `captions` prompts are read as a
    training reads them, word for word and no further than the base's context. Sides that the base's
    grid can't hold are drawn at the next larger ones, and the middle is given. `forming` is given
    the first picture of a batch as it is on the way, seldom enough to cost a tenth at most. How
    edges come to fit, and holes are filled: `studio.diffusion.seamless` and `opaque_fill`. `leads`
    are the ControlNets that lead all pictures, `reference` what they take after. The pipeline is as
    it was afterwards.
    """
    check_draw(draw)
    nets = controls.attach_only(pipeline, [one.control for one in leads])
    acting = [(net, one) for net, one in zip(nets, leads, strict=True) if net is not None]
    models = (pipeline.unet, pipeline.vae, *(net for net, _ in acting))
    with (
        seamless.circular(models, draw.seamless),
        opaque_fill.steered(pipeline, draw.fill),
        ip_adapters.referred(pipeline, reference, draw.guidance) as more,
    ):
        drawing = (pipeline, prompts, seeds, draw, progress, step, start, captions, forming)
        return _drawn(*drawing, acting, more)


def _drawn(
    pipeline: Any,
    prompts: list[str],
    seeds: list[int],
    draw: Draw,
    progress: Callable[[int, int], None] | None,
    step: Callable[[int, int], None] | None,
    start: Start | None,
    captions: bool,
    forming: Callable[[Image.Image], None] | None,
    acting: Sequence[tuple[Any, Lead]],
    more: dict[str, Any],
) -> list[Image.Image]:
    """`draw_pictures` with a pipeline that is ready."""
    import torch

    from studio.diffusion.bases import native_size
    from studio.diffusion.conditioning import is_sdxl
    from studio.diffusion.long_prompts import as_captions, together
    from studio.diffusion.schedules import guidance

    anew: Any = None  # where the mask of `start` has them drawn anew
    due = time.monotonic() + FORMED_S

    def stepped(pipeline: Any, index: int, at: Any, values: dict[str, Any]) -> dict[str, Any]:
        if step:
            step(index + 1, pipeline.num_timesteps)
        nonlocal due
        latents = values["latents"]
        if anew is not None:
            latents = img2img.outside_kept(pipeline, index, latents, begun["image"], anew)
        began = time.monotonic()
        if forming and began > due and index + 1 < pipeline.num_timesteps:
            forming(sizes.cropped(decoded(pipeline, latents[:1], 1)[0], wanted))
            due = time.monotonic() + max(FORMED_S, 9 * (time.monotonic() - began))
        return {**values, "latents": latents}

    if len(prompts) != len(seeds):
        raise ValueError("prompts and seeds must be of one length")
    side = native_size(pipeline)
    wanted = Size(draw.width or side, draw.height or side)
    seamless.check(draw.seamless, wanted.width, wanted.height)
    size = sizes.on_grid(wanted)
    begun: dict[str, Any] = {"height": size.height, "width": size.width, **guidance(pipeline)}
    most = at_once(BATCH // 2 if is_sdxl(pipeline) else BATCH, size, FEW)
    if start is not None:
        from studio.diffusion import img2img

        img2img.check_change(start.change, draw.steps)
        pipeline, latents = img2img.begin(pipeline, start, size, draw.seamless, draw.fill)
        begun = {"image": latents, "strength": start.change}
        if start.mask is not None:
            anew = img2img.anew(start.mask, latents, size, start.filter)
    led = [_led(net, one, pipeline, size, draw.seamless) for net, one in acting]
    pictures: list[Image.Image] = []
    for first in range(0, len(prompts), most):
        part = prompts[first : first + most]
        drawn: dict[int, Image.Image] = {}
        with torch.inference_mode(), controls.leading(pipeline, led):
            groups = (
                as_captions(part, draw.negative)
                if captions
                else together(pipeline, part, draw.negative)
            )
            for group in groups:
                latents = pipeline(
                    **group.told,
                    num_inference_steps=draw.steps,
                    guidance_scale=draw.guidance,
                    **begun,
                    **more,
                    generator=[
                        torch.Generator().manual_seed(check_seed(seeds[first + place]) % SEEDS)
                        for place in group.places
                    ],
                    callback_on_step_end=stepped,
                    output_type="latent",
                ).images
                whole = bool(draw.seamless)
                done = decoded(pipeline, latents, at_once(BATCH, size, ALONE), whole)
                if draw.fill:
                    done = [opaque_fill.closed(picture) for picture in done]
                cut = [sizes.cropped(picture, wanted) for picture in done]
                drawn |= zip(group.places, cut, strict=True)
        pictures += [drawn[place] for place in range(len(part))]
        if progress:
            progress(len(pictures), len(prompts))
    return pictures


def _led(net: Any, lead: Lead, pipeline: Any, size: Size, way: str) -> Led:
    """A ControlNet with its picture as it is drawn, at `size`."""
    from studio.diffusion import control_pictures, img2img

    control = lead.control
    shape = "nearest" if control.kind in control_pictures.HARD else "lanczos"
    laid = img2img.laid(lead.picture, size, shape, way)
    shown = laid
    if net.config.conditioning_channels == 3:
        shown = control_pictures.made(control.kind, laid, control.ready)
    return Led(net, control, controls.pictures(net, [shown], pipeline.unet))


def at_once(batch: int, size: Size, few: int) -> int:
    """How many pictures of a size are worked on together: `batch` up to as many pixels as a square
    of `few` has, fewer of larger ones, so that the memory stays about the same."""
    pixels = size.width * size.height
    return batch if pixels <= few**2 else max(1, batch * few**2 // pixels)


def decoded(pipeline: Any, latents: Any, most: int, whole: bool = False) -> list[Image.Image]:
    """The pictures of latents [n, c, h, w], `whole` ones never in tiles. Not left to the pipeline:
    its way needs the memory of all at once, and an autoencoder in the UNet's own precision."""
    import torch

    vae, pictures = pipeline.vae, []
    for part in (latents / vae.config.scaling_factor).to(vae.dtype).split(most):
        try:
            pixels = vae.decode(part, return_dict=False)[0]
        except torch.OutOfMemoryError:
            pixels = None
        if pixels is None:  # only here, where the error is gone that held on to the memory
            torch.cuda.empty_cache()
            if whole:
                raise StudioError(
                    "The memory is too small for a seamless picture of this size, which can't be "
                    "drawn in tiles.",
                    "Draw it smaller.",
                )
            pixels = in_tiles(vae, part)
        pictures += pipeline.image_processor.postprocess(pixels, output_type="pil")
    return pictures


def in_tiles(vae: Any, latents: Any, side: int = 64) -> Any:
    """Pixels [n, c, h, w] of latents, decoded in tiles of `side` latents that run into each other.

    Needs the memory of a tile. Not the very pixels that the whole gives: colours may differ a
    little between the tiles.
    """
    import torch

    kept = vae.tile_latent_min_size, vae.tile_sample_min_size
    vae.tile_latent_min_size = side
    vae.tile_sample_min_size = side * 2 ** (len(vae.config.block_out_channels) - 1)
    try:
        return torch.cat([vae.tiled_decode(one, return_dict=False)[0] for one in latents.split(1)])
    finally:
        vae.tile_latent_min_size, vae.tile_sample_min_size = kept
