"""A base's hash: reproducible with sha256sum, read once, and another one for other weights."""

import hashlib
import json
import os
import shutil

import numpy as np
import pytest
from safetensors.numpy import save_file

from studio.diffusion import folder_layout
from studio.diffusion.base_weights import known_hash, weights_hash
from studio.settings import POCKET
from studio.store import known_hashes

PARTS = (
    "text_encoder/model.safetensors",
    "unet/diffusion_pytorch_model.safetensors",
    "vae/diffusion_pytorch_model.safetensors",
)


@pytest.fixture
def base(tmp_path):
    """A folder of pocket's layout with weights of a few bytes."""
    names = shutil.ignore_patterns("*.safetensors")
    folder = shutil.copytree(POCKET, tmp_path / "base", ignore=names)
    for k, part in enumerate(PARTS):
        save_file({"w": np.full(4, k, np.float32)}, folder / part)
    return folder


def by_hand(folder, parts=PARTS):
    lines = [f"{hashlib.sha256((folder / p).read_bytes()).hexdigest()}  {p}\n" for p in parts]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def test_a_folder_is_hashed_by_component_and_name(tmp_path, base):
    assert weights_hash(tmp_path, str(base)) == by_hand(base)
    moved = base.rename(tmp_path / "elsewhere")
    assert weights_hash(tmp_path, str(moved)) == by_hand(moved)
    (moved / "README.md").write_text("other words change no weights")
    save_file({"w": np.zeros(4, np.float32)}, moved / "clip" / "open_clip_model.safetensors")
    assert weights_hash(tmp_path, str(moved)) == by_hand(moved)


def test_the_practice_base_has_one(tmp_path):
    assert weights_hash(tmp_path, "pocket") == by_hand(POCKET)
    assert weights_hash(tmp_path, str(POCKET)) == known_hash(tmp_path, "pocket")


def test_a_file_has_its_own(tmp_path, base):
    file = base / PARTS[1]
    assert weights_hash(tmp_path, str(file)) == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_file_is_read_again_only_when_it_changes(tmp_path, base):
    assert known_hash(tmp_path, str(base)) == ""
    before = weights_hash(tmp_path, str(base))
    assert known_hash(tmp_path, str(base)) == before
    # Other bytes of the same size at the same time are not seen: the file is not read.
    unet = base / PARTS[1]
    stat, data = unet.stat(), unet.read_bytes()
    unet.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    os.utime(unet, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert weights_hash(tmp_path, str(base)) == before
    os.utime(unet, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert known_hash(tmp_path, str(base)) == ""
    assert weights_hash(tmp_path, str(base)) == by_hand(base) != before
    kept = json.loads((tmp_path / known_hashes.KEPT).read_text())
    assert sorted(kept) == sorted(str(base / part) for part in PARTS)


def test_a_cache_that_is_torn_is_made_anew(tmp_path, base):
    kept = tmp_path / known_hashes.KEPT
    kept.parent.mkdir()
    for torn in ('{"/x": 3}', "[1]", "{"):
        kept.write_text(torn)
        assert known_hash(tmp_path, str(base)) == ""
    assert weights_hash(tmp_path, str(base)) == known_hash(tmp_path, str(base)) == by_hand(base)


def test_what_is_not_on_this_machine_has_none(tmp_path, base):
    for name in ("", "nobody/at-all", "/no/such/base", str(tmp_path), "a b/c d"):
        assert weights_hash(tmp_path, name) == ""
    assert not (tmp_path / known_hashes.KEPT).exists()


def test_the_variant_that_is_loaded_counts(base):
    half = base / "unet" / "diffusion_pytorch_model.fp16.safetensors"
    save_file({"w": np.zeros(4, np.float16)}, half)
    assert half not in folder_layout.weight_files(base, "x")
    (base / PARTS[1]).unlink()
    assert folder_layout.weight_files(base, "x") == [base / PARTS[0], half, base / PARTS[2]]
