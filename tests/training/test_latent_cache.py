"""The cache on the real pocket base: encoded once, never stale, never torn, of bounded size."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.diffusion.bases import Base, find_base, load_pipeline
from studio.errors import StudioError
from studio.settings import POCKET
from studio.training import encoding, latent_cache
from studio.training.encoded_dataset import Encoded
from tests.rounding import same_tensor

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def pipeline() -> Any:
    torch.set_num_threads(1)
    return load_pipeline(find_base("pocket"), CPU)


class Pictures:
    """Made-up pictures as examples; `opened` counts how often one was really needed. Opening stops
    everything after `stop_at` of them, or at the one that is `broken`, whoever opens it first."""

    def __init__(self, count: int = 3) -> None:
        self.opened: list[str] = []
        self.stop_at = -1
        self.broken = ""
        self.examples = [self.example(seed) for seed in range(count)]

    def example(self, seed: int) -> latent_cache.Example:
        pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 4), np.uint8)
        digest = hashlib.sha256(pixels.tobytes()).hexdigest()

        def opened() -> Image.Image:
            if digest == self.broken or 0 <= self.stop_at <= len(self.opened):
                raise KeyboardInterrupt
            self.opened.append(digest)
            return Image.fromarray(pixels, "RGBA")

        return latent_cache.Example(digest, f"sprite {seed}", opened)

    def encode(self, pipeline: Any, folder: Path, **changed: Any) -> Encoded:
        given = {"size": 32, "filter": "nearest", "matte": "#808080", **changed}
        captions = [e.caption for e in self.examples]
        return latent_cache.encode(pipeline, self.examples, captions, folder=folder, **given)


def same(one: Encoded, other: Encoded) -> bool:
    pairs = [(one.text, other.text)]
    for mine, theirs in zip(one.groups, other.groups, strict=True):
        pairs += [(mine.mean, theirs.mean), (mine.deviation, theirs.deviation)]
    return all(torch.equal(mine, theirs) for mine, theirs in pairs)


def means(encoded: Encoded) -> torch.Tensor:
    """The only group's."""
    (group,) = encoded.groups
    return group.mean


def files(folder: Path) -> list[str]:
    return sorted(f.name for f in folder.iterdir())


def test_what_was_encoded_is_read_again(pipeline: Any, tmp_path: Path) -> None:
    pictures = Pictures()
    first = pictures.encode(pipeline, tmp_path)
    assert means(first).shape == (3, 16, 8, 8) and first.text.shape == (4, 32, 192)
    assert same_tensor(first.text[1], latent_cache.embed(pipeline, ["sprite 1"])[0])
    assert same_tensor(first.nothing, latent_cache.embed(pipeline, [""])[0])
    assert not means(first).is_inference() and not first.text.is_inference()
    assert len(pictures.opened) == 3 and len(files(tmp_path)) == 2  # of pictures and of texts
    again = pictures.encode(pipeline, tmp_path)
    assert same(first, again) and len(pictures.opened) == 3
    # An edited picture has another hash; another size or filter gives another latent.
    pictures.examples[1] = pictures.example(9)
    edited = pictures.encode(pipeline, tmp_path)
    assert len(pictures.opened) == 4 and not torch.equal(means(edited)[1], means(first)[1])
    assert torch.equal(means(edited)[0], means(first)[0])
    pictures.encode(pipeline, tmp_path, filter="box")
    assert len(pictures.opened) == 7
    # This base draws alpha: nothing lies behind it, so the matte does not matter.
    pictures.encode(pipeline, tmp_path, matte="white")
    assert len(pictures.opened) == 7


def test_a_base_is_known_by_its_weights_not_by_its_place(pipeline: Any, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(POCKET, tmp_path / "elsewhere"))
    moved = load_pipeline(Base("moved", str(copy), "unknown", None), CPU)
    for part in ("vae", "text_encoder"):
        ours, theirs = getattr(pipeline, part), getattr(moved, part)
        assert latent_cache.fingerprint(theirs) == latent_cache.fingerprint(ours)
        before = latent_cache.fingerprint(ours)
        assert latent_cache.fingerprint(theirs.half()) != before
        with torch.no_grad():
            next(iter(theirs.float().parameters())).view(-1)[0] += 1
        assert latent_cache.fingerprint(theirs) != before


def test_a_torn_file_is_encoded_again(pipeline: Any, tmp_path: Path) -> None:
    pictures = Pictures()
    first = pictures.encode(pipeline, tmp_path)
    for times, data in enumerate((b"", b"x", None), start=2):
        for file in tmp_path.iterdir():
            file.write_bytes(file.read_bytes()[:-1] if data is None else data)
        assert same(pictures.encode(pipeline, tmp_path), first)
        assert len(pictures.opened) == 3 * times
    assert same(pictures.encode(pipeline, tmp_path), first) and len(pictures.opened) == 12


