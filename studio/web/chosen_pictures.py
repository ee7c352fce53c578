"""What was chosen on a page to be downloaded: too many ids for an address, so it holds a word for
them. Kept by this process; after it ended one chooses again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from studio.errors import StudioError

MOST = 500  # choices that are kept, the newest

_offered: OrderedDict[str, tuple[str, ...]] = OrderedDict()
_lock = Lock()


def offer(ids: Sequence[str]) -> str:
    """The word for these ids, the same for the same."""
    word = hashlib.sha256("\n".join(ids).encode()).hexdigest()[:24]
    with _lock:
        _offered[word] = tuple(ids)
        _offered.move_to_end(word)
        while len(_offered) > MOST:
            _offered.popitem(last=False)
    return word


def offered(word: str) -> tuple[str, ...]:
    """What the word stands for; StudioError where nobody knows it any more."""
    with _lock:
        found = _offered.get(word)
    if found is None:
        raise StudioError("What was chosen is not known any more.", "Choose the pictures again.")
    return found
