"""What S3 refuses, in words that a person can act on.

Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; the answer to a HEAD has
no body, so that there only the status tells.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from studio.errors import StudioError
from studio.store.place import Place

LATER = "What is made meanwhile lies in the studio's folder and goes up once it answers."
KEYS = (
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or a role for the studio's user, "
    "then start the studio anew."
)
EXPIRED = ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken")
MALFORMED = "AuthorizationHeaderMalformed"  # signed for another region, which it then names
KEYS_REFUSED = ("SignatureDoesNotMatch", "InvalidAccessKeyId", MALFORMED)
SKEWED = ("RequestTimeTooSkewed", "RequestExpired")
ELSEWHERE = ("PermanentRedirect", "301", "307", "IllegalLocationConstraintException")
BUSY = ("SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "ThrottlingException")


class Away(StudioError):
    """The server does not answer, or has no time: what was to be done is to be tried again."""


class Refused(StudioError):
    """The server answers and refuses everything of the kind: a person has to mend something."""


class Denied(Refused):
    """The keys have no right to it."""


class Absent(StudioError):
    """There is no such object."""


class There(StudioError):
    """There is an object of that name already."""


class Changed(StudioError):
    """The object isn't what was put."""


def plain(error: Exception, place: Place, what: str) -> StudioError:
    """What to tell people of an error that botocore raised while the studio was to do `what` ("read
    objects/ab/..."). One of none of its kinds is given back as Refused with its own name."""
    from botocore import exceptions as known

    if isinstance(error, known.ClientError):
        return _answered(error.response, place, what)
    if isinstance(error, known.NoCredentialsError | known.PartialCredentialsError):
        return Refused(f"There are no keys to the bucket {place.bucket}.", KEYS)
    if isinstance(error, known.CredentialRetrievalError | known.TokenRetrievalError):
        return Refused(f"The keys to the bucket {place.bucket} can't be had: {error}.", KEYS)
    if isinstance(error, known.ProfileNotFound | known.ConfigParseError):
        return Refused(f"AWS's own settings can't be used: {error}.", "Look at AWS_PROFILE.")
    if isinstance(error, known.SSLError):
        return Refused(
            f"{place.server} has no certificate that this machine trusts.",
            "Look at STUDIO_STORE_ENDPOINT; AWS_CA_BUNDLE names a file of further authorities.",
        )
    if isinstance(error, known.HTTPClientError | known.ConnectionError | known.IncompleteReadError):
        return Away(f"{place.server} does not answer ({type(error).__name__}).", LATER)
    if isinstance(error, OSError):
        return Away(f"{place.server} does not answer ({error.strerror or error}).", LATER)
    return Refused(f"{place.shown} can't {what}: {error}.", "Look at STUDIO_STORE_*.")


def minutes_off(headers: Mapping[str, str], now: float) -> int:
    """How many minutes this machine's clock is before (+) or behind (-) the server's, which said
    its time in the answer; 0 where it did not. `now` in seconds since 1970."""
    try:
        theirs = parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return 0
    return round((now - theirs) / 60)


def wall_clock() -> float:
    """This machine's time in seconds since 1970."""
    return time.time()


def _answered(told: Mapping[str, Any], place: Place, what: str) -> StudioError:
    code = str(told.get("Error", {}).get("Code", ""))
    about = told.get("ResponseMetadata", {})
    status, headers = int(about.get("HTTPStatusCode", 0)), about.get("HTTPHeaders", {})
    off = minutes_off(headers, wall_clock())
    if code == "NoSuchBucket":
        return Refused(
            f"There is no bucket {place.bucket} at {place.server}.",
            "Make it, or look at STUDIO_STORE_BUCKET and STUDIO_STORE_ENDPOINT.",
        )
    its = headers.get("x-amz-bucket-region") or told.get("Error", {}).get("Region", "")
    if code in ELSEWHERE or (code == MALFORMED and its not in ("", place.region)):
        return Refused(
            f"The bucket {place.bucket} is in {its or 'another region'}, not in "
            f"{place.region or 'the one set'}.",
            "Set STUDIO_STORE_REGION to the bucket's own.",
        )
    if code in SKEWED or (status == 403 and abs(off) >= 15):
        way = "ahead of" if off > 0 else "behind"
        said = f"is {abs(off)} minutes {way}" if off else "differs from"
        return Refused(
            f"This machine's clock {said} that of {place.server}, which takes no request that is "
            "more than 15 minutes off.",
            "Set the clock, best by NTP (timedatectl set-ntp true).",
        )
    if code in EXPIRED:
        return Refused(f"The session's keys to the bucket {place.bucket} have expired.", KEYS)
    if code in KEYS_REFUSED:
        return Refused(f"{place.server} does not know the keys, or their secret is wrong.", KEYS)
    if code in ("PreconditionFailed", "ConditionalRequestConflict") or status == 412:
        return There(f"{place.shown} has it already: it was not to be replaced ({what}).")
    if code in ("NoSuchKey", "404", "NotFound") or status == 404:
        return Absent(f"{place.shown} can't {what}: there is no such object.")
    if code == "NotImplemented":
        return Refused(
            f"{place.server} can't {what}: it knows no If-None-Match, so it would replace files.",
            "Take a server that does: docs/storage.md.",
        )
    if code in BUSY or status >= 500 or status == 429:
        return Away(f"{place.server} has no time now ({code or status}).", LATER)
    if status == 403:
        return Denied(
            f"The keys may not {what} in {place.shown}.",
            "Give them the rights of docs/storage.md: read, write, list and delete.",
        )
    return Refused(f"{place.server} refuses to {what}: {code or status}.", "Look at its log.")
