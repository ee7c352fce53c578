"""Every role against what is done on a page: not shown or disabled with a word on who may, refused
where the button is pressed all the same, as a forged message would, and then nothing is stored."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from studio.accounts.rights import ROLES, Actor, may, who_may
from studio.context import now
from studio.database import ledger
from studio.datasets import drafts, mask_edits
from studio.datasets.additions import add_folder
from studio.datasets.versions import load
from studio.jobs import queue
from studio.registry import gates, models, stages
from studio.review import ballots
from studio.web import session, ui

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Act:
    """What somebody with `right` does on a page: what is filled in first, then the button."""

    right: str
    page: str
    query: dict[str, str]
    fill: Callable[[AppTest], object]
    button: str  # its key, or how its label begins


def because(way: str) -> Callable[[AppTest], object]:
    """Open the dialog of a move, as a forged message would where that is disabled, too."""

    def fill(at: AppTest) -> None:
        opens = at.button(key=f"open-{way}")
        opens.proto.disabled = False
        opens.click().run()
        for why in (t for t in at.text_area if str(t.key).endswith(f"/{way} why")):
            why.set_value("it is better")  # where the dialog is open: not for who may not open it

    return fill


def ballot(at: AppTest) -> None:
    next(t for t in at.text_input if t.label == "The one question").set_value("Which?")
    at.multiselect[0].set_value(["sample version 2", "sample version 1"]).run()


def merge(at: AppTest) -> None:
    at.multiselect(key="merge").set_value(["sample version 2", "sample version 1"])
    at.text_input(key="draft merge style").set_value("both").run()


def training(at: AppTest) -> None:
    at.selectbox(key="style").set_value("sample").run()


def mask(at: AppTest) -> None:
    """The first picture has a mask, of an earlier drawing."""
    studio = session.studio()
    picture = load(studio.home, "sample").pictures[0]
    if not picture.mask_of:
        data, art = io.BytesIO(), studio.home / "art" / picture.file_name
        Image.new("L", (32, 32), 128).save(data, "PNG")
        say = {"by": "ana", "now": now()}
        mask_edits.save(
            studio.engine,
            studio.home,
            "sample",
            picture.hash,
            data.getvalue(),
            seen=picture.mask,
            **say,
        )
        drafts.freeze(studio.engine, studio.home, "sample", says="", **say)
        art.parent.mkdir(parents=True)
        Image.new("RGBA", (32, 32), "teal").save(art)
        add_folder(studio.home, "sample", studio.home / "art", now=now(), actor="ana")
    at.run()


def listed(at):
    """A list, though nobody can write into the field who may not draw."""
    at.session_state["list"] = "gem, a gem, 2, 1"
    at.run()


MASKS = {"set": "sample", "tab": "Masks"}
ONE = {"style": "sample", "version": "3"}
GATES = {"style": "sample", "show": "Gates"}
ACTS = {
    "stage": Act("stage", "Registry", ONE, because("staging"), "do-staging"),
    "archive": Act("stage", "Registry", ONE, because("archived"), "do-archived"),
    "promote": Act("promote", "Registry", ONE, because("production"), "do-production"),
    "back": Act("roll back", "Registry", ONE, because("back"), "do-back"),
    "ask": Act("ask for promotion", "Registry", ONE, because("ask"), "do-ask"),
    "roll out": Act("promote", "Registry", ONE, because("rollout"), "do-rollout"),
    "gates": Act("change gates", "Registry", GATES, lambda at: None, "gates-keep"),
    "train": Act("train", "Train", {"data": "sample"}, training, "Start training"),
    "measure": Act("evaluate", "Evaluate", {"style": "sample"}, lambda at: None, "Measure it"),
    "draw": Act(
        "generate",
        "Generate",
        {"style": "sample"},
        lambda at: at.text_area(key="prompt").set_value("a gem"),
        "Draw",
    ),
    "list": Act(
        "generate",
        "Lists",
        {"style": "sample"},
        listed,
        "Draw",
    ),
    "ballot": Act("open ballots", "Vote", {}, ballot, "Open the ballot"),
    "labels": Act(
        "manage adapters",
        "Registry",
        {"show": "LoRA files"},
        lambda at: next(t for t in at.text_input if t.label.startswith("Labels")).set_value("mine"),
        "label",
    ),
    "mask away": Act("edit datasets", "Datasets", MASKS, mask, "mask-remove"),
    "mask fits": Act("edit datasets", "Datasets", MASKS, mask, "mask-fits"),
    "merge": Act(
        "manage adapters", "Registry", {"show": "LoRA files", "files": "Merge"}, merge, "merge-do"
    ),
}


@pytest.fixture
def ready(studio, sheets, tmp_path):
    """Two productions after each other, so that there is a way back."""
    for number in (1, 2):
        client, say = studio.client, {"style": "sample", "actor": "ana", "now": now()}
        client.set_model_version_tag("sample", str(number), "base_name", "pocket")
        client.set_model_version_tag("sample", str(number), "base", str(tmp_path))
        stages.promote(studio.engine, client, number=number, to="production", why="w", **say)
    return studio


def stored(studio):
    """All that any of the acts writes."""
    return (
        len(ledger.rows(studio.engine)),
        [job.kind for job in queue.listing(studio.engine)],
        gates.text_of(studio.home, "sample"),
        len(ballots.listing(studio.engine)),
        sorted(models.stage_tags(studio.client, "sample").items()),
        [v.tags.get("labels") for v in models.list_versions(studio.client, "sample")],
        drafts.mark(studio.engine, "sample"),
    )


@pytest.mark.parametrize("name", ACTS)
def test_a_page_refuses_who_may_not_and_nobody_else(ready, open_page, monkeypatch, name):
    act = ACTS[name]
    for role in ROLES:  # the least first: what a role may do changes what the next one sees
        monkeypatch.setattr(ui, "person", lambda role=role: Actor(role, role))
        at, allowed = open_page(act.page, **act.query), may(role, act.right)
        told = " ".join(one.value for one in (*at.caption, *at.info))
        if not allowed and f" by {who_may(act.right)}." in told:
            continue  # it is not shown, and the page says for whom it is
        for field in (*at.text_input, *at.text_area):
            field.proto.disabled = False  # whoever sends a message of their own minds no page
        act.fill(at)
        found = [b for b in at.button if b.key == act.button or b.label.startswith(act.button)]
        if not found and not allowed:  # its dialog stays closed
            found = [b for b in at.button if b.key == act.button.replace("do-", "open-")]
        assert found, (role, [b.label for b in at.button])
        pressed, before = found[0], stored(ready)
        assert pressed.disabled is not allowed, (role, pressed.help)
        assert allowed or pressed.help == f"This is for {who_may(act.right)}."
        pressed.proto.disabled = False
        pressed.click().run()
        said = " ".join(error.value for error in at.error)
        assert ("may not" in said) <= (not allowed), (role, said)
        assert not at.exception, at.exception[0].value
        if allowed:
            assert stored(ready) != before, (role, said)
            return  # who may do more may do this too
        assert stored(ready) == before, role
