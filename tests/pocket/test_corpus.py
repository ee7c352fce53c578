"""What is taught: shadows cut, variants kept together, other styles redrawn, folders split."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from studio.captioning.subjects import COLOUR_NAMES, subject_of
from studio.pocket.captions import caption, view_of
from studio.pocket.corpus import Source, parse_source, read_corpus, read_sources
from studio.pocket.credits import credits_text
from studio.pocket.heroes import called_plainly
from studio.pocket.holdout import group_things, held_out_things, thing_name
from studio.pocket.pixelisation import as_sprite
from studio.pocket.pool import build_pool
from studio.pocket.shadows import cut_shadow


def _sprite(box: tuple[int, int, int, int], colour: str = "red") -> Image.Image:
    picture = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle(box, fill=colour, outline="black")
    return picture


def test_a_shadow_goes_and_the_outline_stays() -> None:
    plain = np.asarray(_sprite((6, 4, 18, 24)))
    shadowed = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    pen = ImageDraw.Draw(shadowed)
    pen.ellipse((8, 18, 30, 28), fill=(0, 0, 0, 120))
    pen.ellipse((16, 20, 24, 26), fill=(0, 0, 0, 255))
    shadowed.alpha_composite(Image.fromarray(plain))
    cut = cut_shadow(np.asarray(shadowed))
    assert (cut[..., 3] > 0).sum() == pytest.approx((plain[..., 3] > 0).sum(), abs=4)
    assert (cut[4, 6:19, 3] == 255).all() and (cut[..., 3][plain[..., 3] > 0] == 255).all()


def test_pictures_without_a_shadow_stay_as_they_are() -> None:
    plain = np.asarray(_sprite((6, 4, 18, 24)))
    assert cut_shadow(plain) is plain
    black = np.asarray(_sprite((6, 4, 18, 24), "black"))
    assert cut_shadow(black) is black  # a black thing is no shadow
    ghost = plain.copy()
    ghost[..., 3] //= 2
    ghost[10:14, 8:16, :3] = 0
    assert cut_shadow(ghost) is ghost
    bottle = plain.copy()
    bottle[8:14, 9:15] = (0, 0, 0, 90)  # dark glass, walled in
    assert cut_shadow(bottle) is bottle


def test_variants_of_one_thing_are_one_group() -> None:
    red, blue = _sprite((6, 4, 18, 24)), _sprite((6, 4, 18, 24), "blue")
    other = _sprite((4, 20, 28, 26))
    pictures = [red, blue, red.transpose(Image.Transpose.FLIP_LEFT_RIGHT), other, other]
    pixels = np.stack([np.asarray(picture) for picture in pictures])
    groups = group_things(["a", "b", "c", "d", "e"], pixels)
    assert groups[0] == groups[1] == groups[2] != groups[3] == groups[4]
    named = group_things(["a", "b", "c", "a", "d"], pixels)
    assert len(set(named)) == 1  # by name or by shape, over several steps
    assert thing_name("red apple left", "food", COLOUR_NAMES) == thing_name(
        "green apple", "food", COLOUR_NAMES
    )


def test_a_tenth_of_the_things_is_held_out_and_no_kind_is_lost() -> None:
    digests = [hashlib.sha256(str(k).encode()).hexdigest() for k in range(600)]
    groups = [k // 2 for k in range(600)]
    held = held_out_things(groups, digests, ["any"] * 600, 10)
    assert 0.06 < sum(held) / 600 < 0.14
    assert all(held[k] == held[k + 1] for k in range(0, 600, 2))
    alone = held_out_things(groups, digests, [f"kind {g}" for g in groups], 10)
    assert not any(alone)


def test_another_style_is_held_out_more_and_taught_both_ways(tmp_path: Path) -> None:
    rng = random.Random(0)
    lines = []
    for k in range(24):
        picture = Image.new("RGB", (64, 64), "black")
        box = [rng.randint(2, 28), rng.randint(2, 28), rng.randint(34, 62), rng.randint(34, 62)]
        ImageDraw.Draw(picture).ellipse(box, fill="white")
        picture.save(tmp_path / f"{k}.png")
        lines.append(
            json.dumps({"file_name": f"{k}.png", "text": f"thing{chr(97 + k)}", "author": "ann"})
        )
    (tmp_path / "metadata.jsonl").write_text("\n".join(lines))
    (tmp_path / "LICENSE.txt").write_text("CC BY")
    source = parse_source(f"{tmp_path}=White  icon")
    assert source == Source(tmp_path, "white icon")
    sprites = read_sources([source])
    assert 2 <= sum(sprite.held_out for sprite in sprites) <= 12
    assert "Authors: ann." in credits_text([source], sprites)
    taught = [sprite for sprite in sprites if not sprite.held_out]
    pool = build_pool(taught, 2, 3, seed=0)
    first = [texts for texts, of in zip(pool.captions, pool.source, strict=True) if of == 0]
    assert len(first) == 3  # as it is, redrawn, redrawn and recoloured
    assert sum("white icon" in text for text in first[0]) >= 9
    assert not any("icon" in text for texts in first[1:] for text in texts)
    assert pool.weight.sum() == pytest.approx(1)
    plain = taught[0].plain
    assert plain is not None and plain[0, 0, 3] == 0
    assert set(np.unique(plain[..., 3])) == {0, 255}
    assert read_corpus(tmp_path)[0].plain is None


def test_redrawn_pictures_have_few_shades_and_an_outline() -> None:
    picture = Image.new("RGBA", (128, 128), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((20, 20, 100, 100), fill=(200, 40, 30, 255))
    found = as_sprite(picture)
    drawn = found[found[..., 3] == 255]
    dark = (drawn[:, :3].max(1) < 20).mean()
    assert 0.05 < dark < 0.4 and len(np.unique(drawn, axis=0)) <= 8


def test_captions_name_style_and_view() -> None:
    subject = subject_of("red apple", "")
    assert subject.kind == "apple"
    said = [caption(subject, ["red"], random.Random(k), style="emoji") for k in range(100)]
    assert sum("emoji" in text for text in said) > 85
    upright = np.asarray(_sprite((8, 4, 23, 28)))
    assert view_of(upright) == "front view"
    stick = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    ImageDraw.Draw(stick).line((4, 28, 28, 4), fill="brown", width=4)
    assert view_of(np.asarray(stick)) == "diagonal"
    seen = [caption(subject, [], random.Random(k), view="diagonal") for k in range(100)]
    assert 2 < sum("diagonal" in text for text in seen) < 30


def test_heroes_are_called_what_they_are() -> None:
    text = called_plainly("sigmund unique")
    subject = subject_of(text, "mon/unique")
    assert subject.kind == "hero" and "man" in subject.names and "sigmund" not in subject.names
