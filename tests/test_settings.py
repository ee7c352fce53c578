from pathlib import Path

import pytest

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
    [("STUDIO_PORT", "web"), ("STUDIO_DEVICE", "tpu"), ("STUDIO_HOEM", "/x")],
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(StudioError, match=name):
        load_settings({name: value})


def test_the_environment_of_before_still_holds(tmp_path: Path) -> None:
    known = {row.name: row.default for row in TABLE}
    was = before.told()["settings"]["environment"]
    assert was.items() <= known.items()
    given = {name: default for name, default in was.items() if default}
    load_settings({**given, "STUDIO_HOME": str(tmp_path)})
