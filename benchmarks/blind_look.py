"""A blind look at two practice bases beside real sprites: sheets for fresh eyes, then the count.

    .venv/bin/python benchmarks/blind_look.py draw --ours pocket-2 --real DIR --out OUT
    .venv/bin/python benchmarks/blind_look.py count --out OUT ANSWERS...

`draw` shuffles ours, the rival's and real ones, with spoiled real ones among them, and seals the
key. Each pair of eyes writes lines `number TAB word TAB rating TAB flaw` before it is opened.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import comb
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

from studio.captioning.subjects import PLAINER, plain_nouns
from studio.evaluation.baselines import silhouettes
from studio.pocket.corpus import Sprite, read_corpus

NOUNS = {
    "item": "sword axe potion book ring shield helmet boots bow gem scroll amulet dagger staff",
    "creature": "snake spider dragon skeleton ghost bear wolf butterfly orc wizard bat frog slime "
    "demon troll mushroom",
}
COLUMNS, ZOOM, EDGE = 6, 4, 32
GROUND = (74, 88, 70)
CONTROL_EVERY = 5  # things for one spoiled picture
KEY = "key.sealed"


@dataclass(frozen=True)
class Shown:
    """One picture of a sheet: whose it is ("ours", "rival", "real", "control") and what it shows.

    `turn` pairs ours and the rival's of the same prompt.
    """

    side: str
    noun: str
    realm: str
    turn: int


@dataclass(frozen=True)
class Answer:
    """What a pair of eyes wrote of one picture."""

    word: str
    rating: int
    flaw: str


def arranged(
    ours: Sequence[Image.Image],
    rival: Sequence[Image.Image],
    real: Sequence[Image.Image],
    things: Sequence[tuple[str, str]],
    seed: int,
) -> tuple[list[Image.Image], list[Shown]]:
    """All pictures shuffled, and the key to them. things: (realm, noun) of each of a side."""
    pictures: list[tuple[Image.Image, Shown]] = []
    for turn, (realm, noun) in enumerate(things):
        for side, shown in (("ours", ours), ("rival", rival), ("real", real)):
            pictures.append((shown[turn], Shown(side, noun, realm, turn)))
        if turn % CONTROL_EVERY == 0:
            spoiled = _spoiled(real[turn], blurred=turn % (2 * CONTROL_EVERY) == 0)
            pictures.append((spoiled, Shown("control", noun, realm, turn)))
    random.Random(seed).shuffle(pictures)
    return [picture for picture, _ in pictures], [shown for _, shown in pictures]


def _spoiled(picture: Image.Image, blurred: bool) -> Image.Image:
    if blurred:
        return picture.convert("RGBA").filter(ImageFilter.GaussianBlur(2.5))
    return silhouettes([picture], (30, 30, 34), GROUND)[0].convert("RGBA")


def contact_sheets(pictures: Sequence[Image.Image], out: Path, rows: int = 5) -> list[Path]:
    """PNG sheets: each picture at game size and enlarged, on the game's ground, numbered from 1."""
    wide, high = EDGE * ZOOM + EDGE + 24, EDGE * ZOOM + 26
    each = COLUMNS * rows
    files: list[Path] = []
    for start in range(0, len(pictures), each):
        sheet = Image.new("RGB", (COLUMNS * wide, rows * high), GROUND)
        pen = ImageDraw.Draw(sheet)
        for place, picture in enumerate(pictures[start : start + each]):
            x, y = place % COLUMNS * wide + 8, place // COLUMNS * high + 20
            small = picture.convert("RGBA")
            large = small.resize((EDGE * ZOOM, EDGE * ZOOM), Image.Resampling.NEAREST)
            sheet.paste(large, (x, y), large)
            sheet.paste(small, (x + EDGE * ZOOM + 6, y), small)
            pen.text((x, y - 14), str(start + place + 1), fill="white")
        files.append(out / f"sheet-{len(files) + 1}.png")
        sheet.save(files[-1], optimize=True)
    return files


def seal(shown: Sequence[Shown], out: Path) -> None:
    """Writes the key so that nobody reads it by chance."""
    text = json.dumps([asdict(one) for one in shown])
    (out / KEY).write_bytes(base64.b85encode(text.encode()))


def unseal(out: Path) -> list[Shown]:
    return [Shown(**one) for one in json.loads(base64.b85decode((out / KEY).read_bytes()))]


def read_answers(file: Path) -> dict[int, Answer]:
    """Answers by the number of the picture."""
    found: dict[int, Answer] = {}
    for line in file.read_text("utf-8").splitlines():
        if line.strip():
            number, word, rating, *flaw = line.split("\t")
            found[int(number)] = Answer(word.strip().lower(), int(rating), "".join(flaw).strip())
    return found


