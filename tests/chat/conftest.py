from collections.abc import Iterator

import pytest

from tests.chat.server import Chat, completion, serving


@pytest.fixture
def chat() -> Iterator[Chat]:
    """A chat server that answers with an empty object until it is told otherwise."""
    with serving(completion("{}")) as made:
        yield made
