"""The benchmarks' parts: training runs on the real base; what is measured here is not judged."""

import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks import browsing, gallery, page_lines, studio_filled, table, train, web
from benchmarks.measured import Comparison
from studio.assets import search
from studio.assets.search import Wanted
from studio.database import engine as db
from studio.datasets import versions
from studio.generation import gallery_table
from studio.settings import CHECKOUT


def _benchmark(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "benchmarks/train.py", "--device", "cpu", *words]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=250)


@pytest.mark.slow
def test_the_record_of_two_rounds_against_the_bare_loop() -> None:
    done = _benchmark("--rounds", "2", "--batch", "1", "--clock", "cpu", "--json")
    assert done.returncode in (0, 1), done.stderr
    record = json.loads(done.stdout)
    assert record["schema"] == 1
    assert (record["device"], record["clock"], record["preset"]) == ("cpu", "cpu", "fast")
    (found,) = record["comparisons"]
    assert (found["against"], found["limit"]) == ("bare loop", 1.05)
    assert (found["rounds"], found["batch_size"], found["size"], found["rank"]) == (2, 1, 32, 64)
    assert len(found["ours"]) == len(found["theirs"]) == 2
    assert min(found["ours"] + found["theirs"]) > 0
    assert found["within"] == (found["ratio"] <= 1.05) == (done.returncode == 0)


def test_the_ratio_is_the_median_of_pairs_and_is_held_to_the_limit() -> None:
    # A machine busy in the second round doubles both; the third round's ours met a disturbance.
    found = Comparison("other", 1.1, (1.1, 2.2, 9.0), (1.0, 2.0, 1.0), 8, 32, 8).record()
    assert found["ratio"] == pytest.approx(1.1)
    assert found["spread"] == pytest.approx([1.1, 9.0])
    assert found["ratio_of_sums"] == pytest.approx(12.3 / 4)
    assert not Comparison("other", 1.0, (1.1,), (1.0,), 8, 32, 8).record()["within"]
    assert Comparison("other", 1.0, (1.0,), (1.0,), 8, 32, 8).record()["within"]


def test_bad_input_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        (["--rounds", "0"], "--rounds is 0"),
        (["--script-steps", "15"], "--script-steps is 15"),
        (["--diffusers-script", "missing.py"], "no script missing.py"),
    ):
        assert train.main(words) == 2
        assert said in capsys.readouterr().err


def test_pictures_to_fill_a_studio_with(tmp_path: Path) -> None:
    engine = db.open_database(tmp_path)
    studio_filled.dataset(tmp_path, 40)
    studio_filled.drawn(engine, tmp_path, 40)
    known = versions.load(tmp_path, "props").pictures
    assert len({picture.hash for picture in known}) == 40
    assert len({picture.category for picture in known}) == 8
    assert not (tmp_path / "to-import").exists()
    assert gallery_table.count(engine, Wanted()) == 40
    assert gallery_table.count(engine, Wanted(verdict="rejected")) == 10
    one = gallery_table.search(engine, Wanted(style="items")).found[0]
    assert (tmp_path / one.file).is_file()
    engine.dispose()


def test_a_gallery_to_measure(tmp_path: Path) -> None:
    engine = db.open_database(tmp_path)
    gallery.fill(engine, tmp_path, 160)
    assert search.tally(engine, "", Wanted()) == dict.fromkeys(
        ("approved", "edit", "open", "rejected"), 40
    )
    assert gallery_table.count(engine, Wanted(text="numbered77")) == 1
    wanted = Wanted(style="items", verdict="approved")
    assert sum(search.tally(engine, "", wanted).values()) == 10
    assert search.kinds(engine) == ["picture", "sheet"]
    assert gallery_table.count(engine, Wanted(board="board")) > 100
    record = gallery.measured(engine, 1, "cpu")
    named = [*gallery.ASKED, *(f"beside one: {name}" for name in gallery.ASKED)]
    assert list(record["ms"]) == named and min(record["ms"].values()) >= 0
    assert record["within"] == (record["ms"]["style, verdict, word"] <= gallery.LIMIT_MS)
    engine.dispose()


