"""Text that nobody declared: read as what it is, or refused; never as something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.text import decoding

TEXTS = {
    "cp1252": ["ein roter Trank, grün", "Größe", "épée dorée", "poção", "señor", "rød drik", "café"]
    + ["it’s a dog’s bowl", "a “red” potion — big", "cœur brisé", "blåbær", "ÜBERSCHWERT"],
    "cp932": [
        "赤い薬",
        "曲がった取っ手の赤いポーション",
        "武器",
        "剣",
        "ガラス瓶",
        "a red ポーション",
    ],
    "gb18030": ["红色药水", "一把蓝色的剑", "像素风格的角色", "宝箱", "红色 potion", "药水"],
    "big5": ["紅色藥水", "一把藍色的劍", "像素風格的角色"],
    "cp949": ["빨간 물약", "파란 방패를 든 기사", "픽셀 아트 캐릭터"],
    "euc_jp": ["赤い薬", "曲がった取っ手の赤いポーション"],
    "cp1251": ["красное зелье", "Красный меч, большой", "деревянный сундук", "рыцарь в доспехах"],
    "koi8_r": ["красное зелье", "большой деревянный сундук"],
    "cp1250": ["czerwony miecz, żółty", "červený meč", "modrý štít"],
    "cp1254": ["yeşil kılıç", "kırmızı iksir şişesi"],
    "cp1253": ["κόκκινο φίλτρο", "μεγάλο σπαθί"],
    "utf-8": ["ein grüner Trank", "赤い薬", "красное зелье", "սուր", "ə", "a 🗡️ sword"],
    "utf-8-sig": ["grün"],
    "utf-16": ["a red potion", "赤い薬"],
    "utf-16-le": [
        "ein gru\u0308ner Trank",
        "a red potion\na blue one",
        "赤い薬",
        "ein grüner Trank",
        "красное зелье",
        "一个 红",
    ],
    "utf-16-be": ["a red potion", "ein grüner Trank", "красное зелье"],
    "utf-32": ["a red potion"],
    "utf-32-le": ["a red potion"],
}


@pytest.mark.parametrize(
    ("codec", "text"), [(codec, text) for codec, texts in TEXTS.items() for text in texts]
)
def test_a_text_is_read_as_it_was_written(codec: str, text: str) -> None:
    found = decoding.decode(text.encode(codec), "a.txt")
    assert found.text == decoding.cleaned(text)
    declared = codec in ("utf-8", "utf-8-sig", "utf-16", "utf-32")
    assert bool(found.read_as) is not declared


@pytest.mark.parametrize(
    "data",
    [
        *("ä".encode("cp1252"), "검".encode("cp949"), "МЕЧ".encode("cp1251")),  # any of several
        "a red potion".encode("utf-16-le")[:-1],
        b"\xff\xfea\0b",  # no whole number of characters
        "ein grüner Trank für Öl".encode()[:-1] + b"\xf6",  # UTF-8 but for its end
        bytes(range(256)),
        b"\x89PNG\r\n\x1a\n" + bytes(range(0, 250, 7)),
    ],
)
def test_what_can_not_be_told_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(StudioError, match=r"^a\.txt, line \d+: the text is not UTF-") as said:
        decoding.decode(data, "a.txt")
    assert "UTF-8" in said.value.remedy


def test_neighbours_tell_what_a_word_alone_does_not() -> None:
    alone = ["щит", "меч", "дом", "том", "нож"]
    data = [word.encode("cp1251") for word in alone]
    with pytest.raises(StudioError):
        decoding.decode(data[2], "a.txt")
    likely = decoding.likely(data)
    assert [decoding.decode(one, "a.txt", likely).text for one in data] == alone
    assert decoding.likely([]) == ""


def test_a_long_file_is_read_whole_and_soon() -> None:
    text = "name, prompt\n" + "".join(f"potion_{k}, ein grüner Trank {k}\n" for k in range(20_000))
    assert decoding.decode(text.encode("cp1252"), "a.csv").text == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\u200b red\u2060 potion\ufeff with\u00ad cork", "a red potion with cork"),
        ("Trank gru\u0308n", "Trank grün"),
        ("a\u200d b", "a b"),
        ("👩\u200d🎨 paints", "👩\u200d🎨 paints"),  # the joiner makes one sign of two
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u202eevil\u202c", "evil"),
    ],
)
def test_what_nobody_sees_goes(text: str, clean: str) -> None:
    assert decoding.cleaned(text) == clean
    assert decoding.decode(text.encode(), "a.txt").text == clean


@pytest.mark.parametrize(
    ("codec", "names"),
    [
        ("utf-8", ["Kunst/Trank_gru\u0308n.png", "Kunst/U\u0308berschwert.png"]),
        ("cp932", ["武器/赤い薬.png", "ガラス瓶.png"]),
        ("cp932", ["剣.png"]),
        ("gbk", ["武器/红色药水.png"]),
        ("big5", ["紅色藥水.png"]),
        ("cp949", ["빨간 물약.png"]),
        ("cp866", ["красное_зелье.png", "Меч.png"]),
        ("cp1251", ["меч.png", "Красное зелье.png"]),
        ("cp850", ["Trank_grün.png", "Überschwert.png", "straße.png", "Größe.png"]),
        ("cp852", ["miecz żółty.png"]),
        ("cp1252", ["Trank_grün.png", "épée.png"]),
    ],
)
def test_names_of_an_archive(codec: str, names: list[str]) -> None:
    found, read_as = decoding.decode_names([name.encode(codec) for name in names])
    assert found == [decoding.cleaned(name) for name in names]
    assert bool(read_as) is (codec != "utf-8")


def test_names_in_no_encoding_can_be_told(tmp_path: Path) -> None:
    found, read_as = decoding.decode_names([b"\x01\x98\x02\x81.png", b"\x98.png"])
    assert read_as == "" and all("\ufffd" in name for name in found)
    with pytest.raises(StudioError, match="gone.txt: the file can't be read"):
        decoding.read_text(tmp_path / "gone.txt", "gone.txt")
