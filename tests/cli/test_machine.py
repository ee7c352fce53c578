"""`machine`: added, listed, removed; tokens of this one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from studio.cli import main
from studio.context import now
from studio.database import engine as db
from studio.remote import machine_prices, machines

KEY = "hs_a-key-that-nobody-else-sees-00"
Said = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Said:
    def asked(*words: str) -> tuple[int, dict[str, Any]]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEY}\n"))
        code = main.main([*words, "--json", "--home", str(tmp_path), "--user", "ana"])
        out = capsys.readouterr()
        assert KEY not in out.out + out.err
        return code, json.loads(out.out)

    return asked


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = db.open_database(tmp_path)
    yield made
    made.dispose()


def test_from_adding_one_to_its_end(said: Said, engine: Engine, tmp_path: Path) -> None:
    price = ("--price", "0.5", "--per", "hour", "--currency", "eur")
    words = ("machine", "add", "attic", "https://gpu.example.com")
    code, told = said(*words, "--kind", "train", "--seconds", "60", *price)
    assert code == 0 and told["machine"]["seconds"] == 60
    assert machines.key_of(engine, tmp_path, "attic") == KEY
    assert machine_prices.said(machine_prices.of(engine, "attic", now())) == "0.50 EUR an hour"
    code, told = said("machine", "list")
    (one,) = told["machines"]
    assert (one["name"], one["kinds"], one["runs"]) == ("attic", ["train"], 0)
    assert "key" not in one
    code, told = said("machine", "add", "attic", "https://gpu.example.com", "--kind", "trian")
    assert code == 2 and "Did you mean train?" in told["remedy"]
    code, told = said("machine", "add", "free", "https://gpu.example.com", "--price", "a lot")
    assert code == 2 and [one.name for one in machines.listing(engine)] == ["attic"]
    code, told = said("machine", "add", "cellar", "http://192.168.1.9")
    assert code == 2 and "STUDIO_PRIVATE_NETWORKS" in told["remedy"]
    assert said("machine", "remove", "attic")[0] == 0
    code, told = said("machine", "test", "attic")
    assert code == 2 and "There is no machine 'attic'" in told["error"]


def test_a_job_for_a_machine_that_is_not_there_is_refused(said: Said) -> None:
    code, told = said("train", "heroes", "--dataset", "heroes", "--where", "attic", "--detach")
    assert code == 2


def test_tokens_of_this_machine(said: Said) -> None:
    code, told = said("machine", "tokens", "--create", "first")
    assert code == 0 and told["token"].startswith("hs_") and list(told["tokens"]) == ["first"]
    assert "token" not in said("machine", "tokens")[1]
    assert said("machine", "tokens", "--withdraw", "first")[1]["tokens"] == {}


@pytest.mark.parametrize("words", [("train", "heroes"), ("queue", "add", "heroes")])
def test_a_training_may_name_its_machine(words: tuple[str, ...]) -> None:
    asked = main.parser().parse_args([*words, "--dataset", "heroes", "--where", "attic"])
    assert asked.where == "attic"
