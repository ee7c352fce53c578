"""What a base's model card says about its licence, and whether that allows selling pictures.

The answer is the card's, put in a word; it is no legal advice, and what is not known stays so.
"""

from __future__ import annotations

from pathlib import Path

import yaml

# Whether pictures may be sold, by the Hub's names of licences.
COMMERCIAL = {
    **dict.fromkeys(("cc0-1.0", "unlicense", "wtfpl", "cc-by-4.0", "cc-by-sa-4.0"), True),
    **dict.fromkeys(("mit", "apache-2.0", "bsd-2-clause", "bsd-3-clause", "isc"), True),
    **dict.fromkeys(("openrail", "openrail++", "creativeml-openrail-m"), True),
}
UNKNOWN: tuple[str, bool | None] = ("unknown", None)


def of_card(file: Path) -> tuple[str, bool | None]:
    """Licence and commercial use by a model card (README.md with a YAML header), or UNKNOWN."""
    try:
        head, _, _ = file.read_text("utf-8").removeprefix("---\n").partition("\n---")
        found = yaml.safe_load(head)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return UNKNOWN
    if not isinstance(found, dict):
        return UNKNOWN
    given = found.get("license")
    if given in (None, "", "other", "unknown"):
        given = found.get("license_name")
    names = [str(name).strip().lower() for name in (given if isinstance(given, list) else [given])]
    if not given or not all(names):
        return UNKNOWN
    allowed = [may_sell(name) for name in names]
    # Several licences hold together: one that forbids selling, or is not known, decides.
    commercial = False if False in allowed else None if None in allowed else True
    return ", ".join(names), commercial


def may_sell(name: str) -> bool | None:
    """Whether pictures may be sold under a licence, by its name in small letters; None: unknown."""
    if "nc" in name.split("-") or "non-commercial" in name or "noncommercial" in name:
        return False
    return COMMERCIAL.get(name)
