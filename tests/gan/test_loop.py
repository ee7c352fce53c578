"""The training loop: it learns, goes on bit-equal, and does what its settings say."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from PIL import Image

from studio.errors import StudioError
from studio.gan import checkpoints, data, loop, networks, step_inputs
from studio.gan.data import Asked
from studio.gan.settings import MODELS
from studio.settings import CHECKOUT
from tests.gan import drawn_sprites
from tests.gan.small import material, same, settings, trained, weights


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def sprites(tmp_path):
    return drawn_sprites.folder(tmp_path / "sprites", 24)


@pytest.mark.parametrize("model", MODELS)
def test_each_model_trains_and_what_was_cut_off_ends_bit_equal(sprites, tmp_path, model):
    said = settings(model_type=model, upsample_layers=2, base_height=4, num_channels=4)
    whole = weights(trained(sprites, tmp_path / "whole", said))
    began = networks.generator(material(sprites, said)[1], said.seed).state_dict()
    assert not same(whole, dict(began))

    class Cut(Exception):
        pass

    def cut(step, values):
        if step == 3:
            raise Cut

    with pytest.raises(Cut):
        trained(sprites, tmp_path / "cut", said, hooks=loop.Hooks(figures=cut))
    assert checkpoints.steps(tmp_path / "cut") == [2]
    assert same(weights(trained(sprites, tmp_path / "cut", said, resume=True)), whole)
    # One that had ended gives what it ended with.
    assert same(weights(trained(sprites, tmp_path / "cut", said, resume=True)), whole)


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd", "lion"])
def test_what_an_optimizer_remembers_is_kept(sprites, tmp_path, optimizer):
    said = settings(optimizer=optimizer, beta1=0.5, generator_wd=0.01)
    whole = weights(trained(sprites, tmp_path / "whole", said))
    trained(sprites, tmp_path / "cut", settings(**{**_as(said), "max_train_steps": 2}))
    assert same(weights(trained(sprites, tmp_path / "cut", said, resume=True)), whole)


def _as(said):
    from dataclasses import asdict

    return asdict(said)


@pytest.mark.parametrize(
    "changed",
    [
        {"accumulation_iterations": 2},
        {"precision": "bf16"},
        {"channels_last": True},
        {"orthogonal_value": 1e-3},
        {"generator_ema": False},
        {"seamless": "xy"},
        {"mirror": "yes"},
        {"class_conditional": "no"},
        {"num_channels": 3},
        {"loss_function": "hinge", "gamma": 0, "augment": False},
        {"batch_size": 64},
        {"seed": 4},
    ],
)
def test_a_setting_changes_what_comes_of_it_and_goes_on_bit_equal(sprites, tmp_path, changed):
    usual, said = settings(), settings(**changed)
    whole = weights(trained(sprites, tmp_path / "whole", said))
    assert all(torch.isfinite(value).all() for value in whole.values())
    if changed != {"channels_last": True}:
        assert not same(whole, weights(trained(sprites, tmp_path / "usual", usual)))
    trained(sprites, tmp_path / "cut", settings(**{**_as(said), "max_train_steps": 2}))
    assert same(weights(trained(sprites, tmp_path / "cut", said, resume=True)), whole)


def test_steps_are_counted_by_epochs_up_to_the_most(sprites):
    pictures, _ = material(sprites, settings())
    assert loop.batch_of(settings(accumulation_iterations=2)) == 16
    assert loop.total_steps(settings(num_epochs=3, max_train_steps=0), len(pictures)) == 9
    assert loop.total_steps(settings(num_epochs=3, max_train_steps=5), len(pictures)) == 5


def test_noise_under_alpha_0_changes_no_weight(sprites, tmp_path):
    whole = weights(trained(sprites, tmp_path / "one", settings()))
    for number, file in enumerate(sorted(sprites.rglob("*.png"))):
        with Image.open(file) as opened:
            pixels = np.array(opened.convert("RGBA"))
        hidden = pixels[..., 3] == 0
        chance = np.random.default_rng(number)
        pixels[hidden, :3] = chance.integers(0, 256, (int(hidden.sum()), 3))
        Image.fromarray(pixels, "RGBA").save(file)
    assert same(weights(trained(sprites, tmp_path / "two", settings())), whole)


def test_a_large_set_that_is_decoded_on_its_way_ends_the_same(sprites, tmp_path):
    said = settings()
    whole = weights(trained(sprites, tmp_path / "held", said))
    pictures, shape = material(sprites, said, held=0)
    assert pictures.held is None
    made = loop.train(pictures, shape, said, tmp_path / "aside", loop.Hooks(), torch.device("cpu"))
    assert same(weights(made), whole)


def test_it_tells_its_figures_grids_checks_and_checkpoints(sprites, tmp_path):
    said, told = settings(max_train_steps=6, save_steps=4, steps_to_eval=3), []
    hooks = loop.Hooks(
        progress=lambda at: told.append(("progress", at.step)),
        figures=lambda step, values: told.append(("figures", step, sorted(values))),
        batch=lambda batch: told.append(("batch", tuple(batch.shape))),
        grid=lambda epoch, step, sampler: told.append(("grid", step, len(sampler.draw([1, 2])))),
        check=lambda step, sampler: told.append(("check", step)) or step == 3,
        checkpoint=lambda step, place: told.append(("checkpoint", step, place.is_dir())),
    )
    trained(sprites, tmp_path / "work", said, hooks=hooks)
    assert told[0] == ("batch", (8, 4, 16, 16))
    figures = ("figures", 1, ["d_fake", "d_loss", "d_real", "g_loss", "penalty"])
    assert figures in told and ("check", 3) in told and ("checkpoint", 3, True) in told
    assert ("check", 6) not in told  # the check at step 3 ended it
    again = []
    trained(
        sprites,
        tmp_path / "work",
        said,
        resume=True,
        hooks=loop.Hooks(check=lambda step, sampler: bool(again.append(step))),
    )
    assert again == []


def test_a_loss_that_is_no_number_ends_it_before_a_checkpoint_holds_it(sprites, tmp_path):
    said = settings(generator_lr=0.99, discriminator_lr=0.99, optimizer="sgd", gamma=1e5, beta1=0.9)
    with pytest.raises(StudioError, match="at step") as refused:
        trained(sprites, tmp_path / "work", settings(**{**_as(said), "max_train_steps": 60}))
    assert "Lower the learning rates" in refused.value.remedy
    found = checkpoints.newest(tmp_path / "work")
    assert found is None or all(torch.isfinite(value).all() for value in found[1].values())


def test_a_checkpoint_of_other_settings_is_refused(sprites, tmp_path):
    trained(sprites, tmp_path / "work", settings())
    with pytest.raises(StudioError, match="does not fit these settings"):
        trained(sprites, tmp_path / "work", settings(ngf=8), resume=True)


def test_an_earlier_one_is_where_it_begins(sprites, tmp_path):
    before = weights(trained(sprites, tmp_path / "before", settings()))
    said = settings(max_train_steps=1, generator_lr=1e-9, generator_ema=False, seed=9)
    told = []
    made = weights(
        trained(
            sprites,
            tmp_path / "after",
            said,
            before=before,
            hooks=loop.Hooks(say=told.append),
        )
    )
    assert all(torch.allclose(made[name], before[name], atol=1e-6) for name in before)
    assert told == ["Begun from an earlier GAN."]


def test_pictures_are_rolled_over_the_edges_that_go_on_and_mirrored_where_that_is_as_good():
    picture = torch.arange(64, dtype=torch.uint8).view(1, 1, 8, 8).repeat(40, 1, 1, 1)
    moved = {}
    for way, mirror in (("", False), ("x", False), ("y", False), ("", True)):
        asked = Asked((8, 8), 4, "nearest", (0, 0, 0), way, mirror)
        moved[way, mirror] = step_inputs.turned(picture, asked, step_inputs.random_of(0, 1))
    assert torch.equal(moved["", False], picture)
    assert torch.equal(moved["x", False].sort(3).values, picture)  # each row has its pixels
    assert len(set(moved["x", False][:, 0, 0, 0].tolist())) == 8
    assert torch.equal(moved["y", False].sort(2).values, picture)
    over = (moved["", True][:, 0, 0, 0] == 7).float().mean()
    assert 0.2 < over < 0.8


KILLED = """
import sys, torch
from pathlib import Path
torch.set_num_threads(1)
sys.path.insert(0, {checkout!r})
from tests.gan.small import settings, trained, weights
from safetensors.torch import save_file
asked = settings(max_train_steps=40, save_steps=3)
made = trained(Path({place!r}), Path({work!r}), asked, resume=True)
save_file(weights(made), Path({work!r}) / "end.safetensors")
"""


@pytest.mark.slow
def test_kill_9_anywhere_ends_bit_equal(sprites, tmp_path):
    from safetensors.torch import load_file

    def run(work, kills):
        program = KILLED.format(checkout=str(CHECKOUT), place=str(sprites), work=str(work))
        while not (work / "end.safetensors").is_file():
            with subprocess.Popen([sys.executable, "-c", program], cwd=CHECKOUT) as started:
                if kills:
                    wanted = kills.pop()
                    while (
                        started.poll() is None and max(checkpoints.steps(work), default=0) < wanted
                    ):
                        time.sleep(0.002)
                    os.kill(started.pid, signal.SIGKILL)
        return load_file(work / "end.safetensors")

    whole = run(tmp_path / "whole", [])
    assert same(run(tmp_path / "killed", [27, 15, 3]), whole)


GLOO = """
import sys, torch
from pathlib import Path
torch.set_num_threads(1)
sys.path.insert(0, {checkout!r})
rank = int(sys.argv[1])
torch.distributed.init_process_group(
    "gloo", init_method="file://{meet}", rank=rank, world_size=2)
