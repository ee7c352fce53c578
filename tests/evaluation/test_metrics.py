import numpy as np
import pytest

from studio import images
from studio.errors import StudioError
from studio.evaluation import metrics


def _sample(seed: int, n: int, d: int = 16, shift: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(shift, 1, (n, d))


@pytest.mark.parametrize(("n", "m"), [(12, 9), (40, 70), (200, 10)])
def test_frechet_of_pictures_agrees_with_their_statistics(n, m):
    a, b = _sample(1, n), _sample(2, m, shift=0.5) * 1.5
    s1, s2 = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = np.linalg.eigh(s1)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ s2 @ root), 0)).sum()
    plain = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(s1) + np.trace(s2) - 2 * cross
    assert metrics.frechet_distance(a, b) == pytest.approx(plain, rel=1e-5)
    assert metrics.frechet_distance(a, a) == pytest.approx(0, abs=1e-8)


def test_frechet_agrees_with_pytorch_fid():
    from scipy.linalg import sqrtm

    a, b = _sample(3, 60), _sample(4, 60) * np.linspace(0.5, 2, 16)
    s1, s2 = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    theirs = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(s1 + s2 - 2 * sqrtm(s1 @ s2).real)
    assert metrics.frechet_distance(a, b) == pytest.approx(theirs, abs=1e-4)


def test_small_samples_of_one_source_are_biased():
    assert metrics.frechet_distance(_sample(1, 50, 2048), _sample(2, 50, 2048)) > 3000


def test_only_inception_is_called_fid():
    assert metrics.frechet_name("inception-v3", 2048, 50) == "fid"
    assert metrics.frechet_name("pocket-clip-v2", 192, 50) == "frechet_pocket_clip_v2"
    assert metrics.frechet_name("inception-v3", 64, 50) != "fid"


def test_kid_vector():
    assert metrics.kid(np.eye(2), np.eye(2)) == pytest.approx(-2.375)


def test_kid_interval_is_centred_repeatable_and_orders_sets():
    a, near, far = _sample(1, 40), _sample(2, 60), _sample(3, 60, shift=1.0)
    same = metrics.kid_interval(a, near, seed=5)
    moved = metrics.kid_interval(a, far, seed=5)
    assert same == metrics.kid_interval(a, near, seed=5)
    assert same != metrics.kid_interval(a, near, seed=6)
    assert same.low < same.value < same.high and same.low < 0 < same.high
    assert moved.low > same.high and (moved.n_a, moved.n_b, moved.seed) == (40, 60, 5)


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_kid_interval_covers_the_truth(shift):
    """The truth is the mean of KID over fresh samples, since KID is unbiased."""
    d, n, trials = 4, 40, 200
    draws = [
        (_sample(1000 + 2 * k, n, d), _sample(1001 + 2 * k, n, d, shift)) for k in range(3 * trials)
    ]
    truth = np.mean([metrics.kid(a, b) for a, b in draws])
    found = [metrics.kid_interval(a, b, seed=1, rounds=100) for a, b in draws[:trials]]
    covered = np.mean([i.low <= truth <= i.high for i in found])
    assert covered > 0.88, covered


def test_kid_interval_refuses_what_it_cannot_answer():
    with pytest.raises(StudioError, match="at least 4"):
        metrics.kid_interval(np.eye(3), np.eye(3), seed=1)
    with pytest.raises(StudioError, match="level"):
        metrics.kid_interval(np.eye(8), np.eye(8), seed=1, level=95)


def test_cosine_figures():
    axes = np.eye(3)
    assert metrics.clip_score(axes * 5, axes) == pytest.approx(100)
    assert metrics.clip_score(axes, -axes) == 0
    assert metrics.clip_score(axes[:2], [[1, 1, 0], [-1, -1, 0]]) == pytest.approx(50 / 2**0.5)
    assert metrics.consistency(axes) == pytest.approx(0)
    assert metrics.consistency(np.ones((4, 3))) == pytest.approx(1)
    assert metrics.style_similarity(axes, axes) == pytest.approx(3**-0.5)


def test_nearest_finds_a_planted_copy_and_the_threshold_calls_it_one():
    train, outputs = _sample(1, 50), _sample(2, 8)
    outputs[3] = train[17] * 2 + 0.001
    index, cosine = metrics.nearest(outputs, train)
    threshold = metrics.copy_threshold(train)
    assert index[3] == 17 and cosine[3] == pytest.approx(1, abs=1e-4)
    assert (cosine > threshold).tolist() == [k == 3 for k in range(8)]
    flipped = np.stack([_sample(3, 50), train])
    assert metrics.nearest(outputs, flipped)[0][3] == 17


def test_copy_threshold_survives_duplicates_in_the_training_set():
    train = np.concatenate([_sample(1, 20), _sample(1, 20)])
    assert metrics.copy_threshold(train) < 0.95
    assert metrics.copy_threshold(np.ones((5, 4))) < 1


def test_palette_distance_is_zero_on_itself_and_grows_by_the_shift():
    lab = images.lab(np.array([[200, 40, 40], [20, 90, 200], [240, 230, 200]]))
    palette = (lab, [5, 3, 1])
    assert metrics.palette_distance([palette], [palette]) == 0
    assert metrics.palette_distance([palette, palette], [palette]) == pytest.approx(0, abs=1e-9)
    steps = [metrics.palette_distance([palette], [(lab + [d, 0, 0], [5, 3, 1])]) for d in (5, 10)]
    assert steps == pytest.approx([5, 10], rel=0.02)
    reweighed = metrics.palette_distance([palette], [(lab, [1, 3, 5])])
    assert reweighed > 1


@pytest.mark.parametrize("wrong", [np.zeros(3), np.zeros((0, 3)), [[np.nan, 0.0], [1.0, 0.0]]])
def test_features_that_cannot_be_measured_are_named(wrong):
    with pytest.raises(StudioError):
        metrics.frechet_distance(wrong, np.eye(2))
    with pytest.raises(StudioError, match="dims"):
        metrics.kid(np.eye(2), np.eye(3))


def test_the_interval_of_a_mean_draws_whole_prompts():
    values, prompts = [0.0] * 8 + [1.0] * 8, ["a"] * 8 + ["b"] * 8
    by_prompt = metrics.mean_interval(values, prompts, seed=0)
    by_picture = metrics.mean_interval(values, [str(k) for k in range(16)], seed=0)
    assert by_prompt.value == by_picture.value == 0.5
    # Two prompts are two facts, not sixteen: either may be missing from the next sheet.
    assert (by_prompt.low, by_prompt.high) == (0, 1)
    assert 0 < by_picture.low < by_picture.high < 1
    alone = metrics.mean_interval(values, ["a"] * 16, seed=0)
    assert (alone.low, alone.high) == (-np.inf, np.inf)


def test_the_interval_of_a_mean_holds_the_truth_as_often_as_it_says():
    rng, held = np.random.default_rng(5), 0
    for _ in range(200):
        values = np.repeat(rng.normal(0, 1, 30), 4) + rng.normal(0, 1, 120)
        found = metrics.mean_interval(values, [str(k // 4) for k in range(120)], seed=1, rounds=400)
        held += found.low <= 0 <= found.high
    assert 0.88 <= held / 200 <= 0.99
