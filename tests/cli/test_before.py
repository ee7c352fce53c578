"""Commands, environment and YAML of the version before the rooms: all of it still works.

`commands_before.txt` holds every command of then with all its options, a line each.
"""

import json
import shlex
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

from studio.cli.main import main, parser
from studio.cli.renamed import renamed
from studio.settings import load_settings
from studio.training.config import TrainConfig, load_config

COMMANDS = Path(__file__).with_name("commands_before.txt").read_text("utf-8").splitlines()
ANSWERS = {
    "dataset list": {"datasets": []},
    "jobs list": {"jobs": []},
    "people list": {"people": []},
    "tokens list": {"tokens": []},
    "withdraw list": {"withdrawn": []},
}
ENVIRONMENT = {
    "STUDIO_HOME": "/data",
    "STUDIO_DATABASE_URL": "postgresql://ana:secret@database/studio",
    "STUDIO_USER": "ana",
    "STUDIO_HOST": "0.0.0.0",
    "STUDIO_PORT": "8502",
    "STUDIO_MLFLOW_PORT": "5001",
    "STUDIO_DEVICE": "cpu",
    "STUDIO_THREADS": "2",
    "STUDIO_FID_WEIGHTS": "/weights/inception.pt",
    "MLFLOW_TRACKING_URI": "http://mlflow:5000",
    "STUDIO_WEBHOOK": "https://chat.example.com/hook",
    "STUDIO_WEBHOOK_SECRET": "a secret of the hook",
    "STUDIO_CAPTION_MODEL": "/models/captions",
    "STUDIO_CAPTION_URL": "http://captions:8000/v1",
    "STUDIO_CAPTION_NAME": "blip",
    "STUDIO_CAPTION_KEY": "key",
    "STUDIO_SIGN_IN": "oidc",
    "STUDIO_ADDRESS": "https://studio.example.com",
    "STUDIO_ANYONE": "yes",
    "STUDIO_TOKEN": "hs_token",
    "STUDIO_OIDC_METADATA": "https://id.example.com/.well-known/openid-configuration",
    "STUDIO_OIDC_CLIENT": "studio",
    "STUDIO_OIDC_SECRET": "secret",
    "STUDIO_OIDC_SCOPES": "openid email profile groups",
    "STUDIO_OIDC_CLAIM": "groups",
    "STUDIO_OIDC_ROLES": "artists=artist, leads=art lead",
}
# Every key of then, each with another value than the preset's.
YAML = """
model: {base: pocket, type: sd15, trigger_word: <Ours>}
lora:
  rank: 4
  alpha: 2
  dropout: 0.1
  targets: attention
  adapter: dora
  train_text_encoder: true
  text_encoder_learning_rate: 0.0001
  ema_decay: 0.9
character: {instance_prompt: a knight, class_prompt: a person, class_pictures: 8, prior_weight: 0.5}
training:
  learning_rate: 0.003
  batch_size: 2
  gradient_accumulation_steps: 3
  max_train_steps: 7
  save_every_n_steps: 6
  preview_every_n_steps: 5
  caption_dropout: 0.2
  flip: true
  seed: 9
optimization:
  optimizer: prodigy
  lr_scheduler: constant
  warmup_steps: 1
  max_grad_norm: 0.5
  weight_decay: 0.1
pictures:
  resolution: 128
  aspect_buckets: true
  transparent_weight: 0.5
  repeats: gems=2
  balance: true
  tag_shuffle: true
  keep_tags: 2
regularization:
  {min_snr_gamma: 1, noise_offset: 0.1, prediction_type: v_prediction, zero_terminal_snr: true}
checks: {held_out: 0.2, check_every_n_steps: 4, early_stopping: 3, choose_best: false}
hardware:
  mixed_precision: bf16
  gradient_checkpointing: true
  xformers: true
  compile: true
  largest_batch: true
  smaller_batch_when_full: false
"""


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_before_is_taken_with_all_that_it_was_told(line: str) -> None:
    words = shlex.split(line)
    now, _ = renamed([*words, "--json", "--home", "here", "--user", "ana"])
    given = vars(parser().parse_args(now))
    assert callable(given["run"]) and (given["json"], given["home"]) == (True, "here")
    kept = {str(v) for value in given.values() for v in (value if type(value) is list else [value])}
    values = [word for word in words[2:] if not word.startswith("--")]
    assert set(values) <= kept
    assert sum(value is True for value in given.values()) == 1 + sum(
        not following or following.startswith("--")
        for word, following in zip(words, [*words[1:], ""], strict=True)
        if word.startswith("--")
    )


def test_lists_of_before_answer_as_they_did(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for line, answer in ANSWERS.items():
        assert main([*line.split(), "--json", "--home", str(tmp_path), "--user", "ana"]) == 0
        assert json.loads(capsys.readouterr().out) == {"schema": 1, **answer}


def test_settings_of_before_are_known_by_their_names() -> None:
    settings = load_settings(ENVIRONMENT)
    kept = json.dumps(asdict(settings), default=str)
    assert {name for name, value in ENVIRONMENT.items() if value not in kept} == {
        "STUDIO_ANYONE",
        "STUDIO_OIDC_ROLES",
    }
    provider = settings.sign_in.provider
    assert settings.sign_in.anyone and provider and provider.roles["leads"] == "art lead"


def test_a_file_of_training_settings_of_before_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "training.yaml"
    file.write_text(YAML, "utf-8")
    config = asdict(load_config("balanced", file, {}, {}))
    keys = [(k, v) for group in yaml.safe_load(YAML).values() for k, v in group.items()]
    assert all(config[key] == value for key, value in keys if key != "type")
    usual = asdict(TrainConfig())
    assert {k for k in config if config[k] == usual[k]} == {"base"}


def test_training_settings_of_before_are_taken_from_the_environment() -> None:
    config = load_config("balanced", None, {}, {"TRAIN_RANK": "4", "TRAIN_FLIP": "yes"})
    assert (config.rank, config.flip) == (4, True)
