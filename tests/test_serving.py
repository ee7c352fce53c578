"""A registered version answers prompts over MLflow with the studio's own pictures."""

import base64
import io
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import httpx
import numpy as np
import pytest
import torch
from PIL import Image

from studio import context
from studio.diffusion.bases import find_base, load_pipeline
from studio.diffusion.sampling import Draw
from studio.generation import style_drawing
from studio.registry import models, registration, stages
from studio.settings import CHECKOUT, load_settings
from studio.training import export, loop
from studio.training.config import TrainConfig
from studio.workflows.model_kinds.lora import LORA
from studio.workflows.version_loading import load_version
from tests.answering import answer_of
from tests.rounding import same_picture

DRAW = Draw(steps=2, guidance=3.0)
HOW = {"steps": 2, "guidance": 3.0}


def loud_adapter(folder):
    """An adapter of the practice base that nobody trained, loud enough to be seen, written into
    `folder`; the base."""
    torch.set_num_threads(1)
    base = find_base("pocket")
    bare = load_pipeline(base, torch.device("cpu"))
    unet = loop.add_lora(bare.unet, TrainConfig(rank=2, targets="attention"))
    for name, weight in unet.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3)
    export.write_lora(folder, export.lora_tensors(unet), unet, {})
    return base


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """Version 1 of props, in production."""
    home = tmp_path_factory.mktemp("home")
    opened = context.open_studio(load_settings({}, home=str(home / "home")))
    base = loud_adapter(home / "adapter")
    run = opened.client.create_run(opened.client.create_experiment("t", f"file://{home}/mlruns/t"))
    registration.register(
        opened.client,
        kind=LORA,
        style="props",
        run_id=run.info.run_id,
        folder=home / "adapter",
        base=base.path,
        trigger_word="<Props>",
        strength=0.8,
        dataset="sample",
        dataset_digest="0123",
        params={},
        tags={"base_name": "pocket", "filter": "nearest"},
    )
    stages.promote(
        opened.engine,
        opened.client,
        style="props",
        number=1,
        to="production",
        actor="ana",
        why="first",
        now=context.now(),
    )
    yield opened
    opened.engine.dispose()


@pytest.fixture(scope="module")
def by_hand(studio, tmp_path_factory):
    """The studio's own pixels of a gem by seed and strength."""
    loaded = load_version(studio, models.get(studio.client, "props", 1))

    def draw(seed: int, strength: float = 0.8, text: str = "a red gem") -> np.ndarray:
        out = tmp_path_factory.mktemp("drawn")
        (file,) = style_drawing.draw(loaded, [style_drawing.Wish(text, seed)], DRAW, strength, out)
        return np.asarray(Image.open(file))

    return draw


def pixels(png: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))


def test_the_same_picture_as_the_studio(studio, by_hand):
    import mlflow.pyfunc

    model = mlflow.pyfunc.load_model("models:/props@production")
    rows = [{"prompt": "a red gem", "seed": seed} for seed in (7, 8)]
    first, second = (pixels(png) for png in model.predict(rows, params=HOW)["png"])
    assert first.shape == (32, 32, 4) and set(np.unique(first[..., 3])) <= {0, 255}
    assert same_picture(first, by_hand(7)) and same_picture(second, by_hand(8))
    (weak,) = model.predict(rows[:1], params={**HOW, "strength": 0.0})["png"]
    assert same_picture(pixels(weak), by_hand(7, 0.0)) and not same_picture(pixels(weak), first)
    long = ", ".join(f"a red gem with {n} stars" for n in range(9))
    answer = model.predict([*rows[:1], {"prompt": long, "seed": 7}], params=HOW)
    assert answer["notes"][0] == "" and "chunks" in answer["notes"][1]
    assert same_picture(pixels(answer["png"][1]), by_hand(7, text=long))
    wide = model.predict(rows[:1], params={**HOW, "width": 48, "height": 20})
    assert pixels(wide["png"][0]).shape == (20, 48, 4)
    assert wide["notes"][0] == "48 x 20 is drawn as 48 x 24 and its middle cut out."
    (bare,) = model.predict([{"prompt": "a red gem"}], params=HOW)["png"]
    assert same_picture(pixels(bare), by_hand(0))
    for given, words in (
        ({"params": {"steps": 900}}, "steps is 900"),
        ({"params": {"width": 7}}, "width is 7"),
        ({"params": {"strength": float("nan")}}, "strength is nan"),
        ({"rows": [{"prompt": "x", "seed": -1}]}, "seed is -1"),
        ({"rows": rows * 9}, "18 pictures"),
        ({"rows": [{"prompt": "x" * 9_000}]}, "too long"),
        ({"rows": [{"prompt": "x <lora:ink:1>"}]}, "<lora:ink:1>"),
    ):
        with pytest.raises(Exception, match=words):
            model.predict(given.get("rows", rows[:1]), params={**HOW, **given.get("params", {})})


@contextmanager
def answered(studio, model):
    """`mlflow models serve` of a model; asks it for a gem, `changed` being params."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tracked = {
        **os.environ,
        "MLFLOW_TRACKING_URI": studio.tracking.uri,
        "OMP_NUM_THREADS": "1",
        "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
    }
    command = ["models", "serve", "-m", model, "--env-manager", "local", "-p", str(port)]
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", *command],
        cwd=CHECKOUT,
        env=tracked,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"

    def ask(**changed):
        body = {
            "dataframe_records": [{"prompt": "a red gem", "seed": 7}],
            "params": {**HOW, **changed},
        }
        return httpx.post(f"{address}/invocations", json=body, timeout=120)

    try:
        answer_of(f"{address}/ping", server)
        yield ask
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.mark.slow
def test_mlflow_models_serve_answers_with_the_same_picture(studio, by_hand):
    with answered(studio, "models:/props@production") as ask:
        (row,) = ask().raise_for_status().json()["predictions"]
        assert same_picture(pixels(row["png"]), by_hand(7))
        assert ask(steps=900).status_code == 400
