"""What is looked at and done on each page: every page of the studio, and what is done there often.

Each page is told by texts and elements of its own, so that a frame without content is no page.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from benchmarks.browsing import Act, Place, forget

PLACES = (
    Place("Home", "/", ("For you", "At work", "is in production"), ".hs-shelf img"),
    Place("Datasets", "/Datasets?set=props", ("10,000 pictures",), "[data-part=cards] img"),
    Place("Datasets: statistics", "/Datasets?set=props&tab=Statistics", ("potion",)),
    Place("Datasets: compare", "/Datasets?set=props&tab=Compare", ("version",)),
    Place("Train", "/Train?data=props", ("Time, estimated", "Start training")),
    Place("Train: side by side", "/Train?show=Side+by+side", ("Trainings",)),
    Place("Evaluate", "/Evaluate?style=sample", ("Pictures", "Metrics"), ".hs-table img"),
    Place("Rate", "/Rate", ("What is rated: the rubric", "Rate")),
    Place("Rate: a round", "/Rate?round=1", ("End these ratings",), "[data-part=pane] img"),
    Place("Vote", "/Vote", ("Open a new ballot", "Results"), "[data-testid=stPageLink]"),
    Place("Vote: a ballot", "/Vote?ballot=1", ("Who has voted",), "[data-part=right] img"),
    Place(
        "Registry",
        "/Registry?style=sample",
        ("Trigger word", "Judgement", "Test sheet"),
        ".hs-pair img",
    ),
    Place("Registry: gates", "/Registry?style=sample&show=Gates", ("KID", "Keep these gates")),
    Place("Registry: history", "/Registry?style=sample&show=History", ("calmer",)),
    Place("LoRA files", "/Registry?show=LoRA+files", ("Labels, with commas between",)),
    Place("Generate", "/Generate", ("Newest", "Draw"), "ul.wall img"),
    Place("Gallery", "/Gallery", ("found", "Choose all"), "ul.wall img"),
    Place("Props", "/Props", ("From a wish", "From a picture"), ".hs-row img"),
    Place("Props: history", "/Props?show=History", ("found",), "ul.wall img"),
    Place("Lists", "/Lists", ("Lists so far",)),
    Place("Judge", "/Gallery?mode=judge&style=items", ("Reasons, by number",), "img"),
    Place("Admin", "/Admin", ("Services", "Workers", "Disk", "since")),
    Place("Admin: jobs", "/Admin?show=Jobs", ("Asked by",), "[data-testid=stDataFrame]"),
)


Do = Callable[[Page, int], None]
WORDS = ("red", "gem", "teal")


def _button(*names: str) -> Do:
    """Hit the last button of that name; several take turns."""

    def do(page: Page, number: int) -> None:
        page.get_by_role("button", name=names[number % len(names)]).last.click()

    return do


def _choose(label: str, *options: str) -> Do:
    """Open a list, then choose; the time counts from the choice."""

    def do(page: Page, number: int) -> None:
        page.get_by_label(label, exact=True).first.click()
        option = page.get_by_role("option", name=options[number % len(options)], exact=True)
        option.wait_for()
        forget(page)
        option.click()

    return do


def _search(label: str) -> Do:
    """Put a word into a field, and send it."""

    def do(page: Page, number: int) -> None:
        field = page.get_by_label(label, exact=True)
        field.fill(WORDS[number % len(WORDS)])
        forget(page)
        field.press("Enter")

    return do


def _type(label: str) -> Do:
    """Type into a field that answers by itself."""

    def do(page: Page, number: int) -> None:
        page.get_by_label(label, exact=True).fill(WORDS[number % len(WORDS)])

    return do


def _row(page: Page, number: int) -> None:
    """Choose one version of the table after the other."""
    rows = page.locator("table.versions tbody tr")
    rows.nth(number % rows.count()).click()


def _key(key: str) -> Do:
    def do(page: Page, number: int) -> None:
        page.keyboard.press(key)

    return do


def _text(*labels: str) -> Do:
    """Hit what is labelled so: a switch, or one of several beside each other in turn."""

    def do(page: Page, number: int) -> None:
        page.get_by_text(labels[number % len(labels)], exact=True).first.click()

    return do


ACTS: tuple[Act, ...] = (
    Act(
        "Datasets: next page", "/Datasets?set=props", "[data-part=cards] img", _button("Next page")
    ),
    Act(
        "Datasets: category",
        "/Datasets?set=props",
        "[data-part=cards] img",
        _choose("Category", "gem", "tree", "coin"),
    ),
    Act(
        "Datasets: words typed",
        "/Datasets?set=props",
        "[data-part=cards] img",
        _type("Search"),
        typed=True,
    ),
    Act(
        "Train: preset",
        "/Train?data=props",
        "[data-testid=stMetric]",
        _text("Fast", "Quality", "Balanced"),
    ),
    Act("Evaluate: next page", "/Evaluate?style=sample", ".hs-table img", _button("Next page")),
    Act(
        "Evaluate: nearest pictures",
        "/Evaluate?style=sample",
        ".hs-table img",
        _text("Nearest training picture beside each output"),
    ),
    Act("Rate: skip by key", "/Rate?round=1", "[data-part=pane] img", _key("s")),
    Act("Vote: skip by key", "/Vote?ballot=1", "[data-part=right] img", _key("s")),
    Act(
        "Registry: next page of the sheet",
        "/Registry?style=sample",
        ".hs-table img",
        _button("Next page"),
    ),
    Act(
        "Registry: another version",
        "/Registry?style=sample",
        ".hs-pair img",
        _row,
    ),
    Act("Gallery: next page", "/Gallery", "ul.wall img", _button("Next page")),
    Act("Gallery: search", "/Gallery", "ul.wall img", _search("Search prompts and names")),
    Act("Generate: seed", "/Generate", "ul.wall img", _text("Fixed", "Random")),
    Act("Judge: next by key", "/Gallery?mode=judge&style=items", "ul.wall img", _key("n")),
)
