"""Drawing that begins from a picture (img2img), or draws a part of it anew (inpainting). Imports
diffusers: load it where a worker draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from studio.diffusion import torchvision_compat  # noqa: F401  (before diffusers)

# isort: split
import numpy as np
import torch
from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionXLImg2ImgPipeline
from diffusers.utils.torch_utils import randn_tensor
from PIL import Image, ImageFilter

from studio import images
from studio.diffusion.bases import draws_alpha
from studio.diffusion.conditioning import is_sdxl
from studio.diffusion.encoded import latents_of
from studio.diffusion.opaque_fill import closed
from studio.diffusion.seamless import wraps
from studio.diffusion.sizes import Size, on_grid
from studio.errors import StudioError

HIDDEN = (128, 128, 128)  # what a base that draws alpha has learned to expect under alpha 0


@dataclass(frozen=True)
class Start:
    """The picture to begin from, RGBA of any size. `change` is how much of it may change: near 0
    it stays, at 1 nothing of it is left. `matte` and `filter` as in a dataset's look. `mask`, grey
    and of the picture's size, is not black where it is drawn anew; None: everywhere."""

    picture: Image.Image
    change: float
    matte: str
    filter: str
    mask: Image.Image | None = None


def _noised(
    self: Any,
    image: torch.Tensor,
    timestep: Any,
    batch_size: int,
    num_images_per_prompt: int,
    dtype: torch.dtype,
    device: torch.device,
    generator: Any = None,
    add_noise: bool = True,
) -> Any:
    """`image` [1 or n, c, h, w] with the noise of `timestep`, each picture's by its generator, or
    the one that is `given` (SDEdit: Meng et al. 2022)."""
    latents = image.to(device, dtype).expand(batch_size, -1, -1, -1)
    if self.given is None:
        noise = randn_tensor(latents.shape, generator=generator, device=device, dtype=dtype)
    else:
        noise = self.given.to(device, dtype)
    self.noise = noise
    return self.scheduler.add_noise(latents, noise, timestep)


class FromPicture(StableDiffusionImg2ImgPipeline):
    """diffusers' own, given latents: it would take a picture of four channels for latents."""

    prepare_latents = _noised
    noise: torch.Tensor  # of the pictures that are drawn
    given: torch.Tensor | None = None  # the noise to draw from, [n, c, h, w], in place of their own


class FromPictureXL(StableDiffusionXLImg2ImgPipeline):
    """The same for SDXL."""

    prepare_latents = _noised
    noise: torch.Tensor
    given: torch.Tensor | None = None


def check_change(change: float, steps: int) -> None:
    """StudioError unless at least one of `steps` would draw."""
    if not 0 < change <= 1:
        raise StudioError(f"change is {change}.", "Give more than 0 and at most 1.")
    if int(steps * change) < 1:
        raise StudioError(
            f"A change of {change} leaves none of {steps} steps.",
            f"Give at least {1 / steps:.2f}, or more steps.",
        )


def begin(
    pipeline: Any, start: Start, size: Size, way: str = "", fill: str = ""
) -> tuple[Any, torch.Tensor]:
    """A pipeline that shares the weights of `pipeline`, and the picture's latents [1, c, h, w];
    `way` and `fill` as of a `sampling.Draw`: the picture is taken to fit over those edges."""
    drawing, vae = from_latents(pipeline), pipeline.vae
    pixels = torch.from_numpy(prepared(start, size, draws_alpha(pipeline), way, fill))[None]
    with torch.inference_mode():
        return drawing, latents_of(vae, pixels.to(pipeline.device, vae.dtype))


def from_latents(pipeline: Any) -> Any:
    """A pipeline that shares the weights of `pipeline`, whose call begins from latents."""
    # Not from_pipe: it takes no autoencoder but AutoencoderKL.
    drawing: Any
    if is_sdxl(pipeline):
        drawing = FromPictureXL(**pipeline.components, add_watermarker=False)
    else:
        drawing = FromPicture(**pipeline.components, requires_safety_checker=False)
    drawing.set_progress_bar_config(disable=True)
    # Else latents of another number of channels would be taken for pixels and normalised.
    drawing.image_processor.register_to_config(
        vae_latent_channels=pipeline.vae.config.latent_channels
    )
    return drawing


