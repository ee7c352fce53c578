"""The encodings that people's programs still write, and what each costs a text, in bits.

Characters that its writers use often cost few bits, those that they hardly use many. So do words
of two scripts, and a capital behind a small letter: signs of another encoding's bytes.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

# A rare character stands for one of 2^17 of its kind.
ASCII, RARE, STRANGE, CONTROL = 5.0, 17.0, 20.0, 30.0
SEAM = 8.0  # inside a word: two scripts, a capital behind a small letter, what never is there
SWITCH = 4.0  # from word to word: another script
BESIDE = 4.0  # two accented letters side by side
CAPITAL = 1.5  # behind a capital, more than the small letter
ACCENT = 9.0  # of its own, and spaces or hyphens that nobody sees
UNSEEN = "\u00a0\u00ad\u200b\u200d\ufe0f\ufeff"
NOT_INSIDE = "“”„‚«»…°¿¡№"  # a word
ONLY_LAST = "ςםןץףך"  # of a word

WESTERN = {
    5.0: "äöüéß",
    6.0: "èàñçáóíåøôâœ",
    6.5: "ùòìêæ",
    7.0: "–’“”„…",
    8.0: "ÄÖÜÉúëïîûã°«»©®€",
    9.0: "ÀÇÈÑÁÓÅØÆÊÚÍÂÎÔ—‘‚×½·¿¡ÿ£²ªº™",
    10.0: "õÕÃ",
}
CENTRAL = {
    4.5: "łąężć",
    5.5: "śóčšžřěáíéůő",
    6.0: "ý",
    7.0: "ńźňťďúöüűäôŕľĺđ",
    8.5: "ŁŚŻĆŹŃĄĘÓČŠŽŘĚÁÍÉŮÝŐÚÖÜŰÄŇŤĎĽĐ–”„…",
}
TURKISH = {4.5: "ı", 5.5: "şğüöç", 8.5: "İŞĞÜÖÇâî–’“”…"}
CYRILLIC = {
    4.0: "оеаинтсрвл",
    5.0: "кмдпу",
    6.0: "яыьгзбчй",
    7.0: "хжшюц",
    8.0: "щэфАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯёіїє«»—–№",
    10.0: "ЙЫЬЪЁІЇЄҐґъ“”„…ўЎјЈљњћђџ",
}
GREEK = {
    4.0: "αοιετνσςρκπυμλη",
    5.5: "θβγδζξφχψωάέήίόύώ",
    8.0: "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏϊϋ«»–",
}
HEBREW = {4.0: "יוהלארמתבש", 5.5: "גדזחטכנסעפצקםןץףך", 10.0: "–’“”״׳"}
ARABIC = {5.0: "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءأإآؤئ", 10.0: "،؛؟ًٌٍَُِّْ"}
THAI = {6.5: "".join(map(chr, [*range(0xE01, 0xE3B), *range(0xE3F, 0xE5C)]))}
ARMENIAN = {5.0: "".join(map(chr, [*range(0x531, 0x557), *range(0x561, 0x588)]))}
JAPANESE = {
    6.5: "のにはをがとでたしいるなれかりっらくすもてきうあこさそだつまえおけせみちめよやんー",
    7.5: "アイウエオカキクケコサシスセソタチツテトナニネノハヒフマミムメモヤユヨラリルレロワン"
    "ガギグゴザジズゼダデドバビブベボパピプペポッャュョぁぃぅぇぉゃゅょがぎぐげごばびぶべぼ"
    "ぱぴぷぺぽどづずじざぞぜひふへほぬねむゆわろ",
    8.0: "、。・「」々（）！？　",
    9.0: "剣赤青緑黄白黒金銀薬草木石火水氷風雷土光闇武器防具盾弓矢杖鎧兜靴指輪宝箱鍵本瓶小大人物"
    "王女騎士魔法勇者少年城森山川空海花鳥犬猫竜龍色画像絵素材持中上下前後左右背景一二三",
}
# The most frequent characters of written Chinese, and what the two ways of writing share.
HANZI = (
    "的一是不了在人有我他中大上到子和你地出道也年得就那要下以生自去之家可她里后小么心多天而能"
    "好都然日于起成事只作想看文手十用主行方又如前所本面公同三已老知民分外但身些与高意把法此回"
    "二理美月明其种全工己儿者向情部正名定女力机等几很最新什打便位因重被走四第相次政海口使教西"
    "再平真听世气信北少并加化由代入先山五太水万市眼体才比住九笑性通目立命活神件安表原白路期叫"
    "死常提感金何更反合放做系或司利受光王果界及今京制解各任至清物台象共干接它八特望直服毛林建"
    "南度色字交算百吃科怎元社六功指思非流每青管夫跟花快院言往展近留治周保武半候七必城父步完革"
    "深即求品士量空甚技程告江英基派式李息呢极令德收党倒未持取始版越史商千片容研像找友孩站改形"
    "委早房音火首据影失拿网香似斯石若兵弟校志究包造落喜离坏切示效缺模"
)
SIMPLE_HANZI = (
    "这来国个说们为时会着过学对没还发当无开见经头从动两长样现将进实点声话问给业间电门东关内却"
    "军产别处总场师书员华报马张难数车应计亲务记边风战许觉题统请爱让认论义术结连远资队带条变联"
    "权该领传红决达办运强区转众轻语满写识黄脸钱设双历广议际则单导专谁读飞观争组视济虽兴输显选"
    "错误标签"
)
FULL_HANZI = (
    "這來國個說們為時會後過學對裡麼沒發還當無開經頭動兩長樣現將與進實點種聲話問機給幾業間電門"
    "東聽氣關並內產萬體別處總場師書員報馬張難數車應親務計風戰覺題統請愛讓認論義術結連遠資隊帶"
    "條變聯權領傳紅決達辦運強轉眾輕語滿寫識極黃錢黨設雙歷廣議際單據導網專誰讀飛觀爭組視濟離雖"
    "壞興輸顯選錯誤檔標籤"
)
CHINESE = {
    7.0: "的",
    9.0: "一是不了在人有个上大中子小色红蓝绿黄白黑金银紫灰橙粉棕木石火水冰风雷土光暗药剑盾牌弓箭"
    "杖甲盔靴戒指宝箱钥匙书瓶草花树山王女骑士魔法少年城森林天空海鸟狗猫龙怪物道具武器图片"
    "头发衣服手持和与带着只把张长短旧新古背景像素风格角色游戏素材",
    10.0: f"{HANZI}{SIMPLE_HANZI}，。、（）：；！？“”《》",
}
TRADITIONAL = {
    7.0: "的",
    9.0: "一是不了在人有個上大中子小色紅藍綠黃白黑金銀紫灰橙粉棕木石火水冰風雷土光暗藥劍盾牌弓箭"
    "杖甲盔靴戒指寶箱鑰匙書瓶草花樹山王女騎士魔法少年城森林天空海鳥狗貓龍怪物道具武器圖片"
    "頭髮衣服手持和與帶著隻把張長短舊新古背景像素風格角色遊戲素材",
    10.0: f"{HANZI}{FULL_HANZI}，。、（）：；！？「」《》",
}
KOREAN = {
    8.0: "이가은는을를의에다한고도로하지기리나사자인어시그라아서마",
    9.0: "빨간파란초록노검흰색금보물약병칼방패활화살팡갑옷투구신발반상열쇠책무돌불얼음"
    "바람번개땅빛둠작큰왕녀법용소년성숲산강늘다꽃새양드래곤캐릭터게임배경"
    "해수일정전주부제장스상구원과동조관신만들세위여비중유계연오면안생단화국적공치실학선민문회업트내체결재행있습"
    "니것없않때같우당모본형명됩됨린맞및별버복식심알야언역영외운음응입잘저점족존종준직진차참처천추출통판편포표품프"
    "함합항험현호확환후히러에러핸들",
}


@dataclass(frozen=True, eq=False)
class Encoding:
    """A codec and what people call it; what its writers' characters cost; `rows`, from and to
    which first byte its usual characters of two bytes lie; `prior` bits, where it is less likely
    than others."""

    codec: str
    name: str
    often: tuple[Mapping[float, str], ...]
    rows: tuple[int, int] | None = None
    prior: float = 0.0


FILES = (
    Encoding("cp1252", "Windows-1252 (Western European)", (WESTERN,)),
    Encoding("cp932", "Shift-JIS (Japanese)", (JAPANESE,), (0x88, 0x97)),
    Encoding("gb18030", "GB18030 (simplified Chinese)", (CHINESE,), (0xB0, 0xD7)),
    Encoding("cp1251", "Windows-1251 (Cyrillic)", (CYRILLIC,)),
    Encoding("cp949", "Windows-949 (Korean)", (KOREAN,), (0xB0, 0xC8), 2.0),
    Encoding("big5", "Big5 (traditional Chinese)", (TRADITIONAL,), (0xA4, 0xC5), 3.0),
    Encoding("euc_jp", "EUC-JP (Japanese)", (JAPANESE,), (0xB0, 0xCF), 3.0),
    Encoding("cp1250", "Windows-1250 (Central European)", (CENTRAL,), None, 4.0),
    Encoding("cp1254", "Windows-1254 (Turkish)", (TURKISH,), None, 4.0),
    Encoding("cp1253", "Windows-1253 (Greek)", (GREEK,), None, 8.0),
    Encoding("cp1255", "Windows-1255 (Hebrew)", (HEBREW,), None, 3.0),
    Encoding("cp1256", "Windows-1256 (Arabic)", (ARABIC,), None, 8.0),
    Encoding("cp874", "Windows-874 (Thai)", (THAI,), None, 16.0),
    Encoding("koi8_r", "KOI8-R (Cyrillic)", (CYRILLIC,), None, 10.0),
    Encoding("mac_roman", "Mac Roman (Western European)", (WESTERN,), None, 6.0),
)
# Zips of Windows name their files in the code pages of DOS.
DOS = (
    Encoding("cp850", "code page 850 (Western European)", (WESTERN,)),
    Encoding("cp866", "code page 866 (Cyrillic)", (CYRILLIC,)),
    Encoding("cp852", "code page 852 (Central European)", (CENTRAL,), None, 4.0),
)
UNICODE = tuple(
    Encoding(codec, codec.upper(), tuple(one for e in FILES for one in e.often) + (ARMENIAN,))
    for codec in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
)


def bits(text: str, encoding: Encoding) -> tuple[float, float]:
    """What the text's ASCII costs, and what its other characters cost in this encoding."""
    costs = _costs(encoding)
    ascii = beyond = 0.0
    letter = before = earlier = ""  # the last letter, and the two characters before this one
    for sign in text:
        if " " <= sign <= "~" or sign in "\t\n\r":
            ascii += ASCII
        else:
            beyond += _cost(sign, before, costs)
        if unicodedata.category(sign).startswith("M"):
            continue  # an accent of its own parts no word
        if sign.isalpha():
            if letter and (sign > "\x7f" or letter > "\x7f"):
                beyond += _joined(letter, sign, inside=before == letter)
            if before and before in NOT_INSIDE and earlier.isalpha():
                beyond += SEAM
            letter = sign
        earlier, before = before, sign
    return ascii, beyond


