# mypy: ignore-errors
"""What is done with versions: releases, pictures, ballots, ratings."""

from __future__ import annotations

import io

from learned import STYLE
from maker import OWNERS, Maker, pictures_of
from PIL import Image
from studio.generation.pictures import Wanted
from studio.generation.verdicts import Judgement

from studio import growing, handing_on, release, workflows
from studio.accounts.rights import Actor
from studio.generation import pictures, starts, verdicts
from studio.registry import pins, requests, rollout, stages
from studio.review import ballots, invited, own, ratings, rubrics, serving, votes
from studio.review.pictures import Side

DRAWN = {"steps": 2, "guidance": 3.0}


def released(made: Maker) -> None:
    """Figures, gates, requests, moves with one back, rollouts, pins."""
    made.in_every_state("evaluate", lambda state: {"style": STYLE, "version": 1})
    made.do("evaluate", {"style": STYLE, "version": 2})
    studio, pia = made.studio, Actor("pia", "producer")
    asks = "copies: 100\nrating: {at_least: 3}\n"
    release.save_gates(studio, STYLE, asks, after="", by="ana", now=workflows.now())

    def at(**given) -> dict:
        return {"style": STYLE, "now": workflows.now(), **given}

    over = {"override": "the first one, nobody rated yet"}
    move = {"to": "production", "actor": pia, "why": "the first"}
    release.promote(studio, **at(number=1, **move), **over)
    asked = release.ask(studio, **at(number=2, actor="bo", why="it is crisper"))
    requests.comment(made.engine, asked.id, "I see it too", by="cy", now=workflows.now())
    release.accept(studio, asked.id, actor=pia, answer="yes", now=workflows.now(), **over)
    stages.rollback(made.engine, studio.client, **at(actor=pia, why="its gems are too dark"))
    release.ask(studio, **at(number=2, actor="bo", why="once more, gems apart"))
    begun = {"number": 2, "percent": 10, "people": ["bo", "@artist"], "actor": pia}
    release.begin_rollout(studio, **at(why="a try", **begun), **over)
    rollout.abort(made.engine, studio.client, **at(actor=pia, why="not on a Friday"))
    release.begin_rollout(studio, **at(why="on a Monday", **begun), **over)
    pins.pin(made.engine, STYLE, "bo", "icons", 2, why="as before", now=workflows.now())
    merged = {"style": "merged", "number": 1, "to": "staging", "actor": pia, "why": "look at it"}
    release.promote(studio, **{**at(), **merged})


def drawn(made: Maker) -> None:
    """A gallery with verdicts, a start, a painted-over picture, an asset list."""
    start = starts.keep(made.home, pictures_of("gem/red_gem_2.png")["gem/red_gem_2.png"], "a.png")
    besides = [{"style": "theirs", "version": 1, "strength": 0.5}]
    made.in_every_state(
        "generate",
        lambda state: {
            "style": STYLE,
            "prompt": f"a red gem, {state}",
            "seed": 7,
            "count": 2,
            "adapters": besides,
            "start": start,
            "change": 0.5,
            **DRAWN,
        },
    )
    made.do("generate", {"prompt": "a bare gem", "seed": 7, **DRAWN})
    made.do("generate", {"prompt": "a red gem", "style": STYLE, "version": 1, "seed": 7, **DRAWN})
    assets = [
        {"prompt": "a red ring", "name": "ring", "count": 2, "seed": 3},
        {"prompt": "a blue tree", "name": "tree"},
    ]
    listed = {"style": STYLE, "assets": assets, "set": "icons", **DRAWN}
    made.in_every_state("batch", lambda state: listed)
    made.cut_off("batch", listed, "fay", "keep", 2)  # one picture lies there
    ids = pictures.ids_of(made.engine, Wanted())
    said = [
        Judgement("approved"),
        Judgement("rejected", ("blurry",), "the *hilt*", (0.25, 0.5)),
        Judgement("edit", ("too dark",), "brighter"),
    ]
    verdicts.set_reasons(made.home, ("blurry", "too dark", "off model"), verdicts.REASONS, by="ana")
    for id, one in zip(ids, said, strict=False):
        verdicts.judge(made.engine, id, one, by="bo", now=workflows.now(), turn=0)
    over = io.BytesIO()
    Image.new("RGBA", (64, 64), "blue").save(over, format="PNG")
    verdicts.paint_over(
        made.engine, made.home, ids[2], over.getvalue(), by="cy", now=workflows.now()
    )
    before = growing.remedies(made.home)
    growing.set_remedies(
        made.engine, {"blurry": "Fewer soft pictures."}, before, by="ana", now=workflows.now()
    )
    handing_on.hand_on(made.studio, STYLE, [pictures.get(made.engine, ids[0])], actor="ana")
    made.told["pictures"] = ids


