"""What people wrote is text on every page: no markup, no links, no icons."""

import re

import pytest

from studio.evaluation.comparison import Mark
from studio.web.markup import Shown, figure, meters, plain, scale

# As Streamlit 1.67 finds them in the text that is left once markdown is read
# (mdast-util-gfm-autolink-literal, remark-emoji, its own material icons).
WEB = re.compile(r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)", re.IGNORECASE)
MAIL = re.compile(r"(?:^|(?<=[^\w\u2060]))([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)")
ICON = re.compile(r":[\w+-]+:|:material/\w+:")
HOSTILE = (
    "https://evil.example/a?b=1",
    "see HTTP://evil.example, or www.evil.example!",
    "https://www.evil.example",
    "(www.evil.example) and a/www.evil.example",
    "ana.b+c@evil.example",
    "mailto:ana@evil.example",
    "&#104;ttps://evil.example",
    "<https://evil.example>",
    "[here](https://evil.example)",
    "![here](//evil.example/x.png)",
    "[^1] and :smile: and :+1: and :material/home: and :red[all]",
    "title\n=====\n",
    "a | b\n--|--\n",
    "**bold** _it_ ~~gone~~ `code` $x$ <b>html</b> \\",
    "- one\n1. two\n# three\n> four",
)


def read(markdown: str) -> str:
    """The text that markdown makes of it, where nothing in it is markup."""
    bare = re.sub(r"\\([!-/:-@\[-`{-~])", "", markdown)
    assert not set(bare) & set("\\`*_{}[]()<>#+-.!|~$:=&"), bare
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


def begins(found: re.Match[str]) -> bool:
    """Whether a web address may begin there: at the start, after a space or a sign."""
    before = found.string[found.start() - 1] if found.start() else " "
    return before != "\u2060" and not before.isalnum()


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_wrote_is_text(text):
    shown = read(plain(text))
    assert shown.replace("\u2060", "") == text
    assert not [found[0] for found in WEB.finditer(shown) if begins(found)]
    assert not MAIL.search(shown) and not ICON.search(shown)


def test_the_test_sees_what_would_become_a_link():
    assert [f[0] for f in WEB.finditer("a https://x.test b") if begins(f)] == ["https://x.test"]
    assert MAIL.search("to ana@x.test") and ICON.search("so :smile: it is")


def test_plain_words_stay_as_they_were():
    assert plain("A red potion, 3 of 4 (good)") == "A red potion, 3 of 4 \\(good\\)"
    assert plain("10:30, ratio 3:4") == "10\\:30, ratio 3\\:4"


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [
        (32, 48, 64),  # twice as large, the largest whole factor that fits
        (300, 600, 64),  # no taller than the side
        (600, 300, 128),
        (0, 0, 128),
    ],
)
def test_a_picture_of_any_shape_fits_its_side(width, height, shown):
    said = figure(Shown("/p", width=width, height=height), 128)
    assert f'width="{shown}"' in said


def test_a_value_stands_in_one_lane_with_its_name_and_interval():
    marks = [Mark("real <i>art", 0.1, None, None, "real"), Mark("version 1", 2, 1, 3, "version")]
    shown = scale(marks, 1)
    assert shown.count('<div class="hs-lane">') == 2
    assert "<span>real &lt;i&gt;art</span>" in shown and "<span>2.0 (1.0 to 3.0)</span>" in shown


def test_a_meter_is_never_longer_than_its_room():
    shown = meters([("Memory <i>", 1.7, "17 of 10 GB"), ("CPU", 0.25, "0.5 of 2 cores")])
    assert "width:100.0%" in shown and "width:25.0%" in shown and "<i>" not in shown
