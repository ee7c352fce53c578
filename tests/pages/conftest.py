"""A studio in a folder of its own with the bundled sample in it; pages run without a browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from studio import ui, workflows
from studio.datasets.versions import import_folder
from studio.settings import CHECKOUT, load_settings

Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with both databases made and the sample brought in; making MLflow's takes seconds."""
    home = tmp_path_factory.mktemp("fresh") / "home"
    opened = workflows.open_studio(load_settings({}, home=str(home)))
    import_folder(home, "sample", CHECKOUT / "sample" / "train", now=workflows.now(), actor="ana")
    opened.engine.dispose()
    return home


@pytest.fixture
def studio(
    fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[workflows.Studio]:
    shutil.copytree(fresh, tmp_path / "home")
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    # What a browser tells: AppTest has none.
    monkeypatch.setattr(ui, "person", lambda: "ana")
    monkeypatch.setattr(ui, "clock", lambda: ZoneInfo("UTC"))
    st.cache_resource.clear()
    st.cache_data.clear()
    opened = ui.opened()
    yield opened
    opened.engine.dispose()
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def open_page(studio: workflows.Studio) -> Open:
    """Opens pages/NAME.py from Home.py with `query` in the address; an exception fails."""

    def opened(name: str, **query: str) -> AppTest:
        at = AppTest.from_file(str(CHECKOUT / "Home.py"), default_timeout=30)
        at.switch_page(f"pages/{name}.py")
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, [e.value for e in at.exception]
        return at

    return opened
