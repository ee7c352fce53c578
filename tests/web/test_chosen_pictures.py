"""A word for what was chosen: the same for the same, and not without end."""

import pytest

from studio.errors import StudioError
from studio.web import chosen_pictures


def test_a_word_stands_for_what_was_chosen(monkeypatch):
    monkeypatch.setattr(chosen_pictures, "MOST", 2)
    first = chosen_pictures.offer(["a", "b"])
    assert chosen_pictures.offer(["a", "b"]) == first != chosen_pictures.offer(["ab"])
    assert chosen_pictures.offered(first) == ("a", "b")
    chosen_pictures.offer(["a", "b"])  # is the newest again
    chosen_pictures.offer(["c"])
    assert chosen_pictures.offered(first) == ("a", "b")
    chosen_pictures.offer(["d"])
    with pytest.raises(StudioError, match="not known any more"):
        chosen_pictures.offered(first)
