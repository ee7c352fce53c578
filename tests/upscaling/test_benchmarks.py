"""The measures of benchmarks/edge_sharpness.py and enlarge.py say what they are meant to say."""

import json

import numpy as np
from PIL import Image
from scipy import ndimage

from benchmarks import edge_sharpness, enlarge
from tests.upscaling.strips import sprite


def test_a_blurred_edge_is_less_sharp_and_noise_beside_it_counts_for_nothing() -> None:
    grey = np.zeros((40, 60))
    grey[:, 30:] = 200
    where = edge_sharpness.edges(ndimage.gaussian_filter(grey, 0.6))
    assert where[:, 29:31].any() and not where[:, :20].any()
    shares = [
        float(np.median(edge_sharpness.sharpness(one)[where]))
        for one in (grey, *(ndimage.gaussian_filter(grey, sigma) for sigma in (0.6, 1.5, 3)))
    ]
    assert shares[0] == 1 and shares == sorted(shares, reverse=True) and shares[3] < 0.4
    noisy = grey.copy()
    noisy[:, :15] += np.random.default_rng(0).normal(0, 40, (40, 15))
    assert np.median(edge_sharpness.sharpness(noisy)[where]) == 1


def test_methods_are_measured_on_a_folder(tmp_path, capsys) -> None:
    for number in range(2):
        large = Image.fromarray(sprite(300 + 20 * number, 260), "RGBA")
        large.save(tmp_path / f"{number}.png")
    code = edge_sharpness.main(
        [str(tmp_path), "--models", "", "--json", "--sheet", str(tmp_path / "s.jpg")]
    )
    told = json.loads(capsys.readouterr().out)
    assert code == 0 and told["pictures"] == 2 and told["within"]
    assert told["shares"]["nearest"] > told["shares"]["lanczos"]
    assert told["shares"]["lanczos"] < 0.9  # which the bar would not let pass
    assert (tmp_path / "s.jpg").is_file()
    (tmp_path / "none").mkdir()
    assert edge_sharpness.main([str(tmp_path / "none")]) == 2


def test_a_record_of_one_round(capsys, monkeypatch) -> None:
    monkeypatch.setattr(enlarge, "LARGE", 256)
    code = enlarge.main(["--sides", "24", "--rounds", "1", "--threads", "1", "--json"])
    told = json.loads(capsys.readouterr().out)
    (row,) = told["sizes"]
    assert row["side"] == 24 and row["ours_s"] > 0 and row["theirs_s"] > 0
    assert row["within"] == (row["ratio"] <= enlarge.LIMIT) == (code == 0)
    assert set(told["others"]) == {"nearest", "epx", "lanczos"}
