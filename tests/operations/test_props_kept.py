"""A prop's files in the studio's folder: counted, checked, and meant for the bucket."""

from __future__ import annotations

import pytest

from studio import context
from studio.assets import contents
from studio.operations import disk_use
from studio.outbox import looking
from studio.settings import load_settings
from studio.worker.kinds.prop import KIND
from studio.workflows import prop_files
from tests.prop_pictures import kept, sprite
from tests.worker.kinds.step_by_step import begun, ran


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


def test_a_prop_is_counted_and_one_whose_file_is_gone_is_named(studio):
    id = kept(studio, sprite())
    given, wish = begun(studio, "prop", pictures=[id], settings={"method": "card"})
    (made,) = ran(KIND, given, wish)["props"]
    said = {one.says: one.files for one in disk_use.taken(studio.home)}
    assert said["Props: models, posters, normal maps and textures"] == len(prop_files.ROLES)
    assert list(contents.flaws(studio.engine, studio.home)) == []
    assert contents.unknown(studio.engine) == 0
    for role in prop_files.ROLES:
        assert looking.belongs(prop_files.file_of(studio.engine, made, role).path)
    model = prop_files.file_of(studio.engine, made, prop_files.MODEL)
    (studio.home / model.path).unlink()
    (flaw,) = contents.flaws(studio.engine, studio.home)
    assert flaw == f"{model.path} (model of prop {made}) is gone"
