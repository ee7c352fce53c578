"""Texts in tables that spreadsheets open."""

from __future__ import annotations

# What begins a formula, as wide letters too, where a text begins with it or with blanks before it.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BLANK = ("\t", "\r", "\n")


def tame(text: str) -> str:
    """A text that no spreadsheet takes for a formula: with a quotation mark before it where one
    would."""
    runs = text.startswith(_BLANK) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if runs else text
