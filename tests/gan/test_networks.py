"""The networks: any base and layers, classes, edges that go on, and what is hidden under alpha."""

from __future__ import annotations

import pytest
import torch

from studio.gan import losses, networks
from studio.gan.layers import count
from studio.gan.settings import MODELS
from studio.gan.shape import Shape


def shape(model: str, **changed) -> Shape:
    told = {
        **dict(model=model, latent=12, ngf=4, ndf=4, base=(4, 3), layers=2, channels=4),
        **changed,
    }
    return Shape(**told)


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("base, layers", [((4, 3), 3), ((5, 2), 1), ((1, 1), 4)])
@pytest.mark.parametrize("classes", [(), ("gems", "rocks")])
def test_pictures_of_any_base_and_layers_are_drawn_and_judged(model, base, layers, classes):
    said = shape(model, base=base, layers=layers, classes=classes, shares=(0.5,) * len(classes))
    made, judge = networks.generator(said), networks.discriminator(said)
    latent, kinds = torch.randn(3, 12), torch.eye(2)[[0, 1, 0]][:, : len(classes)]
    drawn = made(latent, kinds)
    assert drawn.shape == (3, 4, base[1] << layers, base[0] << layers)
    assert torch.isfinite(drawn).all()
    told = judge(drawn, kinds)
    assert told.shape == (3,)
    told.sum().backward()
    assert all(one.grad is not None for one in made.parameters())
    if classes:
        made.eval()
        other = made(latent, kinds.flip(1))
        assert not torch.equal(made(latent, kinds), other)
        assert not torch.equal(judge.eval()(drawn, kinds), judge(drawn, kinds.flip(1)))


@pytest.mark.parametrize("model", MODELS)
def test_a_seed_begins_it_and_leaves_torch_alone(model):
    state = torch.get_rng_state()
    one, two, other = (networks.generator(shape(model), seed) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), state)
    first, second, third = (dict(each.state_dict()) for each in (one, two, other))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], third[name]) for name in first)


def test_the_sprite_model_has_the_sizes_that_were_measured():
    usual = Shape(model="sprite", latent=64, ngf=16, ndf=16, base=(4, 4), layers=3, channels=4)
    assert 0.5e6 < count(networks.generator(usual)) < 0.75e6
    assert 0.3e6 < count(networks.discriminator(usual)) < 0.7e6


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("way", ["xy", "x", "y"])
def test_what_goes_on_over_an_edge_is_judged_the_same_wherever_it_begins(model, way):
    """Moved by as much as the smallest size has of it, all layers' places move along."""
    said = shape(model, base=(4, 4), layers=2, seamless=way)
    judge = networks.discriminator(said).eval()
    # What is flattened at the end knows places: looked at are the feature maps before it.
    maps = {}
    last = judge.attention if model.endswith("biggan") else judge.down[-1] if judge.down else None
    assert last is not None
    last.register_forward_hook(lambda module, given, out: maps.update(out=out))
    picture = torch.randn(1, 4, 16, 16)
    for axis, name in ((2, "y"), (3, "x")):
        judge(picture, torch.zeros(1, 0))
        before = maps["out"]
        judge(torch.roll(picture, 8, axis), torch.zeros(1, 0))
        moved = torch.roll(before, before.shape[axis] // 2, axis)
        same = torch.allclose(maps["out"], moved, atol=1e-4)
        assert same == (name in way)


def test_a_dcgans_doubling_goes_on_over_the_edges():
    from studio.gan.layers import Doubling

    layer = Doubling(2, 3, way="xy")
    x = torch.randn(1, 2, 4, 6)
    made = layer(x)
    assert made.shape == (1, 3, 8, 12)
    assert torch.allclose(
        layer(torch.roll(x, (1, 2), (2, 3))), torch.roll(made, (2, 4), (2, 3)), atol=1e-5
    )
    plain = Doubling(2, 3)
    plain.load_state_dict(layer.state_dict())
    assert torch.allclose(plain(x)[..., 2:-2, 2:-2], made[..., 2:-2, 2:-2], atol=1e-5)


@pytest.mark.parametrize("name", ["relativistic", "bce", "hinge", "mse"])
def test_a_loss_is_low_where_the_network_does_its_part(name):
    good, bad = torch.full((4,), 3.0), torch.full((4,), -3.0)
    if name == "mse":
        good, bad = torch.ones(4), torch.zeros(4)
    assert losses.discriminator(name, good, bad) < losses.discriminator(name, bad, good)
    assert losses.generator(name, good, good) < losses.generator(name, good, bad)


def test_steepness_is_that_of_a_plane():
    real = torch.randn(5, 1, 2, 2, requires_grad=True)
    fake = torch.randn(5, 1, 2, 2, requires_grad=True)
    told = losses.steepness(((3 * real).sum((1, 2, 3)), fake.sum((1, 2, 3))), (real, fake))
    assert told.item() == pytest.approx(9 * 4 + 4)


def test_orthogonal_filters_are_left_alone_and_alike_ones_drawn_apart():
    layer = torch.nn.Linear(4, 2, bias=False)
    layer.weight.grad = torch.zeros_like(layer.weight)
    with torch.no_grad():
        layer.weight.copy_(torch.eye(4)[:2])
    losses.keep_orthogonal(layer, 1.0)
    assert not layer.weight.grad.any()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 0, 0, 0], [1, 1, 0, 0]]))
    losses.keep_orthogonal(layer, 0.5)
    # 2 x value x (W W^T without its diagonal) W
    assert layer.weight.grad.tolist() == [[1, 1, 0, 0], [1, 0, 0, 0]]