def is_named(noun: str, word: str) -> bool:
    """Whether the word says what was asked for: the noun itself, or another name of the same."""
    same = {noun, noun.removesuffix("s")}
    for table in PLAINER.values():
        same |= set(table.get(noun, "").split())
    return bool(same & {word, word.removesuffix("s"), *word.split()})


def counted(shown: Sequence[Shown], eyes: Sequence[dict[int, Answer]]) -> dict[str, Any]:
    """Names and ratings of each side, ours as a share of real, and a sign test against the rival.

    It counts only if real ones are named right in 80 % and rated 4 in the median, controls at most
    2.
    """
    seen = [(shown[n - 1], answer) for one in eyes for n, answer in one.items()]

    def named(side: str, realm: str = "") -> float:
        hits = [
            is_named(one.noun, answer.word)
            for one, answer in seen
            if one.side == side and realm in ("", one.realm)
        ]
        return sum(hits) / len(hits) if hits else float("nan")

    def rated(side: str) -> float:
        given = [answer.rating for one, answer in seen if one.side == side]
        return statistics.median(given) if given else float("nan")

    better = worse = 0
    for one in eyes:
        by_turn: dict[int, dict[str, int]] = {}
        for number, answer in one.items():
            place = shown[number - 1]
            by_turn.setdefault(place.turn, {})[place.side] = answer.rating
        for sides in by_turn.values():
            if {"ours", "rival"} <= set(sides):
                better += sides["ours"] > sides["rival"]
                worse += sides["ours"] < sides["rival"]
    flaws = Counter(answer.flaw for one, answer in seen if one.side == "ours" and answer.flaw)
    return {
        "valid": named("real") >= 0.8 and rated("real") >= 4 and rated("control") <= 2,
        "named": {side: named(side) for side in ("ours", "rival", "real", "control")},
        "rated": {side: rated(side) for side in ("ours", "rival", "real", "control")},
        "named_as_share_of_real": {
            realm: named("ours", realm) / max(named("real", realm), 1e-9) for realm in NOUNS
        },
        "better_than_rival": better,
        "worse_than_rival": worse,
        "sign_test": sign_test(better, worse),
        "commonest_flaw": flaws.most_common(1)[0][0] if flaws else "none",
    }


def sign_test(better: int, worse: int) -> float:
    """Two-sided probability of so uneven a count if neither were better (binomial, 1/2)."""
    n, least = better + worse, min(better, worse)
    return min(1.0, 2 * sum(comb(n, k) for k in range(least + 1)) / 2**n) if n else 1.0


def real_of(sprites: Sequence[Sprite], noun: str, rng: random.Random) -> Image.Image | None:
    """A real sprite of that name, or None."""
    fits = [s for s in sprites if noun in plain_nouns(s.subject) or noun == s.subject.kind]
    return Image.fromarray(rng.choice(fits).pixels, "RGBA") if fits else None


def draw_look(args: argparse.Namespace) -> None:
    """Sheets and key for three sides of as many things as there are nouns, `--each` times."""
    import torch

    from studio.diffusion import bases
    from studio.pocket.sheet import draw

    rng, sprites = random.Random(args.seed), read_corpus(args.real)
    things: list[tuple[str, str]] = []
    real: list[Image.Image] = []
    for realm, nouns in NOUNS.items():
        for noun in nouns.split() * args.each:
            if (picture := real_of(sprites, noun, rng)) is not None:
                things.append((realm, noun))
                real.append(picture)
    sides = []
    for name in (args.ours, args.rival):
        pipeline = bases.load_pipeline(bases.find_base(name), torch.device("cpu"))
        sides.append(draw(pipeline, [f"a {noun}" for _, noun in things], args.seed))
    args.out.mkdir(parents=True, exist_ok=True)
    pictures, shown = arranged(sides[0], sides[1], real, things, args.seed)
    seal(shown, args.out)
    print("\n".join(str(file) for file in contact_sheets(pictures, args.out)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, dest="command")
    one = commands.add_parser("draw")
    one.add_argument("--ours", required=True)
    one.add_argument("--rival", default="pocket")
    one.add_argument("--real", type=Path, required=True, metavar="DIR")
    one.add_argument("--out", type=Path, required=True)
    one.add_argument("--each", type=int, default=2)
    one.add_argument("--seed", type=int, default=0)
    one = commands.add_parser("count")
    one.add_argument("--out", type=Path, required=True)
    one.add_argument("answers", type=Path, nargs="+")
    args = parser.parse_args()
    if args.command == "draw":
        draw_look(args)
    else:
        found = counted(unseal(args.out), [read_answers(file) for file in args.answers])
        (args.out / "count.json").write_text(json.dumps(found, indent=1) + "\n")
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
