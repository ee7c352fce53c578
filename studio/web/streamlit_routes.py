"""Streamlit's own addresses in the table of rights: what each needs beside being let in."""

from __future__ import annotations

import re

from studio.accounts import rights

# By address and method; what is in none of these rows is a page or a part of one.
TABLE = (
    (re.compile(r"/_stcore/upload_file/.*"), ("PUT", "DELETE"), "edit datasets"),
    (re.compile(r"/_stcore/metrics.*"), (), "see settings"),
    (re.compile(r"/_stcore/(agent|script-health-check).*"), (), ""),
)


def check(who: str, method: str, path: str) -> bool:
    """False where the address is open to nobody; NotAllowed where it is not open to this person."""
    for pattern, methods, right in TABLE:
        if pattern.fullmatch(path) and (not methods or method in methods):
            if not right:
                return False
            rights.check(who, right)
    return True
