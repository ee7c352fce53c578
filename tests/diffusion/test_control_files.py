"""ControlNets and IP-Adapters that a team brings: read, named, refused, removed."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from studio.diffusion import control_files, control_intake
from studio.diffusion.control_files import CONTROLNET, IP_ADAPTER, OWN
from studio.errors import StudioError
from studio.settings import POCKET
from tests.diffusion import leads
from tests.diffusion.conftest import make_base

WHO: dict[str, Any] = {"by": "ana", "now": datetime(2026, 8, 1, 12, tzinfo=UTC)}
XL = "somebody/some-xl-base"


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ControlNet and an IP-Adapter for a small SDXL."""
    top, unet = tmp_path_factory.mktemp("brought"), make_base("sdxl").unet
    leads.control_folder(top / "tile", unet, seed=1)
    leads.ip_adapter(top / "looks", unet)
    return top


def test_both_are_kept_with_all_that_loads_them(brought: Path, tmp_path: Path) -> None:
    (brought / "tile" / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    tile = control_intake.add(
        tmp_path, "tile", str(brought / "tile"), kind="tile", family="sdxl", **WHO
    )
    assert (tile.part, tile.kind, tile.family) == (CONTROLNET, "tile", "sdxl")
    assert (tile.licence, tile.commercial, tile.by) == ("apache-2.0", True, "ana")
    looks = control_intake.add(
        tmp_path,
        "looks",
        str(brought / "looks" / "ip-adapter.safetensors"),
        kind="reference",
        family="sdxl",
        licence="somebody's, not for sale (nc)",
        **WHO,
    )
    assert looks.part == IP_ADAPTER and looks.encoder_config["image_size"] == 32
    assert control_files.listing(tmp_path) == (looks, tile)
    files = control_files.files(tmp_path, tile)
    assert files.weights.read_bytes() == Path(leads.weights_of(brought / "tile")).read_bytes()
    assert files.config["_class_name"] == "ControlNetModel" and files.encoder is None
    encoder = control_files.files(tmp_path, looks).encoder
    assert encoder is not None and encoder.is_file()
    assert control_files.offered(tmp_path, XL) == (looks, tile)
    assert control_files.offered(tmp_path, XL, CONTROLNET) == (tile,)
    assert control_files.offered(tmp_path, "somebody/some-diffusion") == ()
    assert control_files.named(tmp_path, "tile", XL, CONTROLNET) == tile
    for name, base, part, said in (
        ("tile", "somebody/some-diffusion", CONTROLNET, r"is for SDXL, and the base .* is Stable"),
        ("tile", XL, IP_ADAPTER, "is a ControlNet, not an IP-Adapter"),
        ("gone", XL, CONTROLNET, "no ControlNet or IP-Adapter 'gone'"),
        (OWN, "pocket-nowhere/base", CONTROLNET, "carries no ControlNet"),
    ):
        with pytest.raises(StudioError, match=said):
            control_files.named(tmp_path, name, base, part)
    control_files.remove(tmp_path, "tile")
    assert control_files.listing(tmp_path) == (looks,)
    with pytest.raises(StudioError, match="no 'tile'"):
        control_files.remove(tmp_path, "tile")


def test_the_family_is_told_by_how_wide_the_texts_are(tmp_path: Path) -> None:
    for wide, family in ((768, "sd1"), (1024, "sd2"), (2048, "sdxl")):
        names = ("controlnet_cond_embedding.conv_in.weight", "down_blocks.0.attn2.to_k.weight")
        file = tmp_path / f"{wide}.safetensors"
        save_file({names[0]: torch.zeros(2, 3, 3, 3), names[1]: torch.zeros(4, wide)}, file)
        home = tmp_path / family
        assert control_intake.add(home, "one", str(file), kind="canny", **WHO).family == family
        with pytest.raises(StudioError, match="not for the practice base"):
            control_intake.add(home, "b", str(file), kind="canny", family="practice", **WHO)


def test_what_can_not_be_used_is_refused_by_name(brought: Path, tmp_path: Path) -> None:
    pickle = tmp_path / "old.safetensors"
    pickle.write_bytes(b"\x80\x04" + bytes(40))
    other = tmp_path / "lora.safetensors"
    save_file({"lora_unet_a.lora_down.weight": torch.zeros(2, 2)}, other)
    alone = Path(shutil.copytree(brought / "looks", tmp_path / "alone"))
    shutil.rmtree(alone / "image_encoder")
    tile = str(brought / "tile")
    for name, source, kind, family, said in (
        ("two.three", tile, "tile", "sdxl", "is no name"),
        (OWN, tile, "tile", "sdxl", "is no name"),
        ("a", tile, "sound", "sdxl", "no kind 'sound'"),
        ("a", tile, "tile", "", "does not tell which bases"),
        ("a", tile, "reference", "sdxl", "is a ControlNet, not an IP-Adapter"),
        ("a", str(pickle), "tile", "sdxl", "it is a pickle"),
        ("a", str(other), "tile", "sdxl", "not a ControlNet"),
        ("a", str(alone), "reference", "sdxl", "needs the encoder"),
        ("a", str(tmp_path / "no"), "tile", "sdxl", "nothing at"),
        ("a", "somebody/control", "tile", "", "Which bases"),
        ("a", "somebody/looks", "reference", "sd1", "names no file"),
        ("a", "somebody/looks:ip.safetensors", "reference", "sd1", "needs the encoder"),
    ):
        with pytest.raises(StudioError, match=said):
            control_intake.add(tmp_path / "home", name, source, kind=kind, family=family, **WHO)
    assert control_files.listing(tmp_path / "home") == ()
    hub = control_intake.add(
        tmp_path / "home", "far", "somebody/control", kind="tile", family="sd1", **WHO
    )
    assert (hub.hub, hub.licence) == ("somebody/control", "unknown")
    with pytest.raises(StudioError, match="There is a far already"):
        control_intake.add(tmp_path / "home", "far", tile, kind="tile", family="sdxl", **WHO)


def test_a_practice_base_carries_its_own(tmp_path: Path) -> None:
    base = Path(shutil.copytree(POCKET, tmp_path / "base"))
    shutil.rmtree(base / "control", ignore_errors=True)
    assert control_files.of_base(str(base)) is None
    assert "pocket control" in control_files.missing("practice", CONTROLNET)
    leads.control_folder(
        base / "control", make_base("sd1").unet, channels=4, embedding=(4, 4, 8), seed=0
    )
    own = control_files.of_base(str(base))
    assert own is not None and (own.kind, own.family, own.licence) == (
        "tile",
        "practice",
        "cc0-1.0",
    )
    assert control_files.offered(tmp_path, str(base)) == (own,)
    assert control_files.files(tmp_path, own).weights.is_file()
