from pathlib import Path

import pytest

from studio import settings
from studio.errors import StudioError
from studio.settings import CHECKOUT, TABLE, load_settings
from tests import before


def test_home_decides_where_everything_lies(tmp_path: Path) -> None:
    assert load_settings({}).home == CHECKOUT / "var"
    assert load_settings({}).artifacts == CHECKOUT / "mlruns"
    kept = load_settings({"STUDIO_HOME": str(tmp_path)})
    assert (kept.home, kept.artifacts) == (tmp_path, tmp_path / "mlruns")
    assert load_settings({"STUDIO_HOME": "/elsewhere"}, home=str(tmp_path)).home == tmp_path


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STUDIO_PORT", "web"),
        ("STUDIO_PORT", "²"),
        ("STUDIO_PORT", "65536"),
        ("STUDIO_MLFLOW_PORT", "1" * 5000),
        ("STUDIO_THREADS", "nan"),
        ("STUDIO_THREADS", "100000"),
        ("STUDIO_DEVICE", "tpu"),
        ("STUDIO_HOEM", "/x"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(StudioError, match=name):
        load_settings({name: value})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"STUDIO_PORT 8502\n", "line 1, says 'STUDIO_PORT 8502'"),
        (b"A=1\nSTUDIO_ANYONE\n", "line 2, says 'STUDIO_ANYONE'"),
        ("STUDIO_PORT=8502\n".encode("utf-16"), "can't be read"),
        ("STUDIO_PORT=²\n".encode(), "STUDIO_PORT is '²'"),
    ],
)
def test_a_line_of_env_that_says_nothing_is_named(tmp_path, monkeypatch, text, said):
    (tmp_path / ".env").write_bytes(text)
    monkeypatch.setattr(settings, "CHECKOUT", tmp_path)
    with pytest.raises(StudioError) as refused:
        load_settings({})
    assert said in refused.value.message and refused.value.remedy


def test_env_is_read_with_its_mark_and_its_remarks(tmp_path, monkeypatch):
    text = "\ufeffSTUDIO_PORT=8502\n# STUDIO_HOST is not set\n\nOTHER thing\n"
    text += "export STUDIO_THREADS='2'\n"
    (tmp_path / ".env").write_text(text, "utf-8")
    monkeypatch.setattr(settings, "CHECKOUT", tmp_path)
    found = load_settings({})
    assert (found.port, found.threads, found.host) == (8502, 2, "127.0.0.1")


def test_the_environment_of_before_still_holds(tmp_path: Path) -> None:
    known = {row.name: row.default for row in TABLE}
    was = before.told()["settings"]["environment"]
    assert was.items() <= known.items()
    given = {name: default for name, default in was.items() if default}
    load_settings({**given, "STUDIO_HOME": str(tmp_path)})


def test_folders_of_games_are_named_and_what_is_none_is_told(tmp_path: Path) -> None:
    found = load_settings({"STUDIO_EXPORT_FOLDERS": f"game={tmp_path}, jam=/srv/jam"})
    assert found.export_folders == (("game", tmp_path), ("jam", Path("/srv/jam")))
    assert load_settings({}).export_folders == ()
    for wrong in ("/srv/game", "game=srv/game", "zip=/srv/x", "Game=/x", "a=/x,a=/y", "game="):
        with pytest.raises(StudioError, match="STUDIO_EXPORT_FOLDERS says"):
            load_settings({"STUDIO_EXPORT_FOLDERS": wrong})
