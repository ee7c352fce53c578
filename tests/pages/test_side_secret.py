"""Whoever sees all that is sent before a vote but not the pixels can't tell which side is which.

Two versions are drawn so that everything about them differs that could show through: size of the
files, their names, metadata, times of writing, how well they compress, how fast they are read.
Classifiers learn from what some voters' browsers get and are asked about other voters' pairs: the
page's message, the answer's frame and time, where in the session it came, the pair before and what
was answered there.

Passes where no classifier is right so often that fair coins would be in less than 1 of 1,000 runs,
twice, the second time about other voters' pairs: of 250 honest runs one is asked twice, and one in
250,000 fails. A side told in 3 of 5 pairs must be found by the
very same classifiers, but for the one that looks for neighbours. HOUSESTYLE_BLIND_VOTERS asks more
people (half of them to learn from): with n pairs asked about, an advantage of about 2.2 / sqrt(n)
over one half is found in 9 of 10 runs, so .08 with the usual 4 voters and .03 with 32.
"""

import asyncio
import io
import json
import os
import struct
import time

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from scipy.stats import binomtest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from starlette.requests import Request

from studio.context import now
from studio.review import ballots, voter_sitting
from studio.review.pair_order import flipped
from studio.review.pictures import Drawn, Side
from studio.review.sitting import Sitting
from studio.web import review_routes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
PAIRS = 400
SIDE = 32
VOTERS = int(os.environ.get("HOUSESTYLE_BLIND_VOTERS", "4"))
ANSWERS = ("left", "right", "tie", "bad")


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
        "type": "http",
        "method": "GET",
        "path": address,
        "query_string": b"",
        "path_params": {"of": address.rsplit("/", 1)[1]},
        "headers": [(b"cookie", f"housestyle_name={who}".encode())],
    }
    begun = time.perf_counter()
    got = asyncio.run(review_routes.judged_picture(Request(scope)))
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


def _told(seen):
    """What the page's message says of its first pair: numbers, address, lengths."""
    entry = seen["queue"][0]
    assert set(entry) == {"item", "prompt", "both"}
    seal = entry["both"][-24:]
    whole = [len(json.dumps(seen)), len(seen["queue"]), seen["done"], seen["total"]]
    return [*whole, entry["item"], len(entry["both"]), len(entry["prompt"]), *map(ord, seal)]


def _sitting_of(studio, ballot, who, rng):
    """All that one voter is sent, a row of numbers for each pair; and which side stood where."""
    sat, rows, labels = Sitting(ballot, who), [], []
    for place in range(PAIRS):
        seen = voter_sitting.view(studio.engine, sat)
        entry = seen["queue"][0]
        rows.append([place, *_told(seen), *frame(entry["both"], who)])
        labels.append(flipped(studio.engine, ballot, who, entry["item"]))
        say = int(rng.integers(4))
        rows[-1].append(say)  # known after the pair: taken off it, and told of the one before
        act = {"id": f"{who}-{place}", "say": ANSWERS[say], "item": entry["item"]}
        voter_sitting.take(studio.engine, sat, [act], now())
    found = np.array(rows, float)
    before = np.vstack([np.zeros(found.shape[1]), found[:-1]])
    return np.hstack([found[:, :-1], before, found[:, :-1] - before[:, :-1]]), labels


def test_classifiers_of_everything_but_pixels_are_no_better_than_chance(studio, drawn):
    made = ballots.open_ballot(
        studio.engine,
        studio.home,
        drawn=drawn,
        question="Which?",
        voters=3,
        by="Lea",
        key="k",
        now=now(),
    )
    assert made.share == PAIRS
    rng = np.random.default_rng(3)
    sat = [_sitting_of(studio, made.id, f"voter {n}", rng) for n in range(VOTERS)]
    half = VOTERS // 2
    found, wanted = (np.concatenate([one[k] for one in sat[:half]]) for k in (0, 1))
    asked, true = (np.concatenate([one[k] for one in sat[half:]]) for k in (0, 1))
    for guess in GUESSES:
        right = int((guess(found, wanted, asked) == true).sum())
        p = binomtest(right, len(true), alternative="greater").pvalue
        if p < 0.001:
            others = [_sitting_of(studio, made.id, f"other {n}", rng) for n in range(half)]
            again, sides = (np.concatenate([one[k] for one in others]) for k in (0, 1))
            right = int((guess(found, wanted, again) == sides).sum())
            p = binomtest(right, len(sides), alternative="greater").pvalue
        told = int((_hinted(guess, found, wanted, asked, true) == true).sum())
        print(f"{guess.__name__[1:]}: {right} of {len(true)}, p {p:.3f}; with a hint {told}")
        assert p >= 0.001
        if guess is not _nearest:  # which is blind to one number among so many
            assert binomtest(told, len(true), alternative="greater").pvalue < 0.001
    # And what the files themselves say would tell it every time.
    bare = np.array(
        [
            [len(drawn[0].files[c].read_bytes()), len(drawn[1].files[c].read_bytes())]
            for c in drawn[0].files
        ],
        float,
    )
    bare = np.tile(bare, (half, 1))
    first, later = (np.where(sides[:, None], bare[:, ::-1], bare) for sides in (wanted, true))
    assert (_logistic(first, wanted, later) == true).all()


def _hinted(guess, found, wanted, asked, true):
    """The same classifier where one number more is right about the side in 4 of 5 pairs."""
    rng = np.random.default_rng(4)
    first, later = (sides ^ (rng.random(len(sides)) < 0.2) for sides in (wanted, true))
    return guess(np.column_stack([found, first]), wanted, np.column_stack([asked, later]))


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
    apart = (train**2).sum(axis=1) - 2 * asked @ train.T  # but for what is the same for all
    return labels[np.argpartition(apart, count, axis=1)[:, :count]].mean(axis=1) > 0.5


def _forest(train, labels, asked):
    made = RandomForestClassifier(200, min_samples_leaf=5, max_features=0.5, random_state=0)
    return made.fit(train, labels).predict(asked)


def _boosted(train, labels, asked):
    made = HistGradientBoostingClassifier(max_iter=60, learning_rate=0.05, random_state=0)
    return made.fit(train, labels).predict(asked)


GUESSES = (_logistic, _nearest, _forest, _boosted)
