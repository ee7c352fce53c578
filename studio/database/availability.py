"""A database that does not answer, is full or stays locked: said plainly, whoever was asking.

The driver's own errors reach the programmer as the cause of the StudioError.
"""

from __future__ import annotations

import logging
import secrets
import time
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.database import postgres
from studio.errors import StudioError

logger = logging.getLogger(__name__)

ASKED = 5.0  # seconds in which a database that went away at COMMIT may come back and be asked
MARKS_KEPT_S = 3600
AGAIN = "Nothing that was confirmed is lost. Wait a moment, then send it again: it counts once."


class DatabaseAway(StudioError):
    """The database can't be used for now; the same may succeed later."""


class Unsure(DatabaseAway):
    """The database went away while it stored something, and can't be asked yet whether it did."""


# PostgreSQL's codes and SQLite's words for the same trouble.
_FULL = ("53100", "database or disk is full", "No space left")
_LOCKED = ("55P03", "database is locked")
_BARRED = ("28P01", "28000", "3D000", "password authentication failed", "does not exist")
_ENDED = ("25P03", "25006")  # held a transaction too long; became a read-only copy
_SQLITE = ("disk I/O error", "unable to open database", "readonly database")

_NOT_YET = "22023"  # of a transaction's number that was not given yet
_LEAVE = sa.text(
    "INSERT INTO commit_marks (mark, at) SELECT :mark, extract(epoch FROM now()) "
    "WHERE pg_current_xact_id_if_assigned() IS NOT NULL RETURNING pg_current_xact_id()::text"
)
_FORGET = sa.text("DELETE FROM commit_marks WHERE at < extract(epoch FROM now()) - :kept")
_ASK = sa.text(
    "SELECT EXISTS (SELECT FROM commit_marks WHERE mark = :mark), "
    "pg_xact_status(CAST(:number AS xid8))"
)


def tell_plainly(engine: Engine) -> None:
    """Let the engine raise DatabaseAway where the database is the trouble, not what was asked."""

    @sa.event.listens_for(engine, "handle_error")
    def _on_error(context: sa.ExceptionContext) -> None:
        error = context.original_exception
        if context.is_pre_ping:
            return
        code = getattr(error, "sqlstate", None) or ""
        told = context.sqlalchemy_exception
        if isinstance(told, sa.exc.DataError) and "NUL" in str(error):
            raise StudioError("A text holds the character NUL.", "Take it out.") from error
        away = context.is_disconnect or code in _ENDED
        if away or isinstance(told, sa.exc.OperationalError | sa.exc.InterfaceError):
            message = _message(engine, f"{code} {error}", context.connection is None)
            if message:
                logger.warning("the database: %s", error)  # what nobody has to read on a page
                raise DatabaseAway(*message) from error


@dataclass(frozen=True)
class Transaction:
    """One that has written something, to be asked about later: PostgreSQL's number of it, and the
    `mark` that it leaves. A server that died gives the number to another transaction, where nothing
    of this one had reached its log."""

    number: str
    mark: str


def transaction(connection: Connection) -> Transaction | None:
    """What PostgreSQL can be asked about once this transaction's COMMIT was sent; None where it has
    written nothing."""
    mark = secrets.token_hex(16)
    number = connection.execute(_LEAVE, {"mark": mark}).scalar()
    if number is not None and mark.startswith("0"):  # now and then
        connection.execute(_FORGET, {"kept": MARKS_KEPT_S})
    return None if number is None else Transaction(str(number), mark)


def stored(engine: Engine, asked: Transaction, lost: DatabaseAway) -> bool:
    """Whether the transaction, of whose COMMIT no answer came, was committed; else it never will.

    Unsure, from `lost`, where PostgreSQL does not say within ASKED seconds.
    """
    end, before = time.monotonic() + ASKED, ""
    while True:
        there, said = _asked(engine, asked)
        # "committed" without its mark was said between the two, or is another's of that number.
        if there or said == "aborted" or said == before == "committed":
            told = "committed" if there else "aborted"
            logger.warning("the database went away at COMMIT: %s is %s", asked, told)
            return there
        if time.monotonic() > end:
            raise Unsure(
                "The studio's database went away while this was being stored: it may be stored.",
                "Wait until the database answers, and look whether it is there before you do it "
                "again.",
            ) from lost
        before = said
        time.sleep(0.2)


def _asked(engine: Engine, asked: Transaction) -> tuple[bool, str]:
    """Whether a transaction's mark is there, and what became of its number; "" where PostgreSQL
    does not answer."""
    try:
        with engine.connect() as connection:
            there, said = connection.execute(_ASK, vars(asked)).one()
    except DatabaseAway:
        return False, ""
    except sa.exc.DataError as error:
        if getattr(error.orig, "sqlstate", None) != _NOT_YET:
            raise
        return False, "aborted"  # the server forgot that it had given this number
    return bool(there), said or ""


def _message(engine: Engine, said: str, connecting: bool) -> tuple[str, str] | None:
    if any(word in said for word in _FULL):
        return (
            "The disk of the studio's database is full, so this was not stored.",
            "Make room on it, then send it again.",
        )
    if any(word in said for word in _LOCKED):
        return (
            "Somebody else has been writing to the studio's database for a long time.",
            "Wait a moment, then send it again. If it stays so, start the studio anew.",
        )
    if engine.dialect.name == "postgresql":
        if connecting and "unsupported startup parameter" in said:
            return postgres.POOLED
        if connecting and any(word in said for word in _BARRED):
            return (
                f"The studio may not use its database at {engine.url.host or 'this machine'}: "
                "user, password or name is not known there.",
                "Mend STUDIO_DATABASE_URL, or make user and database there, then start anew.",
            )
        return "The studio's database does not answer for the moment.", AGAIN
    if any(word in said for word in _SQLITE):
        return (
            "The file of the studio's database can't be read or written.",
            "Look at the disk and at the rights of the studio's folder, then try again.",
        )
    return None
