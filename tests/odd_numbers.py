"""A thousand ways to write a number, or nearly one, into an address, a file or a flag."""

from itertools import product

# Each of these has broken something once, here or elsewhere.
TELLING = (
    "²",  # a digit to str.isdigit, and no number to int
    "1" * 25,  # more than a row's number
    "9" * 5000,  # more than int() takes from a text
    "٣",  # a number to int
    "-1",
    "1e999999999",
    "nan",
    "0x10",
    "1\0",
    "",
)
DIGITS = "²³¹⁴⁰₂①⑳❶㊿½¼Ⅷ፩৭๓٣۳३７〇三壹𝟘𝟟𝟭🄁"
WORDS = "nan NaN inf Infinity -inf +inf .nan .inf none null ~ true false yes no on off one NaNs"
AROUND = ("", "-", "+", "--", "+-", " ", "\t", "\n", "%", "#", "$", "'", '"', "`", "=", "\\")
ENDS = (
    "",
    "0",
    ".",
    ".0",
    ".5",
    ",5",
    "e1",
    "e-1",
    "e400",
    "e",
    "_0",
    " 1",
    "px",
    "%",
    "f",
    "j",
    "L",
)
EDGES = (7, 8, 15, 16, 31, 32, 33, 52, 53, 54, 63, 64, 65, 127, 128, 1023, 1024, 4096)


def _all() -> list[str]:
    found = [*TELLING, *WORDS.split(), *DIGITS]
    found += [
        f"{sign}{2**bits + more}" for bits in EDGES for more in (-1, 0, 1) for sign in ("", "-")
    ]
    found += ["1" * count for count in range(1, 60)]
    found += [f"{digit}{end}" for digit, end in product(DIGITS, ENDS[1:9])]
    found += [
        f"{before}{number}{end}" for before, number, end in product(AROUND, ("1", "12"), ENDS)
    ]
    found += [
        f"{a}{sign}{b}" for a, sign, b in product(("1", "0"), ".,;:/|&?~^*()[]{}<>", ("2", ""))
    ]
    found += [
        f"{head}{body}" for head in ("0x", "0b", "0o", "0", "1e", "１") for body in ("1", "17", "f")
    ]
    return list(dict.fromkeys(found))


ODD = tuple(_all()[:1000])
