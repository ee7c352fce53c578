"""Whoever sees all that is sent before a vote but not the pixels can't tell which side is which.

Two versions are drawn so that everything about them differs that could show through: size of the
files, their names, metadata, times of writing, how well they compress, how fast they are read. A
classifier is trained on what a browser gets for 400 pairs and asked about others.
"""

import asyncio
import io
import os
import struct
import time

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from starlette.requests import Request

from studio import web
from studio.review import ballots, voting
from studio.review.pictures import Drawn, Side
from studio.review.serving import flipped
from studio.review.sitting import Sitting
from studio.workflows import now

pytestmark = pytest.mark.slow
PAIRS = 400
SIDE = 32


@pytest.fixture
def drawn(tmp_path):
    """Version 1: flat, old, small files. Version 2: noise, new, with metadata."""
    rng, found = np.random.default_rng(9), []
    for number in (1, 2):
        files = {}
        for n in range(PAIRS):
            pixels = np.full((SIDE, SIDE, 4), rng.integers(0, 256, 4), np.uint8)
            if number == 2:
                pixels = rng.integers(0, 256, (SIDE, SIDE, 4), np.uint8)
            pixels[..., 3] = 255
            told = PngInfo()
            told.add_text("made by", f"version {number}")
            file = tmp_path / f"version-{number}-{n}.png"
            Image.fromarray(pixels, "RGBA").save(file, pnginfo=told if number == 2 else None)
            if number == 1:
                os.utime(file, (1, 1))
            files[f"a thing {n % 40}", n // 40] = file
        found.append(Drawn(Side("sample", number), "p1", files))
    return found


def frame(address, who):
    """All of the answer to a browser but what it decodes to, as numbers."""
    scope = {
        "type": "http", "method": "GET", "path": address, "query_string": b"",
        "path_params": {"of": address.rsplit("/", 1)[1]},
        "headers": [(b"cookie", f"housestyle_name={who}".encode())],
    }  # fmt: skip
    begun = time.perf_counter()
    got = asyncio.run(web.judged_picture(Request(scope)))
    seconds = time.perf_counter() - begun
    assert got.status_code == 200
    half = len(got.body) // 2
    numbers = [len(got.body), seconds, len(got.headers), sum(map(ord, str(got.headers.items())))]
    for part in (got.body[:half], got.body[half:]):
        with Image.open(io.BytesIO(part)) as picture:
            numbers += [len(part), *picture.size, len(picture.info), len(picture.getbands())]
        numbers += list(_chunks(part)) + [part[-1], part[25], part[24]]
    return numbers


def _chunks(data):
    """Names and lengths of a PNG's chunks in their order, as numbers."""
    place, told = 8, []
    while place < len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        told += [sum(name), length]
        place += length + 12
    return [len(told), *told[:8]] + [0] * (8 - len(told[:8]))


def _told(entry):
    """What the page itself says of a pair: its number, its address and how long they are."""
    seal = entry["both"][-24:]
    return [entry["item"], len(entry["both"]), len(entry["prompt"]), *map(ord, seal)]


def test_a_classifier_of_everything_but_pixels_is_no_better_than_chance(studio, drawn):
    made = ballots.open_ballot(
        studio.engine, studio.home, drawn=drawn, question="Which?", voters=2, by="Lea", key="k",
        now=now(),
    )  # fmt: skip
    assert made.share == PAIRS
    rows, labels = [], []
    for who in ("ana", "ben"):  # ana's pairs to learn from, ben's to be asked about
        sat = Sitting(made.id, who)
        for place in range(PAIRS):
            seen = voting.view(studio.engine, sat)
            entry = seen["queue"][0]
            assert set(entry) == {"item", "prompt", "both"}
            rows.append([place, *_told(entry), *frame(entry["both"], who)])
            labels.append(flipped(studio.engine, made.id, who, entry["item"]))
            voting.take(
                studio.engine, sat, [{"id": f"{who}-{place}", "say": "tie", "item": entry["item"]}],
                now(),
            )  # fmt: skip
    found, wanted = np.array(rows, float), np.array(labels)
    assert wanted[:PAIRS].sum() == wanted[PAIRS:].sum() == PAIRS // 2
    for guess in (_logistic, _nearest):
        right = (guess(found[:PAIRS], wanted[:PAIRS], found[PAIRS:]) == wanted[PAIRS:]).sum()
        print(guess.__name__, right, "of", PAIRS)
        assert right <= 230  # 400 fair coins give more in 1 of 1,000 runs
    # The same classifier finds the side where something tells it: what the files themselves say.
    bare = np.array([[len(drawn[0].files[c].read_bytes()), len(drawn[1].files[c].read_bytes())]
                     for c in drawn[0].files], float)  # fmt: skip
    swapped = np.where(wanted[:PAIRS, None], bare[:, ::-1], bare)
    later = np.where(wanted[PAIRS:, None], bare[:, ::-1], bare)
    assert (_logistic(swapped, wanted[:PAIRS], later) == wanted[PAIRS:]).all()


def _scaled(train, asked):
    middle, spread = train.mean(axis=0), train.std(axis=0)
    spread[spread == 0] = 1
    return (train - middle) / spread, (asked - middle) / spread


def _logistic(train, labels, asked):
    train, asked = _scaled(train, asked)
    weights = np.zeros(train.shape[1])
    for _ in range(300):
        chance = 1 / (1 + np.exp(-np.clip(train @ weights, -30, 30)))
        weights += 0.5 * (train.T @ (labels - chance) / len(train) - 0.01 * weights)
    return asked @ weights > 0


def _nearest(train, labels, asked, count=15):
    train, asked = _scaled(train, asked)
    apart = ((asked[:, None] - train[None]) ** 2).sum(axis=2)
    return labels[np.argsort(apart, axis=1)[:, :count]].mean(axis=1) > 0.5
