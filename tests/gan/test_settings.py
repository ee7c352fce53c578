"""Settings of a GAN: each model's defaults, what is refused by name, the older trainer's files."""

import re
from dataclasses import fields

import pytest

from studio.errors import StudioError
from studio.gan import ini_files
from studio.gan.settings import (
    BOUNDS,
    CHOICES,
    MODELS,
    GanSettings,
    as_params,
    load,
    of_params,
    unused,
)
from studio.settings import CHECKOUT

FILE = """
[MODEL]
model_name = sprites
models_dir = models/
[MACHINE]
ngpu = 0
[DATA]
train_dir = /data/frames
base_width = 4
base_height = 3
upsample_layers = 5
num_channels = 3
batch_size = 32
workers = 7
image_column_name = image
label_column_name =
[TRAIN]
num_epochs = 1000
accumulation_iterations = 1
precision = fp32
compile = False
channels_last = False
save_steps = {save}
log_steps = 100
loss_function = {loss}
generator_lr = {rate}
discriminator_lr = 2e-4
optimizer = Adam
beta1 = {beta}
beta2 = 0.999
discriminator_wd = 0
generator_wd = 0
[MODEL ARCHITECTURE]
model_type = {model}
latent_vector_size = {latent}
ngf = 32
ndf = 32
generator_ema = {ema}
ema_decay = 0.9999
orthogonal_value = {orthogonal}
truncation_value = {truncation}
[METRICS]
steps_to_eval = 1000
n_images_to_eval = 5000
is_metric = False
fid_metric = False
"""
WHOLE = {
    "dcgan": {
        **dict(save=500, loss="bce", rate="2e-4", beta=0.5, latent=100, ema="no"),
        **dict(orthogonal=0, truncation=0),
    },
    "biggan": {
        **dict(save=2000, loss="hinge", rate="5e-5", beta=0, latent=120, ema="yes"),
        **dict(orthogonal="1e-4", truncation=0.5),
    },
    "deep-biggan": {
        **dict(save=2000, loss="hinge", rate="5e-5", beta=0, latent=128, ema="yes"),
        **dict(orthogonal="1e-4", truncation=0.5),
    },
}


def given(**values):
    return load((name, value, name) for name, value in values.items())


@pytest.mark.parametrize("model", WHOLE)
def test_a_file_that_says_all_defaults_is_one_that_says_the_model_alone(model):
    said = load(ini_files.parse(FILE.format(model=model, **WHOLE[model]), "x.ini"))
    usual = given(
        model_type=model,
        model_name="sprites",
        models_dir="models/",
        ngpu=0,
        train_dir="/data/frames",
    )
    assert said == usual and said.size == (128, 96)


def test_a_file_of_the_first_version():
    text = "[CONFIGS]\ndataroot = /d\noutput_dir = out\nlr = 0.0003\nngpu = 0\nnum_epochs = 5\n"
    said = load(ini_files.parse(text, "old.ini"))
    assert (said.model_type, said.train_dir, said.models_dir) == ("dcgan", "/d", "out")
    assert said.generator_lr == said.discriminator_lr == 0.0003
    assert (said.batch_size, said.ngf, said.ndf, said.size) == (128, 16, 16, (88, 64))
    with pytest.raises(StudioError, match=r"image_widht in \[CONFIGS\]. Did you mean image_width"):
        ini_files.parse(text + "image_widht = 90\n", "old.ini")


@pytest.mark.parametrize(
    "size, base", [((87, 65), (11, 8, 3)), ((128, 96), (4, 3, 5)), ((64, 64), (4, 4, 4))]
)
def test_a_size_is_the_nearest_base_and_layers(size, base):
    assert ini_files.base_of(*size) == base


@pytest.mark.parametrize(
    "text, said",
    [
        ("[DATA]\nbatchsize = 3", r"batchsize in \[DATA\]. Did you mean batch_size"),
        ("[DATA]\nngf = 3", r"ngf in \[DATA\]. It belongs into \[MODEL ARCHITECTURE\]"),
        ("[TRIAN]\nlr = 3", r"group \[TRIAN\]. Did you mean TRAIN"),
        ("[DATA]\nbatch_size = many", r"x.ini: \[DATA\] batch_size is 'many'. Give a whole number"),
        ("[DATA]\nbatch_size = 1.5", "batch_size is '1.5'"),
        ("[TRAIN]\nprecision = fp33", "precision is 'fp33'. Did you mean fp32"),
        ("[TRAIN]\ncompile = maybe", "compile is 'maybe'. Give yes or no"),
        ("[TRAIN]\nrank = 4", r"rank in \[TRAIN\]"),
        ("batch_size = 3", "x.ini can't be read"),
        ("[DATA]\nbatch_size = 3\nbatch_size = 4", "x.ini can't be read"),
        ("", "x.ini has no group"),
        (
            "[TRAIN]\nloss_function = bce\n[MODEL ARCHITECTURE]\nloss_type = hinge",
            "the same: leave one out",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_named(text, said):
    with pytest.raises(StudioError, match=said):
        load(ini_files.parse(text, "x.ini"))


@pytest.mark.parametrize(
    "values, said",
    [
        ({"rank": 3}, "no setting of a GAN rank"),
        ({"model_type": "stylegan"}, "model_type is 'stylegan'"),
        ({"num_channels": 2}, "num_channels is 2"),
        ({"upsample_layers": 8, "base_width": 9}, "at most 1024 pixels"),
        ({"beta1": 1}, "beta1 is 1"),
        ({"generator_lr": 0}, "generator_lr is 0"),
        ({"model_type": "biggan", "latent_vector_size": 5}, "latent_vector_size is 5"),
    ],
)
def test_what_can_not_be_is_named(values, said):
    with pytest.raises(StudioError, match=said):
        given(**values)


def test_params_are_read_again_as_they_were():
    for model in MODELS:
        said = given(model_type=model, generator_lr=3e-5, compile=True)
        assert of_params(as_params(said)) == said


def test_what_is_not_followed_is_said():
    assert unused(given()) == []
    said = " ".join(unused(given(ngpu=4, models_dir="m", fid_metric="on")))
    assert "ngpu is 4" in said and "models_dir" in said and "KID" in said


def test_every_setting_is_documented_bounded_and_in_a_group():
    named = [one.name for one in fields(GanSettings)]
    text = (CHECKOUT / "docs" / "gan.md").read_text("utf-8")
    assert re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE) == named
    grouped = [name for names in ini_files.GROUPS.values() for name in names]
    assert set(grouped) - {"loss_type"} == set(named) and len(grouped) == len(set(grouped))
    for one in fields(GanSettings):
        if type(one.default) in (int, float) and one.name != "num_channels":
            assert one.name in BOUNDS
    assert set(CHOICES) <= set(named)


def test_the_example_of_the_documents_is_read():
    text = (CHECKOUT / "docs" / "gan.md").read_text("utf-8")
    (example,) = re.findall(r"```ini\n(.*?)```", text, re.DOTALL)
    said = load(ini_files.parse(example, "example.ini"))
    assert (said.model_type, said.size, said.num_epochs) == ("biggan", (128, 96), 100)
