"""What somebody asks for under each right, through the functions that change something."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio import context
from studio.accounts import people, sessions, sign_in, tokens
from studio.accounts.rights import Actor
from studio.assets import boards, verdicts, verdicts_of_many
from studio.assets import uses as asset_uses
from studio.assets.verdicts import Judgement
from studio.characters import characters as character_records
from studio.charges import by_hand, limits, prices, report, settling
from studio.charges.money import Money
from studio.charges.prices import Price
from studio.datasets import (
    additions,
    augmentation,
    caption_proposals,
    drafts,
    drawn_limit,
    mask_edits,
    upload_import,
    uploads,
    withdrawals,
)
from studio.datasets.edits import Change
from studio.datasets.folder_import import import_folder
from studio.datasets.freeze import change
from studio.datasets.manifests import Look
from studio.export import profiles
from studio.finishing import palettes, style_recipes
from studio.finishing.colour_table import ColourTable
from studio.finishing.recipe import Recipe
from studio.finishing.steps import Steps
from studio.generation import (
    painted_over,
    prompt_templates,
    reasons,
    start_pictures,
    usual_sizes,
)
from studio.jobs import queue
from studio.registry import gates, requests, rollout, stages, style_guides, version_pins
from studio.registry.gates import Checked
from studio.review import (
    ballots,
    hand_minutes,
    invitations,
    rating_rounds,
    rubrics,
    voter_prompts,
    votes,
)
from studio.review.ratings import rate, undo
from studio.upscaling import models, saved
from studio.web import mlflow_proxy
from studio.webhooks import deliveries, hooks
from studio.worker import submit
from studio.workflows import (
    adapters,
    animation_sources,
    bringing,
    characters,
    exports,
    finishing,
    new_adapters,
    provider_results,
    retraining,
    sheet_to_dataset,
    uses,
    wishes,
)
from studio.workflows.export_preparing import Wanted
from tests.accounts.conftest import NOW, SECRET

Call = Callable[[context.Studio, Actor], object]
WOOD = ColourTable(("#2b1a0f", "#5c3a1c"))


def _job(kind: str, **payload: object) -> Call:
    return lambda s, a: submit.ask(s, kind, payload, asked_by=a, now=NOW)


def _cancel(s: context.Studio, a: Actor) -> object:
    job = queue.submit(s.engine, kind="train", lane="work", payload={}, asked_by="bo", now=NOW)
    return queue.cancel(s.engine, job.id, a, NOW)


def _template(s: context.Studio) -> prompt_templates.Template:
    bo = Actor("bo", "artist")
    return prompt_templates.save(s.engine, "bo's", "a {thing}", by=bo, now=NOW)


def _saved(s: context.Studio) -> saved.Saved:
    return saved.save(s.engine, "bo's look", {"hold": 1}, by=Actor("bo", "artist"), now=NOW)


def _board(s: context.Studio) -> str:
    """One that somebody else made."""
    made = boards.create(s.engine, f"Bo's {context.now()}", by=Actor("Bo", "artist"), now=NOW)
    return made.id


def _look(home: Path) -> Callable[[Any], Any]:
    return lambda before: (Look(), ())


CALLS: dict[str, list[Call]] = {
    "manage adapters": [
        lambda s, a: new_adapters.bring_in(s, s.home / "no", style="x", base="pocket", by=a),
        lambda s, a: new_adapters.merge(s, [], style="x", by=a),
        lambda s, a: adapters.delete(s, "x", 1, by=a, why="w"),
        _job(
            "adapter", upload="0" * 32, file="f", style="x", base="pocket", source="s", licence="l"
        ),
        _job("merge", style="x", parts=[]),
        lambda s, a: models.add(
            s.home, s.engine, s.home / "no", name="x", licence="l", by=a, now=NOW
        ),
        lambda s, a: models.remove(s.home, s.engine, "x", by=a, now=NOW),
    ],
    "edit datasets": [
        lambda s, a: import_folder(s.home, "x", s.home / "no", now=NOW, actor=a),
        lambda s, a: change(s.home, "x", _look(s.home), now=NOW, actor=a),
        lambda s, a: additions.add_folder(s.home, "x", s.home / "no", now=NOW, actor=a),
        lambda s, a: additions.add_pictures(s.home, "x", [], now=NOW, actor=a),
        lambda s, a: drafts.write(
            s.engine, "x", [Change("h", "caption", "c")], says="s", by=a, now=NOW
        ),
        lambda s, a: drafts.undo(s.engine, "x", 1, by=a),
        lambda s, a: drafts.discard(s.engine, "x", by=a, now=NOW, upto=1),
        lambda s, a: drafts.freeze(s.engine, s.home, "x", says="", by=a, now=NOW),
        lambda s, a: uploads.begin(s.home, by=a),
        lambda s, a: uploads.discard(s.home, "0" * 32, by=a),
        lambda s, a: upload_import.add_upload(s.engine, s.home, "0" * 32, "x", by=a, now=NOW),
        lambda s, a: upload_import.dismiss(s.engine, 1, by=a),
        lambda s, a: drawn_limit.set_limit(s.engine, "x", 0.5, seen=0.3, by=a, now=NOW),
        _job("upload", name="x", upload="0" * 32),
        _job("look", dataset="x"),
        _job("describe", dataset="x", hashes=[], means="words"),
        lambda s, a: caption_proposals.accept(s.engine, "x", (), {}, by=a, now=NOW),
        lambda s, a: sheet_to_dataset.hand_on(s, "x", "x", by=a, now=NOW),
        lambda s, a: augmentation.vary(s.home, "x", [], ["shift"], now=NOW, actor=a),
        lambda s, a: retraining.set_remedies(s.engine, {}, {}, by=a, now=NOW),
        lambda s, a: caption_proposals.refuse(s.engine, [], by=a, now=NOW),
        lambda s, a: caption_proposals.propose(
            s.engine, "x", "tags", {}, model="m", asked_by=a, now=NOW
        ),
        lambda s, a: mask_edits.save(s.engine, s.home, "x", "h", b"no", seen="", by=a, now=NOW),
        lambda s, a: mask_edits.remove(s.engine, s.home, "x", "h", seen="", by=a, now=NOW),
        lambda s, a: mask_edits.confirm(s.engine, s.home, "x", "h", seen="", by=a, now=NOW),
        lambda s, a: mask_edits.take(s.engine, s.home, "x", "0" * 32, [], by=a, now=NOW),
    ],
    "withdraw pictures": [
        lambda s, a: withdrawals.withdraw(
            s.engine, [], ground="another reason", why="asked", by=a, now=NOW
        ),
        lambda s, a: withdrawals.take_back(s.engine, "h", why="asked", by=a, now=NOW),
    ],
    "train": [
        _job("train", style="x", dataset="y"),
        _job("gan", style="x", dataset="y"),
    ],
    "evaluate": [_job("evaluate", style="x", version=1)],
    "generate": [
        _job("generate", style="x", prompt="p"),
        _job("batch", style="x", assets=[]),
        _job("upscale", picture="x"),
        _job("describe_tiles", picture="x"),
        _job("prop_by_provider", provider="meshy", picture="x"),
        _job("prop_received", call=1),
        _job("prop_by_model", picture="x"),
        lambda s, a: provider_results.fetch_again(s, 1, by=a),
        _job("prop", pictures=["x"]),
        _job("prop_edit", prop="x", edits=[]),
        _job("prop_sheet", prop="x"),
        _job("sheet", frames=[{"picture": "x"}]),
        _job("character", character="x"),
        lambda s, a: characters.save(s, "x", {"prompt": "x"}, after=0, by=a, now=NOW),
        lambda s, a: character_records.save(
            s.engine, "x", character_records.Character(prompt="x"), after=9, by=a, now=NOW
        ),
        lambda s, a: animation_sources.brought(s, b"no picture", "x.png", by=a),
        _job("expand_wishes", wishes=["a potion"]),
        _job("variations", style="x"),
        lambda s, a: wishes.edit(s.engine, "x", {}, by=a, now=NOW),
        lambda s, a: start_pictures.keep(s.home, b"no picture", "x.png", by=a),
    ],
    "finish pictures": [
        _job("finish", ids=["x"], steps={}),
        _job("picture_edit", pictures=["x"], edits=[{"edit": "trim"}]),
        lambda s, a: finishing.keep(s, [], Steps(), by=a, now=NOW),
        lambda s, a: finishing.take_back(s, ["x"], by=a),
        lambda s, a: bringing.bring(s, b"no picture", "x.png", "", by=a, now=NOW),
    ],
    "import from server folders": [_job("import", name="x", folder="/no")],
    "edit boards": [
        lambda s, a: boards.create(s.engine, f"{a}'s", by=a, now=NOW),
        lambda s, a: boards.put_on(s.engine, "x", ["y"], by=a, now=NOW),
        lambda s, a: boards.take_off(s.engine, "x", ["y"], by=a),
    ],
    "change others' boards": [
        lambda s, a: boards.delete(s.engine, _board(s), by=a, now=NOW),
        lambda s, a: boards.describe(
            s.engine, id := _board(s), "x", "", boards.get(s.engine, id), by=a, now=NOW
        ),
    ],
    "judge pictures": [
        lambda s, a: verdicts_of_many.judge_many(s.engine, {"x": 0}, "approved", by=a, now=NOW),
        lambda s, a: verdicts_of_many.put_back(s.engine, [], by=a, now=NOW),
        lambda s, a: verdicts.judge(s.engine, "x", Judgement("approved"), by=a, now=NOW, turn=0),
        lambda s, a: asset_uses.note(s.engine, [], by=a, now=NOW),
        lambda s, a: asset_uses.correct(s.engine, "x", "redrawn", by=a, now=NOW),
        lambda s, a: uses.look(s, by=a, now=NOW),
        lambda s, a: painted_over.paint_over(s.engine, s.home, "x", b"no", by=a, now=NOW),
        lambda s, a: painted_over.take_off(s.engine, "x", turn=0, by=a),
        lambda s, a: reasons.write(s.engine, ["dark"], ["else"], by=a, now=NOW),
    ],
    "rate": [
        lambda s, a: rate(s.engine, s.home, 1, a, 1, {}, "k", NOW),
        lambda s, a: undo(s.engine, 1, a, "k", NOW),
    ],
    "vote": [
        lambda s, a: votes.cast(s.engine, 1, a, 1, "left", "k", NOW),
        lambda s, a: votes.undo(s.engine, 1, a, "k", NOW),
        lambda s, a: votes.hand_in(s.engine, 1, a, NOW),
    ],
    "make tokens": [
        lambda s, a: tokens.make(s.engine, a, "viewer", label="x", days=1, by=a, now=NOW)
    ],
    "read metrics": [
        lambda s, a: tokens.make(
            s.engine,
            a,
            getattr(a, "role", "viewer"),
            label="x",
            days=1,
            by=a,
            now=NOW,
            scope="metrics",
        )
    ],
    "make webhooks": [
        lambda s, a: hooks.make(s.engine, a, "https://x y", networks=(), by=a, now=NOW),
        lambda s, a: submit.ask(
            s, "look", {"dataset": "x"}, asked_by=a, now=NOW, webhook="https://x y"
        ),
    ],
    "open ballots": [
        lambda s, a: ballots.open_ballot(
            s.engine, s.home, drawn=[], question="", voters=1, by=a, key="k", now=NOW
        ),
        lambda s, a: ballots.close(s.engine, 1, a, NOW),
        lambda s, a: rating_rounds.open_round(
            s.engine, s.home, drawn=[], rubric=rubrics.load(s.home), by=a, now=NOW
        ),
        lambda s, a: rating_rounds.close(s.engine, 1, a, NOW),
    ],
    "edit palettes": [
        lambda s, a: palettes.save(s.engine, f"{a}'s", WOOD, after=0, by=a, now=NOW),
        lambda s, a: palettes.withdraw(s.engine, "gone", by=a, now=NOW),
        lambda s, a: palettes.bring_back(s.engine, "gone", by=a, now=NOW),
    ],
    "approve palettes": [
        lambda s, a: palettes.approve(s.engine, "gone", 1, by=a, now=NOW),
        lambda s, a: palettes.lock(s.engine, "gone", by=a, now=NOW),
        lambda s, a: palettes.unlock(s.engine, "gone", by=a, now=NOW),
    ],
    "export": [
        _job("export", assets=["x"], profile="x"),
        lambda s, a: exports.export(s, Wanted(("x",), "x"), by=a, now=NOW),
    ],
    "change export profiles": [
        lambda s, a: profiles.save(s.engine, "x", profiles.Profile(), after=9, by=a, now=NOW),
    ],
    "set hand minutes": [
        lambda s, a: hand_minutes.put(
            s.engine, "props", 60, before=9.0, why="as timed", by=a, now=NOW
        ),
    ],
    "change recipes": [
        lambda s, a: style_recipes.save(s.engine, "x", Recipe(), after=9, why="w", by=a, now=NOW),
    ],
    "change sizes": [lambda s, a: usual_sizes.write(s.engine, "x", (), (), by=a, now=NOW)],
    "change rubrics": [
        lambda s, a: rubrics.save(s.engine, "x", "no rubric", after=None, by=a, now=NOW),
    ],
    "change style guides": [
        lambda s, a: style_guides.save(
            s.engine, "x", style_guides.Guide(view="side"), after="", by=a, now=NOW
        ),
        lambda s, a: style_guides.keep_picture(s.home, b"", "x.png", by=a),
    ],
    "stage": [
        lambda s, a: stages.promote(
            s.engine, s.client, style="x", number=1, to="staging", actor=a, why="w", now=NOW
        ),
    ],
    "promote": [
        lambda s, a: stages.promote(
            s.engine, s.client, style="x", number=1, to="production", actor=a, why="w", now=NOW
        ),
    ],
    "roll back": [
        lambda s, a: stages.rollback(s.engine, s.client, style="x", actor=a, why="w", now=NOW),
    ],
    "cancel others' jobs": [_cancel],
    "manage people": [
        lambda s, a: people.add(s.engine, "New", "viewer", by=a, now=NOW, password=SECRET),
        lambda s, a: people.set_role(
            s.engine, "the viewer", "artist", before="viewer", by=a, now=NOW
        ),
        lambda s, a: people.set_password(s.engine, "the viewer", SECRET, by=a, now=NOW),
        lambda s, a: people.shut(s.engine, "the viewer", by=a, now=NOW),
        lambda s, a: people.let_in(s.engine, "the viewer", by=a, now=NOW),
        lambda s, a: sessions.end_of(s.engine, "somebody", by=a, now=NOW),
        lambda s, a: tokens.withdraw(s.engine, 1, by=a, now=NOW),
        lambda s, a: hooks.withdraw(s.engine, 1, by=a, now=NOW),
        lambda s, a: hooks.change_secret(s.engine, 1, by=a, now=NOW),
        lambda s, a: deliveries.send_again(s.engine, 1, by=a, now=NOW),
        lambda s, a: sign_in.unlock(s.engine, "the viewer", by=a, now=NOW),
    ],
}
CALLS["open ballots"] += [
    lambda s, a: voter_prompts.open_ballot(
        s.engine, sides=[], question="", own=1, invited=[], by=a, key="k", now=NOW
    ),
    lambda s, a: invitations.invite(s.engine, 1, "bo", a, NOW),
    lambda s, a: invitations.remove(s.engine, 1, "bo", a, NOW),
    lambda s, a: invitations.remind(s.engine, 1, a, NOW),
]
CALLS["vote"] += [lambda s, a: voter_prompts.add(s.engine, s.home, 1, a, [], NOW)]
CALLS["promote"] += [
    lambda s, a: rollout.begin(
        s.engine, s.client, style="x", number=1, percent=5, actor=a, why="w", now=NOW
    ),
    lambda s, a: rollout.change(
        s.engine, s.client, style="x", actor=a, why="w", now=NOW, percent=9
    ),
    lambda s, a: requests.decide(s.engine, 1, True, actor=a, answer="w", now=NOW),
]
CALLS["roll back"] += [
    lambda s, a: rollout.abort(s.engine, s.client, style="x", actor=a, why="w", now=NOW)
]
CALLS["generate"] += [lambda s, a: version_pins.pin(s.engine, "x", a, "", None, why="w", now=NOW)]
CALLS["generate"] += [
    lambda s, a: prompt_templates.save(s.engine, f"{a}'s", "a {thing}", by=a, now=NOW),
    lambda s, a: prompt_templates.delete(s.engine, 999, by=a),
]
CALLS["change others' templates"] = [
    lambda s, a: prompt_templates.save(s.engine, _template(s).name, "mine", by=a, now=NOW),
    lambda s, a: prompt_templates.delete(s.engine, _template(s).id, by=a),
]
CALLS["generate"] += [
    lambda s, a: saved.save(s.engine, f"{a}'s", {"hold": 1}, by=a, now=NOW),
    lambda s, a: saved.delete(s.engine, "gone", by=a),
]
CALLS["change others' upscaling settings"] = [
    lambda s, a: saved.save(s.engine, _saved(s).name, {}, by=a, now=NOW),
    lambda s, a: saved.delete(s.engine, _saved(s).name, by=a),
]
CALLS["change gates"] = [
    lambda s, a: gates.save(s.engine, "x", "no gates", after="", by=a, now=NOW)
]
CALLS["ask for promotion"] = [
    lambda s, a: requests.ask(s.engine, style="x", number=1, actor=a, why="w", now=NOW),
    lambda s, a: requests.comment(s.engine, 1, "hm", by=a, now=NOW),
]
CALLS["override gates"] = [
    lambda s, a: stages.promote(
        s.engine,
        s.client,
        style="x",
        number=1,
        to="production",
        actor=a,
        why="w",
        now=NOW,
        checked=[Checked("votes", "won", "lost", "missed")],
        override="we must",
    )
]
CALLS["see MLflow"] = [
    lambda s, a: mlflow_proxy.allow(a, "GET", "/"),
    lambda s, a: mlflow_proxy.allow(a, "GET", "/api/2.0/mlflow/runs/get"),
    lambda s, a: mlflow_proxy.allow(a, "POST", "/ajax-api/2.0/mlflow/runs/search"),
]
CALLS["name server paths"] = [
    _job("train", style="x", dataset="y", settings={"base": "/no/base"}),
    _job("sweep", style="x", dataset="y", ranges={}, trials=2, settings={"base": "../base"}),
    _job("generate", prompt="p", base="/no/base"),
]
CALLS["change MLflow"] = [
    lambda s, a: mlflow_proxy.allow(a, "POST", "/api/2.0/mlflow/registered-models/alias"),
    lambda s, a: mlflow_proxy.allow(a, "DELETE", "/ajax-api/2.0/mlflow/model-versions/delete"),
]
NOTHING = Money(0, "EUR")
CALLS["manage costs"] = [
    lambda s, a: limits.save(
        s.engine, "person", f"{a}", "EUR", 1, after=0, why="as agreed", by=a, now=NOW
    ),
    lambda s, a: prices.save(
        s.engine, f"{a}'s", "EUR", [Price("x", "call", 1)], after=0, why="new", by=a, now=NOW
    ),
    lambda s, a: by_hand.enter(s.engine, NOTHING, "a licence", key=f"{a}", by=a, now=NOW),
    lambda s, a: by_hand.withdraw(s.engine, 999, why="twice", by=a, now=NOW),
    lambda s, a: settling.settle(s.engine, 999, NOTHING, why="as billed", by=a, now=NOW),
]
CALLS["see costs"] = [
    lambda s, a: report.totals(s.engine, "style", by=a, now=NOW),
    lambda s, a: report.newest(s.engine, most=1, by=a),
    lambda s, a: report.write_csv(s.engine, io.StringIO(), by=a),
]
# What browsers send past the pages, by the right that it needs.
SENT = {
    "edit datasets": [
        ("POST", "/upload"),
        ("PUT", f"/upload/{'0' * 32}?name=x.png&size=1"),
        ("PUT", f"/mask/x/{'0' * 64}?seen="),
    ],
    "manage adapters": [("PUT", f"/upload/adapter/{'0' * 32}?name=x.safetensors&size=1")],
    "generate": [("PUT", f"/part/{'0' * 64}"), ("PUT", "/start")],
}
# By the guard, and on the page Admin.
ELSEWHERE = {"look", "see settings"}
