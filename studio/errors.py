"""The one exception that a person is meant to read."""

from studio.masking import masked


class StudioError(Exception):
    """Something a person can mend: `message` names the value, `remedy` says what to do.

    Both are masked: what could not be read or reached may be an address with its password."""

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message = masked(message)
        self.remedy = masked(remedy)
        super().__init__(f"{self.message} {self.remedy}".strip())
