"""A seed is an asset; classes mix; walks are exact; files of other kinds are never opened."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

from studio.errors import StudioError
from studio.gan import latents, model_file, networks, sampling, walks, wishes
from studio.gan.sampling import Sampler
from studio.gan.settings import MODELS
from studio.gan.shape import Shape
from studio.gan.wishes import Wish


def shape(model: str = "sprite", classes: tuple[str, ...] = ("gems", "rocks")) -> Shape:
    return Shape(
        model=model,
        latent=16,
        ngf=8,
        ndf=8,
        base=(4, 4),
        layers=2,
        channels=4,
        classes=classes,
        shares=(0.25, 0.75)[: len(classes)],
    )


@pytest.fixture(params=MODELS)
def sampler(request) -> Sampler:
    said = shape(request.param)
    return Sampler(said, networks.generator(said, 5).eval())


def test_a_seed_is_the_same_bytes_at_any_batch_and_thread_count(sampler):
    seeds = list(range(40))
    torch.set_num_threads(1)
    alone = [sampler.draw([seed])[0].tobytes() for seed in seeds]
    torch.set_num_threads(2)
    try:
        assert [one.tobytes() for one in sampler.draw(seeds)] == alone
        back = sampler.draw(seeds[::-1])[::-1]
        assert [one.tobytes() for one in back] == alone
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    assert len(set(alone)) == 40


def test_a_seed_stands_for_these_numbers_for_good():
    found = latents.of_seed(shape(), 7)
    wanted = np.random.RandomState([7, 0, 0]).standard_normal(16)
    assert found.tolist() == wanted.tolist()
    assert len(set(found.tolist())) == 16
    assert latents.of_seed(shape(), 7 + 2**32).tolist() != found.tolist()
    with pytest.raises(StudioError, match="seed -1"):
        latents.of_seed(shape(), -1)


def test_truncation_squeezes_and_keeps_the_order():
    free, within = latents.of_seed(shape(), 3), latents.of_seed(shape(), 3, 0.5)
    assert np.abs(within).max() <= 0.5 < np.abs(free).max()
    assert (np.argsort(free) == np.argsort(within)).all()
    assert np.allclose(latents.of_seed(shape(), 3, 8.0), free, atol=1e-6)


def test_without_a_class_each_seed_has_one_as_often_as_it_was_learned():
    counts = np.sum([latents.class_of(shape(), seed) for seed in range(400)], axis=0)
    assert counts.sum() == 400 and 60 < counts[0] < 140


def test_classes_are_mixed_by_their_weights():
    assert latents.mixed(shape(), [("rocks", 3), ("gems", 1)]).tolist() == [0.25, 0.75]
    said = shape()
    drawn = Sampler(said, networks.generator(said, 5).eval())
    first, half, second = (
        np.asarray(drawn.draw([1], mix)[0]).astype(int)
        for mix in ([("gems", 1)], [("gems", 1), ("rocks", 1)], [("rocks", 1)])
    )
    assert (first != half).any() and (half != second).any() and (first != second).any()
    for wanted, told in (
        ([("swords", 1)], "knows no class 'swords'. It knows: gems, rocks"),
        ([("gems", -1)], "weight of gems is -1"),
        ([("gems", 0)], "weigh nothing"),
    ):
        with pytest.raises(StudioError, match=told):
            drawn.draw([1], wanted)
    with pytest.raises(StudioError, match="without classes"):
        latents.mixed(shape(classes=()), [("gems", 1)])


@pytest.mark.parametrize("ending", ["png", "webp"])
@pytest.mark.parametrize("loop", [False, True])
def test_a_walk_is_exact_and_goes_from_seed_to_seed(tmp_path, ending, loop):
    said = shape()
    sampler = Sampler(said, networks.generator(said, 5).eval())
    frames = walks.frames(sampler, [3, 9], 4, loop=loop)
    assert len(frames) == (8 if loop else 5)
    assert frames[0].tobytes() == sampler.draw([3])[0].tobytes()
    assert frames[4].tobytes() == sampler.draw([9])[0].tobytes()
    assert len({one.tobytes() for one in frames[:5]}) == 5
    file = tmp_path / f"walk.{ending}"
    walks.write(file, frames, 83)
    with Image.open(file) as opened:
        read = [frame.convert("RGBA").copy() for frame in ImageSequence.Iterator(opened)]
        assert opened.info["duration"] == 83
    assert [_seen(one) for one in read] == [_seen(one) for one in frames]


def _seen(picture: Image.Image) -> bytes:
    pixels = np.array(picture)
    pixels[pixels[..., 3] == 0] = 0
    return pixels.tobytes()


def test_walks_that_can_not_be_are_named(tmp_path):
    said = shape()
    sampler = Sampler(said, networks.generator(said).eval())
    for seeds, steps, told in (([1], 4, "two seeds"), (range(50), 100, "4,901 frames")):
        with pytest.raises(StudioError, match=told):
            walks.frames(sampler, list(seeds), steps)
    with pytest.raises(StudioError, match="walk.gif is no name"):
        walks.write(tmp_path / "walk.gif", [])


def test_a_file_is_read_as_it_was_written(tmp_path, sampler):
    file = tmp_path / "gan.safetensors"
    model_file.write(file, sampler.shape, sampler.network.state_dict())
    again = sampling.load(file)
    assert again.shape == sampler.shape
    assert again.draw([4])[0].tobytes() == sampler.draw([4])[0].tobytes()


def test_files_of_other_kinds_are_never_opened(tmp_path):
    from safetensors.torch import save_file

    ran = tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return (ran.touch, ())

    for name in ("model.pkl", "model.pt", "model.ckpt"):
        torch.save(Evil(), tmp_path / name)
        with pytest.raises(StudioError, match="no .safetensors file. Pickled"):
            sampling.load(tmp_path / name)
    (tmp_path / "x.safetensors").write_bytes((tmp_path / "model.pt").read_bytes())
    with pytest.raises(StudioError, match="can't be read as safetensors"):
        sampling.load(tmp_path / "x.safetensors")
    assert not ran.exists()
    save_file({"a": torch.zeros(1)}, tmp_path / "lora.safetensors")
    with pytest.raises(StudioError, match="does not say what its GAN is like"):
        sampling.load(tmp_path / "lora.safetensors")
    with pytest.raises(StudioError, match="There is no file"):
        sampling.load(tmp_path / "gone.safetensors")


@pytest.mark.parametrize(
    "changed",
    [
        {"ngf": 10**9},
        {"ngf": 1024},
        {"layers": 40},
        {"base": [64, 64]},
        {"latent": 17},
        {"model": "stylegan"},
        {"classes": ["gems"]},
        {"shares": "ab"},
        {"base": 4},
        {"schema": 2},
    ],
)
def test_a_file_that_lies_of_itself_is_refused(tmp_path, changed):
    from safetensors.torch import load_file, save_file

    said, file = shape(), tmp_path / "gan.safetensors"
    model_file.write(file, said, networks.generator(said).state_dict())
    from studio.gan.shape import as_json

    told = json.dumps({**as_json(said), **changed})
    save_file(load_file(file), file, {model_file.KEY: told})
    with pytest.raises(StudioError):
        sampling.load(file)


def test_an_earlier_one_is_taken_over_where_it_fits():
    before = networks.generator(shape(), 1).state_dict()
    network = networks.generator(shape(classes=()), 2)
    taken, anew = model_file.begun(before, network)
    assert torch.equal(taken["inner.conv.weight"], before["inner.conv.weight"])
    assert anew and all(name.startswith("mapping.0") for name in anew)


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("rocks", Wish((("rocks", 1.0),))),
        ("Rocks 0.3, gems=0.7", Wish((("rocks", 0.3), ("gems", 0.7)))),
        ("a heap of old rock", Wish()),
        ("a pair of gems on the ground", Wish((("gems", 1.0),))),
        ("rocks, truncation 0.6", Wish((("rocks", 1.0),), 0.6)),
        ("truncation: 0.6", Wish((), 0.6)),
        ("level 2", Wish((("level 2", 1.0),))),
        ("", Wish()),
    ],
)
def test_a_prompt_is_read_for_classes_and_truncation(text, wanted):
    assert wishes.read(text, ("gems", "rocks", "level 2")) == wanted


def test_a_wish_is_written_as_it_is_read():
    for wish in (Wish((("rocks", 0.3), ("gems", 1.0)), 0.6), Wish(), Wish((("level 2", 1.0),))):
        assert wishes.read(wishes.written(wish), ("gems", "rocks", "level 2")) == wish