def test_what_is_told_of_votes() -> None:
    took = [float(number) for number in range(1, 101)]
    assert table.share(took, 0.95) == 96
    # Two busy stretches around a calm one: the calm one is what is told.
    at = [number * 0.5 for number in range(90)]
    busy = [900.0 if when < 15 or when > 30 else 40.0 for when in at]
    assert table.calmest(at, busy) == 40
    lines = [
        table.Line("a vote", "51 ms", "< 300 ms", True, 0.3),
        table.Line("a page", "2 s", "< 1 s", False, 0.1),
    ]
    assert table.table(lines).splitlines() == [
        "        measured  bar       met  others",
        "a vote  51 ms     < 300 ms  yes  30%",
        "a page  2 s       < 1 s     NO   10%",
    ]


def test_a_page_is_held_against_the_bar_and_against_an_empty_page() -> None:
    empty = page_lines.Timed(900.0, 500.0, 450.0, 300.0, 0.0)
    near = page_lines.Timed(990.0, 670.0, 600.0, 400.0, 0.0)
    met = page_lines.line("Home", "<", 1000.0, near, empty)
    assert met.met and met.measured.startswith("670 ms, 1.34 x empty, least 600, first 990")
    assert not page_lines.line("Home", "<", 1000.0, replace(near, middle=680.0), empty).met
    assert page_lines.line("Home", "<", 1000.0, replace(near, middle=680.0), None).met
    # On a busy machine the quickest will do, or what was computed.
    busy = replace(near, middle=2000.0, others=0.5)
    assert page_lines.line("Home", "<", 1000.0, busy, empty).met
    computed = page_lines.line("Home", "<", 1000.0, replace(busy, least=1500.0), empty)
    assert computed.met and computed.by_cpu
    assert not page_lines.line(
        "Home", "<", 1000.0, replace(busy, least=999, computed=801), empty
    ).met


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not here")
def test_a_page_that_lacks_something_is_named_and_the_others_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = '<body><main data-testid="stMain">Nobody signs in. For you</main>'
    for name in ("You", "Here", "There"):
        (tmp_path / name).write_text(main)
    monkeypatch.setattr(browsing, "PATIENCE_MS", 500)
    monkeypatch.setattr(SimpleHTTPRequestHandler, "extensions_map", {"": "text/html"})
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        places = (
            browsing.Place("Here", "/Here", ("For you", "At work"), "canvas"),
            browsing.Place("There", "/There", ("For you",)),
        )
        with browsing.visitor(url, "Ana") as person:
            found = list(page_lines.first_paints(person, url, os.getpid(), places, 1))
        server.shutdown()
    assert [line.what.partition(":")[0] for line in found] == ["An empty page", "Here", "There"]
    assert found[1].measured == "/Here has no At work, canvas after 0 s" and not found[1].met
    assert "x empty" in found[2].measured and found[2].what == "There: first paint"


def test_a_wrong_part_is_refused() -> None:
    with pytest.raises(SystemExit):
        web.main(["--only", "nothing"])


@pytest.mark.slow
def test_the_record_of_many_pictures() -> None:
    words = ["--pictures", "300", "--rounds", "2", "--clock", "cpu", "--json"]
    command = [sys.executable, "benchmarks/many_pictures.py", *words]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=250)
    assert done.returncode in (0, 1), done.stderr
    record = json.loads(done.stdout)
    assert (record["schema"], record["pictures"], record["clock"]) == (1, 300, "cpu")
    assert 0 < record["start_up_s"] < 10 and record["few_s"] > record["few_data_s"] > 0
    assert record["within"] == (record["ratio"] <= 1.05) == (done.returncode == 0)
