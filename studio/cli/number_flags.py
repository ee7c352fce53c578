"""Numbers on the command line, as `studio.numbers` reads them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

from studio import numbers
from studio.errors import StudioError


def whole(low: int, high: int) -> Callable[[str], int]:
    """For `type=` of an option that takes whole numbers from `low` to `high`."""
    return partial(_read, numbers.whole, low, high)


def number(low: float, high: float) -> Callable[[str], float]:
    """For `type=` of an option that takes numbers from `low` to `high`."""
    return partial(_read, numbers.number, low, high)


def _read(read: Callable[..., Any], low: float, high: float, text: str) -> Any:
    try:
        return read("it", text, low, high)
    except StudioError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


# Versions, jobs, tokens and what else is counted.
ID = whole(0, numbers.HIGHEST_ID)
# What has closer bounds, which whoever is asked for it knows.
COUNT = whole(-numbers.HIGHEST_ID, numbers.HIGHEST_ID)
AMOUNT = number(-1e9, 1e9)
