"""A provider in a folder, which outlives whoever calls it: it counts every post, and has a bill."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from studio.charges.calling import Answer, NotTaken
from studio.charges.money import Money


@dataclass(frozen=True)
class Shop:
    """Takes calls at one price. `mood` is what becomes of the next ones: "well", "refuses" (nothing
    is taken), "deaf" (the call never arrives), "mute" (it is taken, and the answer is lost)."""

    folder: Path
    price: Money
    mood: str = "well"
    looks_up: bool = True
    later: bool = False  # what a call cost is not said at once

    def post(self, token: str) -> Answer:
        self._note("posts", token)
        if self.mood == "refuses":
            raise NotTaken("422: the picture is too large")
        if self.mood == "deaf":
            raise ConnectionError("connection reset")
        self._note("bill", token)
        if self.mood == "mute":
            raise TimeoutError("no answer within 30 s")
        return self._answer(token)

    def find(self, token: str) -> Answer | None:
        if not self.looks_up:
            raise ConnectionError("away")
        return self._answer(token) if token in self.bill else None

    @property
    def posts(self) -> list[str]:
        """The tokens of all calls that came, or did not arrive."""
        return self._read("posts")

    @property
    def bill(self) -> list[str]:
        """The tokens of all calls that were taken, each of which is to be paid."""
        return self._read("bill")

    @property
    def owed(self) -> int:
        """All that is to be paid, in micro-units."""
        return len(self.bill) * self.price.micros

    def _answer(self, token: str) -> Answer:
        return Answer(f"shop-{token[:8]}", None if self.later else self.price)

    def _note(self, name: str, token: str) -> None:
        """One line, whole, also where several write and are killed."""
        file = os.open(self.folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, f"{token}\n".encode())
        finally:
            os.close(file)

    def _read(self, name: str) -> list[str]:
        file = self.folder / name
        return file.read_text().split() if file.exists() else []
