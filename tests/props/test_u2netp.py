"""U²-Net-P: its make-up as published, its preparation, and what it says of pictures."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torch import nn

from studio.errors import StudioError
from studio.props import u2netp


def test_it_is_made_up_as_published():
    network = u2netp.U2NetP()
    layers = [one for one in network.modules() if isinstance(one, nn.Conv2d)]
    assert len(layers) == 119 and len(network.state_dict()) == 238
    # 1,131,181 with the two numbers of each of the 112 batch norms' channels in the paper's code.
    norms = sum(one.out_channels for one in layers[:112])
    assert sum(one.numel() for one in network.state_dict().values()) + 2 * norms == 1_131_181
    first, last = network.encoder[0], network.decoder[-1]
    assert [one.dilation[0] for one in first.down] == [1] * 6 and first.bottom.dilation == (2, 2)
    assert [one.out_channels for one in first.up] == [16] * 5 + [64]
    assert last.into.in_channels == 128 and last.pooled
    flat = network.encoder[5]
    assert [one.dilation[0] for one in (*flat.down, flat.bottom, *flat.up)] == [1, 2, 4, 8, 4, 2, 1]
    assert not flat.pooled


@pytest.mark.parametrize("size", [(64, 64), (65, 47)])
def test_it_gives_a_share_for_each_pixel(size):
    torch.manual_seed(0)
    network = u2netp.U2NetP().eval()
    with torch.inference_mode():
        told = network(torch.rand(2, 3, *size))
    assert told.shape == (2, 1, *size) and ((told > 0) & (told < 1)).all()


def test_modules_stand_in_the_order_in_which_they_act():
    network, order = u2netp.U2NetP().eval(), []
    names = [name for name, one in network.named_modules() if isinstance(one, nn.Conv2d)]
    for name, one in network.named_modules():
        if isinstance(one, nn.Conv2d):
            one.register_forward_hook(lambda *_, name=name: order.append(name))
    with torch.inference_mode():
        network(torch.zeros(1, 3, 32, 32))
    assert order == names


def test_a_picture_is_prepared_by_its_brightest_value():
    dim = u2netp._prepared(Image.new("RGB", (10, 30), (100, 50, 0)))
    assert dim.shape == (1, 3, 320, 320) and dim.dtype == np.float32
    assert np.allclose(dim[0, 0], (1 - 0.485) / 0.229) and np.allclose(dim[0, 2], -0.406 / 0.225)
    assert np.isfinite(u2netp._prepared(Image.new("RGB", (1, 1)))).all()


def test_a_figure_is_told_from_its_ground():
    picture = Image.new("RGB", (200, 120), (90, 140, 190))
    ImageDraw.Draw(picture).ellipse((60, 20, 140, 100), fill=(200, 60, 30))
    found = u2netp.mask(picture)
    assert found.shape == (120, 200) and found.dtype == np.uint8
    assert found[60, 100] > 200 and found[5, 5] < 50 and found[115, 190] < 50


def test_weights_that_are_gone_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(u2netp, "WEIGHTS", tmp_path / "gone.safetensors")
    u2netp._network.cache_clear()
    with pytest.raises(StudioError, match="gone.safetensors. Put the folder u2netp"):
        u2netp.mask(Image.new("RGB", (8, 8)))
    u2netp._network.cache_clear()
