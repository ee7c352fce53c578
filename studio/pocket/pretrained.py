"""The weights of a base that was written before, as the start of a training that goes on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file

from studio.errors import StudioError
from studio.pocket.loop import Stage

# Files of a base with the weights of each part, and how names begin in the file and in training.
WEIGHTS: dict[str, dict[str, tuple[str, str]]] = {
    "autoencoder": {"vae/diffusion_pytorch_model.safetensors": ("", "")},
    "decoder": {"vae/diffusion_pytorch_model.safetensors": ("decoder.", "")},
    "clip": {"clip/open_clip_model.safetensors": ("", "clip.")},
    "denoiser": {
        "unet/diffusion_pytorch_model.safetensors": ("", "unet."),
        "text_encoder/model.safetensors": ("", "text."),
    },
}


@dataclass(frozen=True)
class Kept:
    """A base's folder, and how many pictures each of its parts has seen.

    `settled`: its UNet has learned something, so that its latents must stay as they are.
    """

    folder: Path
    seen: dict[str, int]
    settled: bool

    def fill(self, name: str, stage: Stage) -> None:
        """Writes the kept weights of the part `name` into `stage`; counts go on from there.

        What a base does not keep (the CLIP's head for ways of drawing) stays as it is. Raises
        StudioError where the sizes are others.
        """
        weights: dict[str, torch.Tensor] = {}
        for file, (there, here) in WEIGHTS[name].items():
            for key, value in load_file(str(self.folder / file)).items():
                if key.startswith(there):
                    weights[here + key.removeprefix(there)] = value.float()
        wanted = stage.model.state_dict()
        alike = {k for k, v in weights.items() if k in wanted and wanted[k].shape == v.shape}
        if len(alike) != len(weights):
            raise StudioError(
                f"The {name} of {self.folder} has other sizes than the recipe.",
                "Start from a base that this recipe made, or begin anew.",
            )
        stage.start_from(weights, self.seen.get(name, 0))


def read_kept(folder: Path, pictures: str) -> Kept:
    """The base in `folder`. `pictures` is the hash of those to be taught: with others than its own
    all counts begin at 0. Raises StudioError where it is no whole base.
    """
    files = [file for part in WEIGHTS.values() for file in part]
    for file in (*files, "tokenizer/tokenizer.json", "split.json"):
        if not (folder / file).is_file():
            raise StudioError(
                f"{folder} is no practice base: {file} is missing.",
                "Give --from a folder that `pocket train` wrote.",
            )
    split = json.loads((folder / "split.json").read_text("utf-8"))
    seen = dict(split.get("seen", {}))
    same = split.get("pictures") == pictures
    return Kept(folder, seen if same else {}, settled=seen.get("denoiser", 1) > 0)
