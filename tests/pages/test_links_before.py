"""Addresses of before still lead to what they name: the keys that pages' addresses have had."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from PIL import Image

from studio import context
from studio.datasets import manifests
from studio.datasets.folder_import import import_folder
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.review import voter_prompts
from studio.review.pictures import Side
from studio.settings import CHECKOUT
from studio.training.config import load_config
from studio.web import navigation
from studio.worker import submit

NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Things:
    """What the addresses name, by id."""

    training: int
    listed: int
    picture: str
    ballot: int
    frozen: str  # the dataset's version
    shown: str  # the hash of one of its pictures


@pytest.fixture
def things(studio, sheets) -> Things:
    """A training and a list that wait, a drawn picture, and a ballot, of the style sample."""
    training = {"style": "sample", "dataset": "sample", "preset": "fast"}
    training["settings"] = asdict(load_config("fast"))
    line = {"name": "gem", "prompt": "a gem", "count": 1, "seed": 1}
    listed = {"style": "sample", "version": 1, "assets": [line]}
    jobs = [
        submit.ask(studio, kind, payload, asked_by="ana", now=context.now())
        for kind, payload in (("train", training), ("batch", listed))
    ]
    made = Made("sample", 1, "pocket", "", "", "a gem", "<S> a gem", "", 3, 9, 2.5, 0.7)
    file = picture_files.keep(
        studio.home / "generated", "p", Image.new("RGBA", (32, 32), "red"), made
    )
    kept = [Kept(file, made)]
    (picture,) = gallery_table.record(
        studio.engine, studio.home, kept, by="bo", now=NOW, job=jobs[1].id
    )
    ballot = voter_prompts.open_ballot(
        studio.engine,
        sides=[Side("sample", 1), Side("sample", 2)],
        question="Which gem shines?",
        own=2,
        invited=["ana", "bo"],
        by="ana",
        key="links",
        now=NOW,
    )
    head = manifests.heads(studio.home, "sample")[0]
    one = manifests.read(studio.home, "sample", head.digest).pictures[0]
    return Things(jobs[0].id, jobs[1].id, picture, ballot.id, head.version, one.hash)


@pytest.mark.parametrize(
    ("page", "address", "key", "leads_to"),
    [
        ("Adapters", {"show": "Merge"}, "files", "Merge"),
        ("Admin", {"job": "{training}"}, "job", "{training}"),
        ("Assets", {"style": "sample"}, "", "A list in the evening"),
        ("Datasets", {"set": "sample", "tab": "Versions"}, "tab", "Versions"),
        ("Datasets", {"set": "sample", "show": "Without a mask"}, "show", "Without a mask"),
        ("Datasets", {"set": "sample", "q": "gem"}, "q", "gem"),
        ("Datasets", {"set": "sample", "tab": "Masks", "masks": "All"}, "masks", "All"),
        ("Datasets", {"set": "sample", "tab": "Masks", "mask": "{shown}"}, "", "{shown}"),
        ("Evaluate", {"style": "sample", "version": "2"}, "versions-sample", "2"),
        ("Evaluate", {"style": "sample", "versions": "1,2"}, "versions-sample", "1,2"),
        ("Generate", {"style": "sample", "version": "2"}, "version of sample", "2"),
        ("Gallery", {"style": "sample", "version": "1"}, "gallery-version", "1"),
        ("Gallery", {"mode": "judge", "job": "{listed}"}, "", "1 of 1"),
        ("Generate", {"of": "sample", "v": "1"}, "gallery-version", "1"),
        ("Generate", {"find": "gem", "by": "bo"}, "gallery-by", "bo"),
        ("Generate", {"verdict": "Not judged yet"}, "gallery-verdict", "open"),
        ("Generate", {"again": "{picture}"}, "prompt", "a gem"),
        ("Generate", {"start": "{picture}"}, "begin", "True"),
        ("Generate", {"job": "{listed}"}, "", "Drawing a list of sample"),
        ("Picture", {"id": "{picture}"}, "", "a gem"),
        ("Registry", {"style": "sample", "version": "2"}, "version-sample", "2"),
        ("Registry", {"style": "sample", "show": "All versions"}, "show", "Versions"),
        ("Registry", {"style": "sample", "show": "History"}, "show", "History"),
        ("Sort", {"job": "{listed}"}, "", "1 of 1"),
        ("Sort", {"style": "sample", "version": "1", "text": "gem"}, "", "1 of 1"),
        ("Train", {"data": "sample", "style": "sample", "preset": "fast"}, "preset", "fast"),
        ("Train", {"job": "{training}"}, "watched", "{training}"),
        ("Train", {"base": "One of your own"}, "base", "One of your own"),
        ("Train", {"show": "Side by side", "runs": "none"}, "show", "Side by side"),
        ("Train", {"show": "Queue"}, "", "Training sample"),
        ("Train", {"show": "Sweeps"}, "show", "Sweeps"),
        ("Vote", {"ballot": "{ballot}"}, "", "Which gem shines?"),
    ],
)
def test_an_address_of_before_leads_to_what_it_names(
    things, open_page, page, address, key, leads_to
):
    known = vars(things)
    address = {name: value.format(**known) for name, value in address.items()}
    if moved := navigation.moved(page, urlencode(address)):  # as the browser is led on
        there = urlsplit(moved)
        page, address = there.path.strip("/"), dict(parse_qsl(there.query))
    at = open_page(page, **address)
    leads_to = leads_to.format(**known)
    assert not at.error
    if key:
        value = at.session_state[key]
        value = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        assert value == leads_to
    else:
        kinds = ("header", "markdown", "caption", "table", "progress", "bidi_component")
        parts = [at.get(kind) for kind in kinds]
        assert any(leads_to in _text(element) for part in parts for element in part)


def test_a_link_to_two_versions_of_a_dataset_compares_these(studio, open_page):
    folder = CHECKOUT / "sample" / "held_out"
    import_folder(studio.home, "sample", folder, now=context.now(), actor="ana")
    new, old = (head.version for head in manifests.heads(studio.home, "sample"))
    at = open_page("Datasets", set="sample", tab="Compare", before=new, after=old)
    assert not at.error
    assert (at.session_state["before"], at.session_state["after"]) == (new, old)


def test_a_link_to_a_picture_of_a_frozen_version_opens_it(things, open_page):
    at = open_page("Datasets", set="sample", version=things.frozen, picture=things.shown)
    assert not at.error and at.session_state["set"] == "sample"
    assert any(things.shown in str(element.proto) for element in at.get("html"))


def _text(element) -> str:
    value = getattr(element, "value", None)
    return f"{value if value is not None else ''} {element.proto}".replace("\\", "")
