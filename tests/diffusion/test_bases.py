"""Bases that are not ours: found, looked at before they are loaded, refused by name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from studio.diffusion import bases, licences
from studio.errors import StudioError

CPU = torch.device("cpu")
PARTS = (
    "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
    "unet/config.json",
    "unet/diffusion_pytorch_model.safetensors",
    "text_encoder/config.json",
    "text_encoder/model.safetensors",
    "tokenizer/tokenizer.json",
    "scheduler/scheduler_config.json",
    "model_index.json",
)


def change(file: Path, **fields: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **fields}))


def refused(folder: Path) -> str:
    """What finding the base says, and loading it says the same where it gets that far."""
    with pytest.raises(StudioError) as found:
        bases.find_base(str(folder))
    assert found.value.remedy
    with pytest.raises(StudioError) as loaded:
        bases.load_pipeline(bases.Base("x", str(folder.resolve()), "unknown", None), CPU)
    assert loaded.value.remedy == found.value.remedy
    return str(found.value)


def test_a_folder_is_found_from_anywhere_with_the_licence_of_its_card(
    base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(base_folder.parent)
    base = bases.find_base("little")
    assert (base.licence, base.commercial) == ("creativeml-openrail-m", True)
    monkeypatch.chdir(tmp_path)
    assert bases.find_base(base.name) == base
    pipeline = bases.load_pipeline(base, CPU)
    assert (bases.native_size(pipeline), bases.draws_alpha(pipeline)) == (64, False)
    assert pipeline.safety_checker is None


def test_without_a_card_the_licence_is_unknown(altered: Callable[[], Path]) -> None:
    folder = altered()
    (folder / "README.md").unlink()
    base = bases.find_base(str(folder))
    assert (base.licence, base.commercial) == ("unknown", None)


@pytest.mark.parametrize(
    ("card", "licence", "commercial"),
    [
        ("---\nlicense: mit\ntags: [x]\n---\n# Text", "mit", True),
        ("---\nlicense: CC-BY-NC-4.0\n---\n", "cc-by-nc-4.0", False),
        ("---\nlicense: other\nlicense_name: some-terms\n---\n", "some-terms", None),
        ("---\nlicense: [mit, cc-by-nc-sa-4.0]\n---\n", "mit, cc-by-nc-sa-4.0", False),
        ("---\nlicense: other\n---\n", "unknown", None),
        ("---\ntitle: none\n---\nlicense: mit", "unknown", None),
        ("---\nlicense: [\n---\n", "unknown", None),
        ("Just text about\nlicense: mit", "unknown", None),
        ("", "unknown", None),
    ],
)
def test_a_card_gives_licence_and_commercial_use(
    tmp_path: Path, card: str, licence: str, commercial: bool | None
) -> None:
    (tmp_path / "README.md").write_text(card)
    assert licences.of_card(tmp_path / "README.md") == (licence, commercial)


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_part_is_named(altered: Callable[[], Path], part: str) -> None:
    folder = altered()
    (folder / part).unlink()
    assert part in refused(folder)


@pytest.mark.parametrize("part", [p for p in PARTS if "tokenizer" not in p])
def test_a_torn_part_is_named(altered: Callable[[], Path], part: str) -> None:
    folder = altered()
    (folder / part).write_bytes((folder / part).read_bytes()[:20])
    assert part in refused(folder)


def test_weights_in_half_precision_alone_are_loaded(base_folder: Path, tmp_path: Path) -> None:
    pipeline = bases.load_pipeline(bases.find_base(str(base_folder)), CPU)
    pipeline.to(dtype=torch.float16).save_pretrained(tmp_path / "half", variant="fp16")
    assert not (tmp_path / "half" / "unet" / "diffusion_pytorch_model.safetensors").exists()
    half = bases.load_pipeline(bases.find_base(str(tmp_path / "half")), CPU)
    assert half.unet.dtype == half.vae.dtype == half.text_encoder.dtype == torch.float32
    for name, weight in pipeline.unet.state_dict().items():
        assert torch.equal(half.unet.state_dict()[name], weight.float()), name
    # One part in half precision among whole ones, as some folders have it.
    mixed = Path(shutil.copytree(base_folder, tmp_path / "mixed"))
    shutil.rmtree(mixed / "unet")
    shutil.copytree(tmp_path / "half" / "unet", mixed / "unet")
    assert bases.load_pipeline(bases.find_base(str(mixed)), CPU).unet.dtype == torch.float32


def test_pickled_weights_are_refused(altered: Callable[[], Path]) -> None:
    folder = altered()
    (folder / "unet" / "diffusion_pytorch_model.safetensors").rename(
        folder / "unet" / "diffusion_pytorch_model.bin"
    )
    said = refused(folder)
    assert "diffusion_pytorch_model.bin is a pickle" in said and "safetensors" in said


def test_another_kind_of_pipeline_is_refused_with_what_works(altered: Callable[[], Path]) -> None:
    folder = altered()
    for kind in ("StableDiffusion3Pipeline", "FluxPipeline", "StableDiffusionInpaintPipeline"):
        change(folder / "model_index.json", _class_name=kind)
        said = refused(folder)
        assert kind in said and "pocket, Stable Diffusion 1.x or 2.x, or SDXL" in said
    change(folder / "model_index.json", requires_aesthetics_score=True)
    assert "refiner of SDXL" in refused(folder)
    change(
        folder / "model_index.json",
        _class_name="StableDiffusionXLPipeline",
        requires_aesthetics_score=False,
    )
    assert "text_encoder_2" in refused(folder)
    change(folder / "model_index.json", _class_name="StableDiffusionPipeline")
    change(folder / "unet" / "config.json", addition_embed_type="text_time")
    assert "the UNet of another base" in refused(folder)
    change(folder / "unet" / "config.json", addition_embed_type=None, in_channels=9)
    assert "inpainting" in refused(folder)
    change(folder / "unet" / "config.json", cross_attention_dim=64, in_channels=4)
    with pytest.raises(StudioError, match="could not be loaded.*attn2"):
        bases.load_pipeline(bases.find_base(str(folder)), CPU)


def test_what_is_no_base_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "model.safetensors").write_bytes(b"x")
    assert "no model_index.json" in refused(tmp_path / "folder")
    assert "not a whole safetensors file" in refused(tmp_path / "model.safetensors")
    for name in ("", "nothing", "./nothing/there", "a/b/c", "owner/"):
        with pytest.raises(StudioError, match="There is no base"):
            bases.find_base(name)


def test_a_hub_id_without_network_names_base_and_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    base = bases.find_base("housestyle-test/nowhere")
    assert (base.licence, base.commercial) == ("unknown", None)
    known = bases.find_base("stable-diffusion-v1-5/stable-diffusion-v1-5")
    assert (known.licence, known.commercial) == ("CreativeML OpenRAIL-M", True)
    with pytest.raises(StudioError, match="housestyle-test/nowhere is not on this machine") as said:
        bases.load_pipeline(base, CPU)
    assert "network" in said.value.remedy and "folder" in said.value.remedy
