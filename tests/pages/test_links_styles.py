"""A link made while there was one style leads to the same thing after another came first."""

import pytest

from studio import context
from studio.database import engine as db
from studio.datasets.folder_import import import_folder
from studio.registry import stages
from studio.settings import CHECKOUT
from tests.furnished import bare_files

# What the address says of itself once a page was come to without a word, by page.
DEFAULTS = {
    "Lists": {"style": "sample"},
    "Datasets": {"set": "sample"},
    "Evaluate": {"style": "sample", "versions": "3"},
    "Generate": {"style": "sample", "version": "2"},
    "Rate": {"style": "sample"},
    "Registry": {"style": "sample", "version": "2"},
    "Train": {"data": "sample"},
    "Vote": {"sides": "sample version 3,sample version 2"},
}


@pytest.fixture
def promoted(studio, sheets):
    stages.promote(
        studio.engine,
        studio.client,
        style="sample",
        number=2,
        to="production",
        actor="ana",
        why="first",
        now=context.now(),
    )


def another_style(studio: context.Studio) -> None:
    """First by its name, in production, with a dataset."""
    folder = CHECKOUT / "sample" / "held_out"
    import_folder(studio.home, "aaa", folder, now=context.now(), actor="ana")
    studio.client.create_registered_model("aaa")
    tags = {"trigger_word": "<aaa>", "stage": "candidate", "dataset": "aaa"}
    for _ in range(3):
        studio.client.create_model_version("aaa", bare_files(studio.home / "bare"), tags=tags)
    stages.promote(
        studio.engine,
        studio.client,
        style="aaa",
        number=1,
        to="production",
        actor="ana",
        why="first",
        now=context.now(),
    )
    with db.writing(studio.engine) as connection:
        db.bump(connection)


@pytest.mark.slow
def test_every_default_stands_in_the_address_and_leads_to_the_same(studio, promoted, open_page):
    before, warned = {}, {}
    for page, says in DEFAULTS.items():
        at = open_page(page)
        before[page], warned[page] = dict(at.query_params), len(at.warning)
        assert before[page].items() >= says.items(), page
    another_style(studio)
    for page, link in before.items():
        at = open_page(page, **link)
        assert not at.error and len(at.warning) == warned[page], page
        assert dict(at.query_params) == link, page
        chosen = {field.value for field in at.selectbox} | {
            one for field in at.multiselect for one in field.value
        }
        assert any("sample" in str(one) for one in chosen) and "aaa" not in chosen, page


@pytest.mark.slow
def test_a_chosen_version_stays_chosen(studio, promoted, open_page):
    links = {}
    for page, key in (("Registry", "version-sample"), ("Generate", "version of sample")):
        at = open_page(page)
        at.session_state[key] = 1
        at.run()
        links[page] = dict(at.query_params)
        assert links[page].items() >= {"style": "sample", "version": "1"}.items()
    at = open_page("Evaluate")
    at.multiselect(key="versions-sample").set_value([1, 2]).run()
    assert at.query_params["versions"] == "1,2"
    links["Evaluate"] = dict(at.query_params)
    another_style(studio)
    for page, link in links.items():
        assert dict(open_page(page, **link).query_params) == link, page
