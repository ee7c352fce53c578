"""What may be asked of a ballot's job, and a real drawing of its sheets, kept where it stopped."""

import pytest
from PIL import Image

from studio import context
from studio.datasets.versions import load
from studio.errors import StudioError
from studio.evaluation import prompt_sets
from studio.jobs import leases
from studio.review import ballots
from studio.settings import CHECKOUT, load_settings
from studio.training.config import load_config
from studio.worker import process, submit
from studio.worker.context import Warm
from studio.worker.kinds.ballot_pictures import SideAsk, shown
from studio.workflows import train
from tests.worker.test_submit import LEASE, NOW

BRIEF = {"max_train_steps": 2, "preview_every_n_steps": 0, "batch_size": 1, "rank": 2}


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    from studio.datasets.folder_import import import_folder

    studio = context.open_studio(load_settings({}, home=str(tmp_path_factory.mktemp("home"))))
    import_folder(studio.home, "sample", CHECKOUT / "sample" / "train", now=NOW, actor="ana")
    return studio


@pytest.fixture
def known(studio):
    """A style with one version and a prompt set of its own."""
    found = prompt_sets._version("props", ("a red gem", "a lamp"), (1, 2), ())
    prompt_sets.save(
        studio.home, prompt_sets.PromptSet("props", found, ("a red gem", "a lamp"), (1, 2), ())
    )
    if "props" not in [m.name for m in studio.client.search_registered_models()]:
        studio.client.create_registered_model("props")
        tags = {"dataset": "sample", "dataset_digest": load(studio.home, "sample").digest}
        studio.client.create_model_version("props", str(studio.home), tags=tags)
    return studio


ONE = {"style": "props", "version": 1}
BASE = {"style": "props"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"question": " "}, "0 characters"),
        ({"sides": [ONE]}, "2 to 6"),
        ({"sides": [ONE, ONE]}, "that differ"),
        ({"sides": [ONE, {"style": "props", "version": 9}]}, "9"),
        ({"sides": [ONE, {"style": "gone"}]}, "gone"),
        ({"sides": [ONE, {"style": "hand", "hand": "../../x"}]}, "by hand"),
        ({"of": "gone"}, "no prompt set"),
        ({"prompts": "0" * 12}, "no prompt set 0000"),
        ({"asks": "all"}, "'all'"),
        ({"due": "tomorrow"}, "'tomorrow'"),
        ({"golds": 51}, "51 attention pairs"),
        ({"voters": 0}, "0 voters"),
    ],
)
def test_what_makes_no_ballot_is_refused_at_the_door(known, change, said):
    asked = {"question": "Which?", "sides": [ONE, BASE], "of": "props", "form": "f", **change}
    with pytest.raises(StudioError, match=said):
        submit.ask(known, "ballot", asked, asked_by="ana", now=NOW)


@pytest.mark.slow
def test_sheets_are_drawn_ahead_once(studio):
    """A version and its base draw a prompt set that no sheet holds; the second time, nothing."""
    config = load_config("fast", None, BRIEF)
    version = train.train_style(studio, "items", "sample", config, print)
    known = prompt_sets.load(studio.home, "items")
    found = prompt_sets._version("items", known.prompts[:2], (5, 6), ())
    prompt_sets.save(
        studio.home, prompt_sets.PromptSet("items", found, known.prompts[:2], (5, 6), ())
    )
    asked = {
        "question": "Which?",
        "of": "items",
        "form": "f1",
        "invited": ["ana", "ben"],
        "golds": 2,
        "sides": [{"style": "items", "version": version.number}, {"style": "items"}],
    }

    def done():
        job = leases.take(studio.engine, "w", "short", NOW, LEASE)
        process.do(studio.engine, job.id, job.attempt, process.Opened(studio.settings), Warm())
        from studio.jobs import queue

        return queue.get(studio.engine, job.id)

    submit.ask(studio, "ballot", asked, asked_by="lea", now=NOW)
    job = done()
    assert job.state == "done", job.error
    ballot = ballots.get(studio.engine, job.result["ballot"])
    assert (ballot.share, ballot.golds, ballot.voters, ballot.asks) == (4, 2, 2, "panel")
    files = sorted((studio.home / "review" / "drawn" / "items").rglob("*.png"))
    assert len(files) == 8
    times = [file.stat().st_mtime_ns for file in files]
    side = SideAsk(style="items", version=version.number)
    cells = [(prompt, seed) for prompt in known.prompts[:2] for seed in (5, 6)]
    drawn = shown(studio, side, found, cells)
    with Image.open(drawn.files[cells[0]]) as one:
        assert one.size == (32, 32)
    submit.ask(studio, "ballot", {**asked, "form": "f2"}, asked_by="lea", now=NOW)
    assert done().state == "done"
    assert [file.stat().st_mtime_ns for file in files] == times
    assert len(ballots.listing(studio.engine)) == 2