def judged(made: Maker) -> None:
    """Ballots and rating rounds, voted on, closed and open, and one for voters' own prompts."""
    sides = [{"style": STYLE, "version": 1}, {"style": STYLE, "version": 2}]
    made.in_every_state(
        "ballot",
        lambda state: {
            "question": f"Which is ours, {state}?",
            "sides": sides,
            "of": STYLE,
            "form": state,
            "voters": 2,
            "repeats": 1,
            "golds": 1,
        },
    )
    ballot = ballots.listing(made.engine)[0]
    for voter in ("bo", "cy"):
        for place in range(ballot.asked if voter == "bo" else 2):
            (pair,) = serving.next_pairs(made.engine, ballot, voter, 1)
            answer = ("left", "right", "tie", "bad")[place % 4]
            votes.cast(
                made.engine, ballot.id, voter, pair, answer, f"{voter}{place}", workflows.now()
            )
    votes.hand_in(made.engine, ballot.id, "bo", workflows.now())
    votes.undo(made.engine, ballot.id, "cy", "cy1", workflows.now())
    made.do(
        "ballot",
        {
            "question": "Ended?",
            "sides": [sides[0], {"style": STYLE}],
            "of": STYLE,
            "form": "ended",
            "voters": 2,
        },
    )
    ballots.close(made.engine, ballots.listing(made.engine)[0].id, "ana", workflows.now())
    voters = [*OWNERS.values(), "gone"]
    theirs = own.open_ballot(
        made.engine,
        sides=[Side(STYLE, 1), Side(STYLE, 2)],
        question="On your prompts?",
        own=1,
        invited=voters,
        by="ana",
        key="own",
        now=workflows.now(),
    )
    invited.remove(made.engine, theirs.id, "gone", "ana", workflows.now())
    made.in_every_state("own", lambda state: {"ballot": theirs.id, "prompts": [f"a {state} gem"]})
    rubric = rubrics.load(made.home)
    made.in_every_state(
        "round",
        lambda state: {
            "style": STYLE,
            "versions": [1] if state == "done" else [2],
            "rubric": rubric.reference,
            "wanted": 2,
        },
    )
    round = ratings.listing(made.engine)[0]
    for rater in ("bo", "cy", "di"):
        for place, one in enumerate(ratings.unrated(made.engine, round.id, rater)[:2]):
            scores = {criterion.name: 3 + place for criterion in rubric.criteria}
            ratings.rate(
                made.engine,
                made.home,
                round.id,
                rater,
                one,
                scores,
                f"{rater}{place}",
                workflows.now(),
            )
    ratings.undo(made.engine, round.id, "cy", "cy1", workflows.now())
    ratings.remove(made.engine, round.id, "di", "ana", workflows.now())
    text = rubric.text.replace("style match", "house style")
    rubrics.save(made.engine, "ours", text, after=None, by="ana", now=workflows.now())
    made.told |= {"ballot": ballot.id, "own": theirs.id, "round": round.id}