from studio.gan.share import Share
from tests.gan.small import settings, trained, weights
from safetensors.torch import save_file
made = trained(Path({place!r}), Path({work!r}), settings(max_train_steps=6), share=Share(rank, 2))
save_file(weights(made), Path({out!r} + str(rank)))
torch.distributed.destroy_process_group()
"""


@pytest.mark.slow
def test_two_processes_learn_what_one_does_of_the_whole_batch(sprites, tmp_path):
    from safetensors.torch import load_file

    alone = weights(trained(sprites, tmp_path / "alone", settings(max_train_steps=6)))
    program = GLOO.format(
        checkout=str(CHECKOUT),
        meet=tmp_path / "meet",
        place=str(sprites),
        work=str(tmp_path / "both"),
        out=str(tmp_path / "rank-"),
    )
    both = [
        subprocess.Popen([sys.executable, "-c", program, str(rank)], cwd=CHECKOUT)
        for rank in (0, 1)
    ]
    assert [one.wait(120) for one in both] == [0, 0]
    first, second = (load_file(tmp_path / f"rank-{rank}") for rank in (0, 1))
    for name, value in alone.items():
        assert torch.allclose(first[name], value, atol=1e-5), name
        assert torch.equal(first[name], second[name]), name


def test_a_batch_that_can_not_be_parted_is_named():
    from studio.gan.share import Share

    with pytest.raises(StudioError, match="batch_size is 9, and 2 processes"):
        Share(0, 2).rows(9)
    assert [Share(rank, 2).rows(8) for rank in (0, 1)] == [slice(0, 4), slice(4, 8)]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_it_learns_the_colours_and_shapes_of_sprites(sprites, tmp_path):
    """After some hundred steps what it draws lies nearer to sprites than what it drew at first."""
    from studio.workflows.gan_figures import Measuring

    said = settings(max_train_steps=250, ngf=8, ndf=8, latent_vector_size=16, save_steps=0)
    pictures, shape = material(sprites, said)
    measure = Measuring(pictures, (128, 128, 128), 64)
    seen = {}

    def check(step, sampler):
        seen[step] = measure(sampler)
        return False

    first = settings(**{**_as(said), "max_train_steps": 1})
    trained(sprites, tmp_path / "first", first, hooks=loop.Hooks(check=check))
    trained(sprites, tmp_path / "work", said, hooks=loop.Hooks(check=check))
    assert seen[250]["kid"] < seen[1]["kid"] / 2
    assert seen[250]["vendi"] > 1.5


def test_what_is_one_sided_is_not_turned_by_the_augmentation():
    from studio.gan import augmentation

    marker = torch.full((500, 4, 16, 16), -1.0)
    marker[:, :, 6:10, 2:5] = 1.0  # at the left
    changes = augmentation.drawn(500, (16, 16), torch.Generator().manual_seed(1))
    seen = augmentation.changed(marker, changes, "")
    left, right = (seen[:, 3] > 0)[..., :8].sum((1, 2)), (seen[:, 3] > 0)[..., 8:].sum((1, 2))
    assert ((right > left).float().mean()) < 0.02
    part = augmentation.changed(marker[3:9], changes.part(slice(3, 9)), "")
    assert torch.allclose(part, seen[3:9])


def test_the_augmentation_can_be_learned_through():
    from studio.gan import augmentation

    pictures = torch.randn(4, 4, 8, 8, requires_grad=True)
    changes = augmentation.drawn(4, (8, 8), torch.Generator().manual_seed(1))
    (slopes,) = torch.autograd.grad(
        augmentation.changed(pictures, changes, "xy").sum(), pictures, create_graph=True
    )
    assert slopes.abs().sum() > 0 and torch.isfinite(slopes).all()


def test_the_order_is_that_of_the_epoch_and_its_seed():
    assert data.Order(50, 50, 3).places(2) != data.Order(50, 50, 3).places(1)
