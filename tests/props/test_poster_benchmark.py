"""The benchmark's parts, on small models; what is measured here is not judged."""

import json

import pytest

from benchmarks import prop_posters
from studio.props.model import Model


def test_the_record_of_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    code = prop_posters.main(["--rounds", "1", "--large", "2000", "--json"])
    record = json.loads(capsys.readouterr().out)
    assert record["schema"] == 1 and list(record["seconds"]) == list(prop_posters.LIMITS)
    assert record["within"] == (code == 0) and min(record["seconds"].values()) > 0
    assert 1_500 <= record["triangles"]["small"] <= 1_900


def test_the_record_of_memory(capsys: pytest.CaptureFixture[str]) -> None:
    prop_posters.main(["--memory", "--large", "2000", "--json"])
    record = json.loads(capsys.readouterr().out)
    assert record["memory_mb"] >= 0 and 1_800 <= record["triangles"] <= 2_200


def test_the_figure_is_closed() -> None:
    shown = prop_posters.figure(1_700, nearest=True)
    assert isinstance(shown, Model)
    low, high = shown.bounds()
    assert float(low[1]) == pytest.approx(0, abs=1e-6) and float(high[1]) == pytest.approx(1)
