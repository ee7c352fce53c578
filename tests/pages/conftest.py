"""A studio in a folder of its own with the bundled sample in it; pages run without a browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from studio import context
from studio.database import engine as db
from studio.datasets.folder_import import import_folder
from studio.datasets.versions import load
from studio.evaluation import prompt_sets
from studio.evaluation.contact_sheet import folder_of, write_sheet
from studio.registry import stages
from studio.settings import CHECKOUT, load_settings
from studio.web import page_errors, session, ui
from tests.furnished import bare_files

Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with both databases made and the sample brought in; making MLflow's takes seconds."""
    home = tmp_path_factory.mktemp("fresh") / "home"
    opened = context.open_studio(load_settings({}, home=str(home)))
    opened.client.search_registered_models()
    import_folder(home, "sample", CHECKOUT / "sample" / "train", now=context.now(), actor="ana")
    opened.engine.dispose()
    return home


@pytest.fixture
def studio(
    fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[context.Studio]:
    shutil.copytree(fresh, tmp_path / "home")
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    # What a browser tells: AppTest has none.
    monkeypatch.setattr(ui, "person", lambda: "ana")
    monkeypatch.setattr(ui, "clock", lambda: ZoneInfo("UTC"))
    session.forget()
    st.cache_resource.clear()
    st.cache_data.clear()
    opened = session.studio()
    yield opened
    opened.engine.dispose()
    session.forget()
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What raises on a page is shown as the studio shows it, which AppTest by itself does not."""
    begun = LocalScriptRunner.__init__

    def begin(self: LocalScriptRunner, *given: Any, **more: Any) -> None:
        begun(self, *given, **more)
        self._on_script_error = page_errors.show

    monkeypatch.setattr(LocalScriptRunner, "__init__", begin)


@pytest.fixture
def open_page(studio: context.Studio) -> Open:
    """Opens pages/NAME.py from Home.py with `query` in the address; an exception fails."""

    def opened(name: str, **query: str) -> AppTest:
        at = AppTest.from_file(str(CHECKOUT / "Home.py"), default_timeout=120)
        at.switch_page(f"pages/{name}.py")
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, [e.value for e in at.exception]
        return at

    return opened


@pytest.fixture
def sheets(studio: context.Studio) -> Path:
    """Versions 1 and 2 of style sample with drawn sheets of 6 pictures, version 3 without one."""
    told = {
        "trigger_word": "<sample>",
        "dataset": "sample",
        "dataset_digest": load(studio.home, "sample").digest,
    }
    studio.client.create_registered_model("sample")
    asked = [
        (prompt, seed) for prompt in ("a red potion", "a <b>gem</b>", "a ring") for seed in (1, 2)
    ]
    texts = tuple(dict.fromkeys(prompt for prompt, _ in asked))
    named = prompt_sets._version("sample", texts, (1, 2), ())
    prompt_sets.save(studio.home, prompt_sets.PromptSet("sample", named, texts, (1, 2), ()))
    rng = np.random.default_rng(7)
    for number in (1, 2, 3):
        studio.client.create_model_version("sample", bare_files(studio.home / "bare"), tags=told)
        if number < 3:
            base, version = (
                [Image.fromarray(rng.integers(0, 256, (16, 16, 4), np.uint8)) for _ in asked]
                for _ in range(2)
            )
            folder = folder_of(studio.home, "sample", number)
            write_sheet(folder, "sample", number, named, asked, base, version)
    with db.writing(studio.engine) as connection:
        db.bump(connection)
    return studio.home / "sheets" / "sample"


@pytest.fixture
def style(studio: context.Studio, tmp_path: Path) -> None:
    """Two versions of props, the first in production, and one of tiles; nobody trained them."""
    for name, word, count in (("props", "<Props>", 2), ("tiles", "<Tiles>", 1)):
        studio.client.create_registered_model(name)
        for _ in range(count):
            tags = {
                "base": "/pocket",
                "base_name": "pocket",
                "trigger_word": word,
                "stage": "candidate",
            }
            studio.client.create_model_version(name, bare_files(tmp_path), tags=tags)
    stages.promote(
        studio.engine,
        studio.client,
        style="props",
        number=1,
        to="production",
        actor="ana",
        why="first",
        now=context.now(),
    )
