from dataclasses import replace

import pytest

from studio.errors import StudioError
from studio.settings import POCKET
from studio.training import estimate as estimates
from studio.training.config import TrainConfig
from studio.training.estimate import STABLE_DIFFUSION, Measured, estimate, shape_of

SHAPE = shape_of("pocket", POCKET)
USUAL = TrainConfig()


def test_the_practice_base_is_counted_from_its_files():
    from studio.diffusion import bases
    from studio.training.adapting import add_lora

    pipeline = bases.load_pipeline(bases.find_base("pocket"), bases.pick_device("cpu"))
    parts = (pipeline.unet, pipeline.text_encoder, pipeline.vae)
    count = sum(p.numel() for part in parts for p in part.parameters())
    assert SHAPE.side == bases.native_size(pipeline)
    # Files hold what is no parameter as well, such as positions: under a thousandth.
    assert count <= SHAPE.parameters < count * 1.001
    unet = add_lora(pipeline.unet, replace(USUAL, rank=3))
    trained = sum(p.numel() for p in unet.parameters() if p.requires_grad)
    assert trained == 3 * sum(SHAPE.per_rank.values())


def test_stable_diffusion_is_counted_as_diffusers_builds_it():
    import torch
    from diffusers import UNet2DConditionModel

    from studio.training.adapting import MODULES

    with torch.device("meta"):
        unet = UNet2DConditionModel(
            sample_size=64, cross_attention_dim=768, block_out_channels=(320, 640, 1280, 1280)
        )
    assert sum(p.numel() for p in unet.parameters()) == 859_520_964
    for target, names in MODULES.items():
        found = {n: list(m.weight.shape) for n, m in unet.named_modules() if hasattr(m, "weight")}
        tensors = {f"{n}.weight": shape for n, shape in found.items()}
        assert estimates._per_rank(tensors, names) == STABLE_DIFFUSION.per_rank[target]


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
    assert _seconds(preview_every_n_steps=0) < _seconds(preview_every_n_steps=100)
    assert _seconds(shape=STABLE_DIFFUSION, side=512) > _seconds(shape=STABLE_DIFFUSION, side=256)


def test_memory_grows_with_rank_and_batch_and_shrinks_with_what_saves_it():
    assert _memory(rank=4) < _memory(rank=64)
    assert _memory(batch_size=1) < _memory(batch_size=32)
    assert _memory(gradient_checkpointing=True) < _memory()
    assert _memory(targets="attention") < _memory()


def test_the_speed_of_earlier_trainings_here_wins_and_others_do_not_count():
    earlier = [
        Measured("pocket", "cpu", 10.0), Measured("pocket", "cpu", 1000.0),
        Measured("pocket", "cpu", 20.0), Measured("other", "cpu", 1.0),
        Measured("pocket", "cuda", 5000.0),
    ]  # fmt: skip
    config = replace(USUAL, preview_every_n_steps=0, max_train_steps=100, batch_size=8)
    found = estimate(config, SHAPE, "cpu", 40, earlier=earlier)
    assert found.seconds == estimates.START_S + 840 / 20
    assert "3 earlier" in found.says and "20 pictures" in found.says
    assert "Nothing" in estimate(config, SHAPE, "cpu", 40).says


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