def test_interrupted_it_goes_on_where_it_was(pipeline: Any, tmp_path: Path) -> None:
    pictures = Pictures()
    pictures.stop_at = 2
    with pytest.raises(KeyboardInterrupt):
        pictures.encode(pipeline, tmp_path / "cache")
    assert len(files(tmp_path / "cache")) == 1
    left = tmp_path / "cache" / "x.1.part"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    pictures.stop_at = -1
    resumed = pictures.encode(pipeline, tmp_path / "cache")
    assert len(pictures.opened) == 3 and not left.exists()
    assert same(resumed, Pictures().encode(pipeline, tmp_path / "other"))


def test_several_pictures_are_encoded_at_once_and_told(
    pipeline: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a GPU: four to a call, opened by other threads; the last bits may differ."""
    one_by_one = Pictures(9).encode(pipeline, tmp_path / "one")
    calls, told = [], []
    real = pipeline.vae.encode

    def counted(pixels: torch.Tensor) -> Any:
        calls.append(len(pixels))
        return real(pixels)

    monkeypatch.setitem(encoding.PIXELS, "cpu", 4 * 32 * 32)
    monkeypatch.setattr(pipeline.vae, "encode", counted)
    pictures = Pictures(9)
    at_once = pictures.encode(
        pipeline, tmp_path / "many", report=lambda done, all: told.append((done, all))
    )
    assert calls == [4, 4, 1] and told == [(0, 9), (4, 9), (8, 9), (9, 9)]
    assert same_tensor(means(at_once), means(one_by_one))
    assert same_tensor(at_once.text, one_by_one.text)
    # A picture that can't be opened stops it; what was encoded before is kept.
    more = Pictures(20)
    more.broken = more.examples[14].hash
    with pytest.raises(KeyboardInterrupt):
        more.encode(pipeline, tmp_path / "many")
    calls.clear()
    more.broken = ""
    more.encode(pipeline, tmp_path / "many")
    assert sum(calls) == 7  # of the 11 that are new, all but the four before the broken one's


def test_nothing_is_not_learned(pipeline: Any, tmp_path: Path) -> None:
    clear = Image.new("RGBA", (16, 16), (200, 10, 10, 0))
    full = Image.new("RGBA", (16, 16), (200, 10, 10, 255))
    black = Image.new("RGBA", (16, 16), (0, 0, 0, 255))

    def encode(*examples: latent_cache.Example) -> Encoded:
        captions = [one.caption for one in examples]
        given = {"size": 32, "filter": "nearest", "matte": "#808080", "folder": tmp_path}
        return latent_cache.encode(pipeline, examples, captions, **given)

    nothing = latent_cache.Example("a", "nothing", lambda: clear)
    masked = latent_cache.Example("b", "masked", lambda: full, mask_hash="c", mask=lambda: black)
    for examples in ([nothing], [masked], [nothing, masked]):
        with pytest.raises(StudioError, match="Nothing is to be seen on any of the [12] pictures"):
            encode(*examples)
    assert len(encode(nothing, latent_cache.Example("d", "a gem", lambda: full))) == 2


def test_the_files_used_longest_ago_go_first(
    pipeline: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for age, name in enumerate(["new", "old", "oldest"]):
        (tmp_path / f"{name}.safetensors").write_bytes(bytes(1000))
        os.utime(tmp_path / f"{name}.safetensors", (1000 - age, 1000 - age))
    (tmp_path / "other.txt").write_bytes(bytes(5000))
    latent_cache.bound(
        tmp_path, [tmp_path / "oldest.safetensors", tmp_path / "gone.safetensors"], 2000
    )
    assert files(tmp_path) == ["new.safetensors", "oldest.safetensors", "other.txt"]
    pictures = Pictures()
    monkeypatch.setattr(latent_cache, "MOST_BYTES", 100)
    first = pictures.encode(pipeline, tmp_path)
    kept = [f for f in files(tmp_path) if f.endswith(".safetensors")]
    assert len(kept) == 2 and "new.safetensors" not in kept  # what is in use stays
    assert same(pictures.encode(pipeline, tmp_path), first) and len(pictures.opened) == 3


def test_a_full_disk_names_the_file_and_keeps_what_was_encoded(
    pipeline: Any, tmp_path: Path
) -> None:
    """A limit on file size stands for the full disk: latents fit under it, texts do not."""
    pictures = Pictures()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
        with pytest.raises(StudioError, match=r"\.safetensors could not be written") as said:
            pictures.encode(pipeline, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert "room" in said.value.remedy
    assert len(files(tmp_path)) == 1 and not list(tmp_path.glob("*.part"))
    pictures.encode(pipeline, tmp_path)
    assert len(pictures.opened) == 3
