"""The job that exports: refused at the door, cut off anywhere it ends the same."""

from __future__ import annotations

import pytest

from studio.errors import StudioError
from studio.export import placing, records
from studio.jobs import queue
from studio.worker.kinds.export import KIND
from studio.workflows import exports
from tests import export_assets
from tests.export.drawn import sprite
from tests.worker.kinds.step_by_step import Axe, Killed, begun, ran


@pytest.fixture
def studio(tmp_path):
    studio = export_assets.opened(tmp_path)
    export_assets.profile(studio)
    yield studio
    studio.engine.dispose()


def test_it_exports_and_records_who_asked(studio, tmp_path):
    id = export_assets.drawn(studio, sprite(), name="gem")
    given, ask = begun(studio, "export", assets=[id], profile="game", names={id: {"name": "ruby"}})
    assert given.job.lane == "short"
    told = ran(KIND, given, ask)
    assert told["written"] == ("gems/ruby_1.png", "housestyle.json")
    assert (tmp_path / "game" / "gems" / "ruby_1.png").is_file()
    (one,) = records.newest(studio.engine)
    assert (one.by, one.job, one.destination) == ("ana", given.job.id, "game")


@pytest.mark.parametrize("folder", ["", "zip", "store"])
@pytest.mark.parametrize("at", range(4))
def test_cut_off_anywhere_it_ends_the_same(studio, tmp_path, monkeypatch, at, folder):
    id = export_assets.drawn(studio, sprite(), name="gem")
    given, ask = begun(studio, "export", assets=[id], profile="game", folder=folder)
    with monkeypatch.context() as patch:
        axe = Axe(at)
        axe.lay(patch, placing, "publish")
        axe.lay(patch, exports, "publish")
        axe.lay(patch, records, "add")
        axe.lay(patch, exports.asset_records, "put")
        try:
            ran(KIND, given, ask)
        except Killed:
            pass
    told = ran(KIND, given, ask)
    (one,) = records.newest(studio.engine)
    assert one.id == told["export"] and one.job == given.job.id
    if not folder:
        names = sorted(p.name for p in (tmp_path / "game").rglob("*") if p.is_file())
        assert names == ["gem_1.png", "housestyle.json"]
    else:
        assert told["asset"] == one.asset


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"assets": []}, "0 assets"),
        ({"profile": "other"}, "no export profile"),
        ({"folder": "jam"}, "no destination 'jam'"),
        ({"names": {"x": "gem"}}, "names"),
    ],
)
def test_what_can_not_be_is_refused_at_the_door(studio, asked, why):
    with pytest.raises(StudioError, match=why):
        begun(studio, "export", **{"assets": ["x"], "profile": "game", **asked})
    assert queue.listing(studio.engine) == []
