"""The benchmarks' parts, on a small picture; what is measured here is not judged."""

import json

import pytest

from benchmarks import upscaling_memory, upscaling_overhead


@pytest.mark.slow
def test_the_record_of_memory(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--side", "300", "--tile", "128", "--overlap", "16", "--seam", "--json"]
    code = upscaling_memory.main(words)
    record = json.loads(capsys.readouterr().out)
    assert record["schema"] == 1 and record["same"] and record["within"] == (code == 0)
    assert record["tiles"] == 9 + 12 and 0 < record["drawn"] <= record["tiles"]
    assert record["memory_mb"] > 0 and record["cpu_s"] > 0 and record["levels_mb"] >= 0


def test_the_record_of_overhead(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--side", "256", "--tile", "128", "--overlap", "16", "--rounds", "1", "--json"]
    code = upscaling_overhead.main([*words, "--clock", "cpu", "--seconds", "3"])
    record = json.loads(capsys.readouterr().out)
    assert record["tiles"] == 9 and len(record["rounds"]) == 1
    assert record["limit_s"] == pytest.approx(0.5)
    assert record["within"] == (record["overhead_s"] <= 0.5) == (code == 0)
