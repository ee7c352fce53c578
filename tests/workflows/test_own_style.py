"""The three steps to a style of one's own, on real datasets and jobs."""

from datetime import UTC, datetime

import pytest

from studio import context
from studio.datasets.folder_import import import_folder
from studio.jobs import queue
from studio.settings import CHECKOUT, load_settings
from studio.workflows import own_style
from tests.workflows.versions import version

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    home = tmp_path_factory.mktemp("studio") / "home"
    opened = context.open_studio(load_settings({}, home=str(home)))
    yield opened
    opened.engine.dispose()


def brought(studio, name: str) -> None:
    import_folder(studio.home, name, CHECKOUT / "sample" / "held_out", now=NOW, actor="ana")


def done(steps) -> list[bool]:
    return [step.done for step in steps]


def test_the_sample_is_nobodys_own(studio) -> None:
    brought(studio, "sample")
    live = [version("sample", 1, "production", "sample")]
    steps = own_style.steps(studio, live, [])
    assert [step.name for step in steps] == ["Bring in pictures", "Train", "Promote"]
    assert done(steps) == [False, False, False] and not own_style.has_own(live)


def test_each_step_tells_how_far_it_is_and_leads_to_the_next(studio) -> None:
    brought(studio, "props")
    first, train, promote = own_style.steps(studio, [], [])
    assert first.done and first.says == "24 pictures in dataset props"
    assert (train.done, train.address) == (False, {"data": "props"})
    assert promote == own_style.LAST

    payload = {"style": "items", "dataset": "props"}
    job = queue.submit(
        studio.engine, kind="train", lane="work", payload=payload, asked_by="ana", now=NOW
    )
    _, train, _ = own_style.steps(studio, [], [job])
    assert train.address == {"show": "Watch", "job": str(job.id)} and "queue" in train.says

    trained = [version("items", 1, "candidate", "props")]
    _, train, promote = own_style.steps(studio, trained, [])
    assert train.done and promote.page == "pages/Evaluate.py" and not promote.done

    measured = [version("items", 1, "candidate", "props", kid=0.1)]
    *_, promote = own_style.steps(studio, measured, [])
    assert promote.page == "pages/Registry.py"
    assert promote.address == {"style": "items", "version": "1"}

    live = [version("items", 1, "production", "props", kid=0.1)]
    assert done(own_style.steps(studio, live, [])) == [False, False, False]
    assert own_style.has_own(live)
    assert own_style.has_own([version("tiles", 1, "production", "sample")])
