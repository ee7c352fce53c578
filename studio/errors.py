"""The one exception that a person is meant to read."""


class StudioError(Exception):
    """Something a person can mend: `message` names the value, `remedy` says what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy
