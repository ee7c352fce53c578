"""Real classes of transformers, saved to a folder, loaded and asked."""

import pytest
from PIL import Image

from studio import context
from studio.captioning import vision_models
from studio.datasets.folder_import import import_folder
from studio.errors import StudioError
from studio.settings import CHECKOUT, load_settings
from studio.worker.kinds import describe, describing
from tests.worker.kinds.step_by_step import NOW, begun

SEEN = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]


@pytest.mark.parametrize(
    ("which", "style"), [("blip", "plain"), ("chat", "chat"), ("florence", "task")]
)
def test_a_model_in_a_folder_says_something_of_each_picture(request, which, style):
    folder = request.getfixturevalue(which)
    model = vision_models.load(str(folder), "cpu")
    assert (model.style, model.name) == (style, str(folder))
    said = model.caption(SEEN, "what is it in one line")
    assert len(said) == 2 and all(isinstance(text, str) for text in said)
    assert not any("what is it in one line" in text for text in said)  # what was asked is cut off
    assert said == model.caption(SEEN, "what is it in one line")
    assert said[:1] == model.caption(SEEN[:1], "what is it in one line")


@pytest.mark.slow
def test_the_job_asks_the_model_of_the_settings(blip, tmp_path):
    settings = load_settings({"STUDIO_CAPTION_MODEL": str(blip)}, home=str(tmp_path))
    studio = context.open_studio(settings)
    gems = CHECKOUT / "sample" / "train" / "gem"
    import_folder(tmp_path, "gems", gems, now=NOW, actor="ana")
    given, ask = begun(studio, "describe", dataset="gems", hashes=[], means="vision")
    name, step = describing.loaded(describe.prepare(given, ask).params, {}, "cpu")
    assert name == str(blip)
    assert len(step([(None, Image.new("RGBA", size)) for size in ((32, 32), (500, 20))])) == 2


def test_what_is_no_model_is_refused_by_name(tmp_path):
    with pytest.raises(StudioError, match="can't be loaded") as refused:
        vision_models.load(str(tmp_path), "cpu")
    assert "STUDIO_CAPTION_MODEL" in refused.value.remedy
