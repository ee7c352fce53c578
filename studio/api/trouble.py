"""What goes wrong without anybody's asking for it, as a status and words for people.

A database or MLflow that can't be used for now, or a full disk, is 503 with what can be done. What
nobody thought of is 500 with a number, which stands in the log beside the traceback.
"""

from __future__ import annotations

import errno
import logging
import secrets

from sqlalchemy.exc import SQLAlchemyError

from studio.errors import StudioError
from studio.tracking import client

logger = logging.getLogger(__name__)

UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class Refused(Exception):
    """A request that is ended while it arrives: the status of the answer, and what it says."""

    def __init__(self, status: int, message: str, remedy: str) -> None:
        super().__init__(status, message, remedy)
        self.status, self.said = status, StudioError(message, remedy)


def explained(error: Exception, asked: str) -> tuple[int, StudioError]:
    """The status and the words for an error that is no StudioError, which is logged as one of what
    was `asked`."""
    if isinstance(error, Refused):
        return error.status, error.said
    told = client.away(error)
    if told is not None:
        logger.warning("%s: %s", asked, told)
        return 503, told
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return 404, StudioError("Nothing can have so long a name.", "Look at the address again.")
    if isinstance(error, OSError) and error.errno in UNWRITABLE:
        logger.warning("%s: %s", asked, error)
        return 503, StudioError(
            "Nothing can be written where the studio keeps its things.",
            "Make room on its disk, or look at the rights of its folder, then send it again.",
        )
    if isinstance(error, SQLAlchemyError):
        logger.error("%s", asked, exc_info=error)
        return 503, StudioError("The database does not answer.", "Wait a moment, then try again.")
    return 500, unforeseen(error, asked)


def unforeseen(error: Exception, asked: str) -> StudioError:
    """What people are told of an error that nobody thought of; the log has it under its number."""
    number = secrets.token_hex(4)
    logger.error("Error %s: %s", number, asked, exc_info=error)
    return StudioError(
        f"Something went wrong in the studio (error {number}).",
        "Try again; if that does not help, give this number to who looks after the studio: it "
        "stands in its log.",
    )
