"""The one post of a call, for `studio.charges.calling`: what is taken, refused, or unclear."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from studio.charges.calling import Answer, NotTaken
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.props.providers import looking
from studio.props.providers.asking import Access, Answered, NotSent, address, ask
from studio.props.providers.seen import is_moderation
from studio.props.providers.shapes import Offer, at

# Answers that say that nothing was begun. Others, 500 and 409 say, leave it open.
REFUSED = (400, 401, 402, 403, 404, 405, 406, 411, 413, 414, 415, 422, 429, 431)
CONTENT = (400, 403, 422)  # of these, what may be for the content; 429 asks to moderate one's pace
MOVED = (301, 302, 307, 308)
PATIENCE_S, AGAIN_S = 60.0, 1.0  # for a database that is away when a call was taken
_REFERENCE = re.compile(r"[!-~]{1,200}")

logger = logging.getLogger(__name__)


def is_reference(text: str) -> bool:
    """Whether it can be a provider's number for a call: printable ASCII without blanks."""
    return _REFERENCE.fullmatch(text) is not None


class Refused(NotTaken):
    """The provider answered that it does nothing; `moderated`: for what is in it."""

    def __init__(self, said: str, moderated: bool) -> None:
        self.moderated = moderated
        super().__init__(said)


@dataclass(frozen=True)
class Posting:
    """A call that is to be posted. `body` makes its JSON with our token; `sending` notes that it
    goes out, and says False where it may not; `heard` notes what the provider calls it and where it
    is asked for, `refused` why not; `known` gives that number where it was noted before, `marks`
    what it is found by beside the token, and `others` the numbers of all other calls."""

    access: Access
    offer: Offer
    body: Callable[[str], dict[str, Any]]
    sending: Callable[[], bool]
    heard: Callable[[str, dict[str, str]], object]
    refused: Callable[[str, bool], object]
    known: Callable[[], str | None]
    marks: Callable[[], tuple[str, ...]]
    others: Callable[[], tuple[str, ...]]

    def post(self, token: str) -> Answer:
        """See `calling.Provider`."""
        try:
            body = self.body(token)
        except StudioError as error:
            raise self._refused(error.message, False) from error
        if not self.sending():  # another attempt took it for lost meanwhile
            raise RuntimeError("It was not sent: it is in other hands by now.")
        try:
            answered = ask(self.access, "POST", self.offer.path, body, token=token)
        except NotSent as error:
            raise self._refused(str(error), False) from error
        provider = self.access.provider
        reference = at(answered.found, provider.reference)
        if answered.fine and isinstance(reference, str) and is_reference(reference):
            self._note(reference, self._follows(answered))
            return Answer(reference)
        if answered.status in MOVED:
            raise self._refused(f"It sends elsewhere: {answered.said}", False)
        if answered.status in REFUSED:
            words = at(body, self.offer.text) if self.offer.text else None
            theirs = answered.said.replace(words, "") if words else answered.said
            moderated = answered.status in CONTENT and is_moderation(provider, theirs)
            raise self._refused(answered.said, moderated)
        raise RuntimeError(f"{provider.label} answered {answered.said}")

    def find(self, token: str) -> Answer | None:
        """See `calling.Provider`: what was noted of it, else the provider's list."""
        if before := self.known():
            return Answer(before)
        found = looking.find(self.access, (token, *self.marks()), self.others())
        if found is None:
            return None
        self.heard(found, {})
        return Answer(found)

    def _note(self, reference: str, follows: dict[str, str]) -> None:
        """Note the number that only we know now. Where the database is away it is tried again for
        a while: without a list of the provider's nobody could find it later."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.heard(reference, follows)
                return
            except DatabaseAway:
                if time.monotonic() > end:
                    label = self.access.provider.label
                    logger.exception("%s took a call as %s, and nobody noted it", label, reference)
                    raise
                time.sleep(AGAIN_S)

    def _refused(self, said: str, moderated: bool) -> Refused:
        self.refused(said, moderated)
        return Refused(said, moderated)

    def _follows(self, answered: Answered) -> dict[str, str]:
        """The addresses that the provider names for the call, those on its own server alone."""
        found = {}
        for what, way in self.access.provider.follows:
            named = at(answered.found, way)
            if isinstance(named, str) and named.startswith("http"):
                try:
                    found[what] = address(self.access, named)
                except StudioError:
                    continue  # it is asked for as the documents say
        return found
