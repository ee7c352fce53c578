"""Keys to machines, sealed: the database and its copies hold nothing that opens one.

What seals them lies in the studio's folder, beside the database and in no copy of it: whoever has
the one alone has no key. Where it is gone, keys are given anew.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from studio.database.engine import file_lock
from studio.errors import StudioError
from studio.masking import hide
from studio.store.publish import publishing

FILE = "machines.seal"  # in the studio's folder


def sealed(home: Path, key: str) -> str:
    """The key as the database has it."""
    return _seal(home, make=True).encrypt(key.encode()).decode()


def opened(home: Path, sealed: str) -> str:
    """The key; from then on no text of this process shows it. StudioError where it can't be opened
    here."""
    try:
        key = _seal(home, make=False).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise StudioError(
            f"The machine's key was sealed by another {FILE} than the one in {home}.",
            "Put that file back, or give the key anew: python -m studio machine add NAME ...",
        ) from error
    hide(key)
    return key


def _seal(home: Path, make: bool) -> Fernet:
    file = home / FILE
    try:
        return Fernet(file.read_bytes().strip())
    except FileNotFoundError as error:
        if not make:
            raise StudioError(
                f"{file}, which opens the machines' keys, is not there.",
                "Put it back, or give the keys anew: python -m studio machine add NAME ...",
            ) from error
    except (OSError, ValueError) as error:
        said = f"{file} can't be read: {error}."
        raise StudioError(said, "Put it back, or remove it.") from error
    with file_lock(home / "studio.db.lock"):  # of two who make one, the second takes the first's
        if not file.exists():
            with publishing(file) as aside:
                aside.write_bytes(Fernet.generate_key())
                aside.chmod(0o600)
    return Fernet(file.read_bytes())