def _joined(one: str, other: str, inside: bool) -> float:
    """What it costs that these letters follow each other, inside a word or in two."""
    if _script(one) != _script(other):
        return SEAM if inside else SWITCH
    if inside and (one in ONLY_LAST or (one.islower() and other.isupper())):
        return SEAM
    both = one > "\x7f" and other > "\x7f"
    return BESIDE if inside and both and _script(one) == "LATIN" else 0.0


def _cost(sign: str, before: str, costs: Mapping[str, float]) -> float:
    if (known := costs.get(sign)) is not None:
        if before.isupper() and sign.isupper():  # a word in capitals is as likely as in small ones
            return min(known, costs.get(sign.lower(), known) + CAPITAL)
        return known
    if sign in UNSEEN or "\u0300" <= sign <= "\u036f":  # accents of Latin, Greek and Cyrillic
        return ACCENT
    kind = unicodedata.category(sign)
    if kind in ("Cc", "Cn", "Co", "Cs"):
        return CONTROL
    return RARE if kind == "Lo" else STRANGE


@functools.lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    """The first word of its name, such as LATIN; kana and Chinese characters are one script."""
    first = unicodedata.name(letter, "?").split()[0].split("-")[0]
    return "CJK" if first in ("HIRAGANA", "KATAKANA", "IDEOGRAPHIC") else first


@functools.cache
def _costs(encoding: Encoding) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in FILES if encoding in UNICODE else (encoding,):
        found |= dict.fromkeys(_usual(one), 12.0)
    for often in encoding.often:
        for cost in often:
            for sign in often[cost]:
                found[sign] = min(cost, found.get(sign, STRANGE))
    return found


def _usual(encoding: Encoding) -> list[str]:
    """The characters of its usual rows, of which there are about 2^12."""
    if not encoding.rows:
        return []
    # Where codecs take more than the standard's own pairs, those have a high second byte.
    low = 0x40 if encoding.codec in ("cp932", "big5") else 0xA1
    first, last = encoding.rows
    pairs = (bytes([one, two]) for one in range(first, last + 1) for two in range(low, 0xFF))
    return [text for pair in pairs if len(text := pair.decode(encoding.codec, "ignore")) == 1]
