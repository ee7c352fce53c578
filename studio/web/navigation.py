"""The table of pages: what stands in the sidebar, in which group, and where pages of before went.

A page that is not there yet is simply not in PAGES; a group without pages is not shown.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from studio.accounts.rights import ROLES
from studio.settings import CHECKOUT

HOME = "Home.py"


@dataclass(frozen=True)
class Page:
    """One page: its group ("": above all), file, name in the sidebar, icon, the right without
    which nobody finds it there ("": everybody does), and whether it is listed at all, or only
    where people sign in."""

    group: str
    file: str
    label: str
    icon: str
    right: str = ""
    listed: bool = True
    signed_in: bool = False

    @property
    def name(self) -> str:
        """What stands in its address."""
        return Path(self.file).stem

    @property
    def address(self) -> str:
        return "/" if self.file == HOME else f"/{self.name}"


# In the order of the sidebar. What is reached from another page only stands beside that one.
PAGES = (
    Page("", HOME, "Home", "home"),
    Page("Make", "pages/Generate.py", "Generate", "brush"),
    Page("Make", "pages/Lists.py", "Lists", "list_alt"),
    Page("Make", "pages/Tiles.py", "Tiles", "grid_view"),
    Page("Make", "pages/Gallery.py", "Gallery", "photo_album"),
    Page("Make", "pages/Finish.py", "Finish", "auto_fix_high"),
    Page("Make", "pages/Upscale.py", "Upscale", "zoom_out_map"),
    Page("Make", "pages/Props.py", "Props", "deployed_code"),
    Page("Make", "pages/Characters.py", "Characters", "directions_walk"),
    Page("Make", "pages/Animate.py", "Animate", "animation"),
    Page("Make", "pages/Picture.py", "Picture", "image", listed=False),
    Page("Ship", "pages/Export.py", "Export", "output"),
    Page("Ship", "pages/Report.py", "Report", "fact_check"),
    Page("Judge", "pages/Evaluate.py", "Evaluate", "monitoring"),
    Page("Judge", "pages/Rate.py", "Rate", "star_half"),
    Page("Judge", "pages/Vote.py", "Vote", "how_to_vote"),
    Page("Judge", "pages/Guide.py", "Style guide", "style"),
    Page("Judge", "pages/Palettes.py", "Palettes", "palette"),
    Page("Train", "pages/Datasets.py", "Datasets", "photo_library"),
    Page("Train", "pages/Train.py", "Training", "model_training"),
    Page("Train", "pages/Registry.py", "Versions", "inventory_2"),
    Page("Studio", "pages/Costs.py", "Costs", "payments", right="see costs"),
    Page("Studio", "pages/Admin.py", "Admin", "settings"),
    Page("Studio", "pages/You.py", "Your account", "account_circle", signed_in=True),
)
# The groups in their order, each with the roles that find it open; "": where nobody signs in.
GROUPS = {
    "Make": ("", "viewer", "artist", "producer", "admin"),
    "Ship": ("", "artist", "art lead", "producer", "admin"),
    "Judge": ("", "viewer", "art lead", "producer", "admin"),
    "Train": ("", "art lead", "producer", "admin"),
    "Studio": ("producer", "admin"),
}


@dataclass(frozen=True)
class Moved:
    """Where a page of before is now: the page's name, what its address says in any case, and
    names in it that are others there. The rest of the address stays as it was."""

    to: str
    says: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)


# One row a page: it holds as soon as the old file is gone and the new one is there.
MOVED = {
    "Assets": Moved("Lists"),
    "Sort": Moved("Gallery", {"mode": "judge"}),
    "Adapters": Moved("Registry", {"show": "LoRA files"}, {"show": "files"}),
}

NAMES = {page.name: page for page in PAGES}


def opened(role: str) -> frozenset[str]:
    """The groups that stand open for a role until the person opens or closes some."""
    assert role in ("", *ROLES)
    return frozenset(group for group, roles in GROUPS.items() if role in roles)


def found_by(may: Callable[[str], bool], signed_in: bool) -> dict[str, list[Page]]:
    """The pages of each group, "" first, that stand in the sidebar of somebody who may do what
    `may` says."""
    there: dict[str, list[Page]] = {"": [], **{group: [] for group in GROUPS}}
    for page in PAGES:
        if (
            page.listed
            and (signed_in or not page.signed_in)
            and (not page.right or may(page.right))
        ):
            there[page.group].append(page)
    return {group: pages for group, pages in there.items() if pages}


def moved(name: str, query: str) -> str | None:
    """The address that a page of before has now, with what its query said; None where the page has
    not moved."""
    row = MOVED.get(name)
    if row is None or _is_there(name) or not _is_there(row.to):
        return None
    said = {row.renamed.get(key, key): value for key, value in parse_qsl(query, True)}
    rest = urlencode({**said, **row.says})
    return f"/{row.to}?{rest}" if rest else f"/{row.to}"


def known(path: str) -> bool:
    """Whether a page of the studio has this address."""
    name = path.strip("/")
    return name in ("", "index.html", "Home") or _is_there(name)


def near(name: str) -> list[Page]:
    """Pages that somebody may have meant who typed this name, the nearest first."""
    words = {page.name.lower(): page for page in PAGES}
    words |= {page.label.lower(): page for page in PAGES}
    words |= {old.lower(): NAMES[row.to] for old, row in MOVED.items() if row.to in NAMES}
    found = difflib.get_close_matches(name.lower(), words, n=4, cutoff=0.5)
    return list(dict.fromkeys(words[word] for word in found))[:3]


def _is_there(name: str) -> bool:
    return name.isidentifier() and (CHECKOUT / "pages" / f"{name}.py").is_file()
