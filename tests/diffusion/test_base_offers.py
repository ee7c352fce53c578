import pytest

from studio.diffusion import base_offers
from studio.training.config import load_config


@pytest.fixture
def gpu(monkeypatch, tmp_path):
    """A machine whose driver lists one GPU, or none."""

    def there(yes):
        base_offers._driver.cache_clear()
        monkeypatch.setattr(base_offers, "GPUS", tmp_path)
        monkeypatch.setenv("PATH", str(tmp_path))
        if yes:
            (tmp_path / "0000:01:00.0").mkdir()

    yield there
    base_offers._driver.cache_clear()


@pytest.mark.parametrize(
    ("driver", "wanted", "workers", "device"),
    [
        (False, "auto", [], "cpu"),
        (True, "auto", [], "cuda"),
        (True, "cpu", [], "cpu"),
        (True, "auto", ["cpu"], "cpu"),
        (False, "auto", ["cpu", "cuda"], "cuda"),
        (False, "cpu", ["auto"], "cpu"),
    ],
)
def test_where_a_training_would_run(gpu, driver, wanted, workers, device):
    gpu(driver)
    assert base_offers.device(wanted, workers) == device


def test_without_a_gpu_one_line_says_why_only_the_practice_base_is_offered():
    assert [o.name for o in base_offers.offers("cpu")] == ["pocket"]
    assert "GPU" in base_offers.why_no_more("cpu") and "\n" not in base_offers.why_no_more("cpu")


def test_with_a_gpu_a_real_base_is_offered_with_size_licence_and_presets():
    real = base_offers.offers("cuda")[1]
    assert real.size > 4e9 and real.licence == "CreativeML OpenRAIL-M"
    assert not base_offers.why_no_more("cuda")
    config = load_config("balanced", None, {"base": real.name}, {})
    assert (config.mixed_precision, config.learning_rate) == ("auto", 1e-4)


def test_progress_of_a_download_counts_what_has_come(tmp_path):
    real = base_offers.STABLE_DIFFUSION
    assert base_offers.fetched(real, tmp_path) == 0
    blobs = tmp_path / "models--stable-diffusion-v1-5--stable-diffusion-v1-5" / "blobs"
    blobs.mkdir(parents=True)
    with (blobs / "abc.incomplete").open("wb") as file:
        file.truncate(real.size // 4)
    assert base_offers.fetched(real, tmp_path) == pytest.approx(0.25)
    assert base_offers.fetched(base_offers.PRACTICE, tmp_path) == 1