def anew(mask: Image.Image, latents: torch.Tensor, size: Size, filter: str) -> torch.Tensor:
    """A mask as latents [1, c, h, w] of a picture that was laid on `size` have it: float
    [1, 1, h, w], 1 for each cell of which a pixel is drawn anew, else 0."""
    shrunk = -(-max(mask.width / size.width, mask.height / size.height) // 1)
    # A line thinner than a pixel of the smaller picture is not lost.
    wide = mask.filter(ImageFilter.MaxFilter(int(shrunk) | 1)) if shrunk > 1 else mask
    scaling = "nearest" if filter == "nearest" else "box"
    white = laid(wide.convert("RGBA"), size, scaling).getchannel("R")
    pixels = torch.from_numpy(np.array(white))[None, None]
    cells = torch.nn.functional.adaptive_max_pool2d((pixels > 0).float(), latents.shape[-2:])
    return cells.to(latents)


def outside_kept(
    pipeline: Any, index: int, latents: torch.Tensor, first: torch.Tensor, anew: torch.Tensor
) -> torch.Tensor:
    """Latents [n, c, h, w] after the step `index`, and outside the mask those of the picture that
    was begun from, `first`, with the noise of the next step: as diffusers' inpainting has it for a
    UNet that knows no masks. That takes UNets of four channels alone; the practice base has 16."""
    times = pipeline.scheduler.timesteps[-pipeline.num_timesteps :]
    kept, anew = first.to(latents).expand_as(latents), anew.to(latents)
    if index + 1 < len(times):
        kept = pipeline.scheduler.add_noise(kept, pipeline.noise, times[index + 1 : index + 2])
    return (1 - anew) * kept + anew * latents


def prepared(start: Start, size: Size, alpha: bool, way: str = "", fill: str = "") -> np.ndarray:
    """The picture as the autoencoder takes it: float32 [3 or 4, height, width] in -1 to 1."""
    fitted = laid(start.picture, size, start.filter, way)
    if fill:
        fitted = closed(fitted)
    if alpha:
        pixels = np.array(fitted)
        pixels[pixels[..., 3] == 0, :3] = HIDDEN
    else:
        pixels = np.asarray(images.on_matte(fitted, images.parse_colour(start.matte)))
    return pixels.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1


def laid(picture: Image.Image, size: Size, filter: str, way: str = "") -> Image.Image:
    """The picture on a canvas of `size`, centred: fitted, or as it is where only the grid asks for
    a few pixels more. One that goes on over its edges is stretched, since a border would cut it."""
    wide, high = wraps(way)
    kept = (not wide or picture.width == size.width) and (not high or picture.height == size.height)
    if way and not kept:
        return _stretched(picture, size, filter, way)
    if on_grid(Size(*picture.size)) != size:
        return images.fitted(picture, (size.width, size.height), filter)
    canvas = Image.new("RGBA", (size.width, size.height), (0, 0, 0, 0))
    canvas.paste(picture, ((size.width - picture.width) // 2, (size.height - picture.height) // 2))
    return canvas


def _stretched(picture: Image.Image, size: Size, filter: str, way: str) -> Image.Image:
    """The picture at `size`, its pixels beside an edge of `way` mixed with those of the other."""
    nearest = filter == "nearest"
    margins = [
        (min(side, 4 + 4 * -(-side // to)) if wrapping else 0,) * 2
        for side, to, wrapping in zip(
            picture.size[::-1], (size.height, size.width), wraps(way)[::-1], strict=True
        )
    ]
    around = np.pad(np.asarray(picture.convert("RGBa")), (*margins, (0, 0)), mode="wrap")
    (top, _), (left, _) = margins
    return (
        Image.frombytes("RGBa", around.shape[1::-1], around.tobytes())
        .resize(
            (size.width, size.height),
            Image.Resampling.NEAREST if nearest else Image.Resampling.LANCZOS,
            (left, top, left + picture.width, top + picture.height),
        )
        .convert("RGBA")
    )
