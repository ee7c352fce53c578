"""What pages' own file fields may take: Streamlit keeps such files in memory until their page is
left, so each has a size, and each person a budget. Datasets and adapters go another way
(`upload_routes`), to the disk.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio import numbers
from studio.accounts import refusal_log
from studio.api.trouble import Refused

PATH = re.compile(r"/_stcore/upload_file/([^/]*)/[^/]*")
FILE = 64 * 1024**2  # bytes; as `server.maxUploadSize` says
FRAME = 1024**2  # what a form puts around a file
PERSON = 256 * 1024**2  # bytes in memory for one person, on all their pages


class UploadBudget:
    """Counts what arrives for each person, and refuses what is too much while it arrives.

    `person_of` a session says who is at its page; `held` how many bytes each session holds.
    """

    def __init__(
        self,
        app: ASGIApp,
        person_of: Callable[[str], str | None],
        held: Callable[[], Mapping[str, int]],
    ) -> None:
        self.app, self.person_of, self.held = app, person_of, held
        self.arriving: Counter[str] = Counter()  # bytes, by person
        self.owners: dict[str, str] = {}  # by session, also after its page was left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if asked is None or scope["method"] not in ("PUT", "DELETE"):
            await self.app(scope, receive, send)
            return
        person, owner = str(scope.get("person", "")), self.person_of(asked[1])
        if owner is not None and owner != person:
            refusal_log.note(person, "a file for somebody else's page", asked=scope["path"])
            raise Refused(403, "This page is somebody else's.", "Load your own again.")
        if scope["method"] == "DELETE":
            await self.app(scope, receive, send)
            return
        self.owners[asked[1]] = person
        reserved = numbers.counted(Headers(scope=scope).get("content-length"), 10**15) or 0
        taken = got = 0

        def take(size: int) -> None:
            nonlocal taken
            if self._held(person) + self.arriving[person] + size > PERSON:
                refusal_log.note(person, "more files than there is room for", asked=scope["path"])
                raise Refused(
                    429,
                    f"Your pages hold {PERSON // 1024**2} MB of files.",
                    "Take some away, or leave the pages that hold them, then send it again.",
                )
            self.arriving[person] += size
            taken += size

        async def counted() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            _check(got)
            if got > taken:
                take(got - taken)
            return message

        _check(reserved)
        try:
            take(reserved)
            await self.app(scope, counted, send)
        finally:
            self.arriving[person] -= taken

    def _held(self, person: str) -> int:
        held = self.held()
        self.owners = {s: p for s, p in self.owners.items() if s in held or self.person_of(s)}
        return sum(held.get(session, 0) for session, p in self.owners.items() if p == person)


def _check(size: int) -> None:
    if size > FILE + FRAME:
        raise Refused(413, f"The file has more than {FILE // 1024**2} MB.", "Send a smaller one.")
