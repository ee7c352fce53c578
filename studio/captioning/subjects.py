"""Captions made from a picture: its kind, what its name says, and the colours that it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Words of file names that say nothing about what can be seen.
NOISE = frozenset(
    "new old april spwpn zot misc unknown none base overlay test dd x coc geh tar dis zig ego of "
    "the and in on up down left right middle a an used whole found unfound randart artefact art "
    "generic plain gone very one two three four enter exit return inert wucad mu tso sif muna "
    "urand unrand icon show player mon item dngn monster".split()
)
REWRITTEN = {"vgate": "gate", "spwn": "spawn", "gray": "grey", "armor": "armour"}
CATEGORY_KINDS = {
    "amorphous": "slime",
    "fungi_plants": "plant",
    "nonliving": "construct",
    "mutantbeast": "beast",
    "demihumanoids": "humanoid",
    "aberrations": "aberration",
    "unique": "hero",
    "gold": "coins",
    "misc": "item",
    "vaults": "dungeon",
    "undead": "undead",
    "armour": "armour",
    "statues": "statue",
    "eyes": "eye",
    "trees": "tree",
    "dragons": "dragon",
    "demons": "demon",
    "animals": "animal",
    "humanoids": "humanoid",
    "gateways": "gateway",
    "doors": "door",
    "altars": "altar",
    "traps": "trap",
    "shops": "shop",
}
# A rarer word's plainer name: people ask for a sword, not for a falchion. By the first part of
# the category, since a wizard's hat is no wizard; "" stands for any other category.
PLAINER: dict[str, dict[str, str]] = {
    "item": {
        "sword": "falchion scimitar rapier katana greatsword claymore blade broadsword longsword "
        "shortsword sabre cutlass lajatang",
        "dagger": "athame quickblade knife stiletto",
        "axe": "waraxe executioner",
        "mace": "club flail morningstar eveningstar hammer greatmace",
        "spear": "glaive halberd partisan trident bardiche scythe javelin lance",
        "bow": "longbow shortbow orcbow crossbow arbalest",
        "helmet": "helm hat cap crown mask",
        "boots": "boot shoes",
        "gloves": "glove gauntlets gauntlet",
        "shield": "buckler",
        "robe": "cloak scarf",
        "armour": "mail plate leather scales",
    },
    "mon": {
        "slime": "jelly ooze blob pudding slimes",
        "dragon": "drake wyvern",
        "zombie": "draugr simulacrum mummy",
        "skeleton": "skeletal lich revenant skull",
        "ghost": "spectral phantom wraith spectre",
        "cat": "felid lion panther tiger jaguar",
        "dog": "hound jackal wolf",
        "mushroom": "fungus toadstool fungal deathcap",
        "demon": "devil imp fiend",
        "bird": "crow raven eagle",
        "wizard": "mage warlock witch sorcerer",
        "snake": "adder viper anaconda mamba serpent",
    },
    "": {"gate": "portal", "tree": "mangrove"},
}
MATERIALS = frozenset(
    "gold silver iron steel bronze brass copper wooden wood stone glass crystal leather bone "
    "jade ivory metal ice icy pearl obsidian clay diamond ruby emerald platinum quicksilver".split()
)
COLOUR_NAMES = frozenset(
    "red orange yellow brown green cyan blue purple pink grey gray white black golden silver teal "
    "violet gold magenta azure".split()
)


@dataclass(frozen=True)
class Subject:
    """What a picture shows: realm ("item"), kind ("potion"), words of its name, materials."""

    realm: str
    kind: str
    names: tuple[str, ...]
    materials: tuple[str, ...]


def clean_words(text: str) -> list[str]:
    """The words of a file name or caption that say what can be seen, lower case, once each."""
    words: list[str] = []
    for raw in re.findall(r"[a-zA-Z]+", text.replace("_", " ")):
        word = REWRITTEN.get(raw.lower(), raw.lower())
        if len(word) > 1 and word not in NOISE and word not in words:
            words.append(word)
    return words


def subject_of(text: str, category: str) -> Subject:
    """Kind, names and materials of a picture from its caption `text` and folder `category`."""
    last = category.rsplit("/", 1)[-1].strip().lower()
    kind = CATEGORY_KINDS.get(last, last.replace("_", " "))
    words = [word for word in clean_words(text) if word not in COLOUR_NAMES]
    materials = tuple(word for word in words if word in MATERIALS)
    names = tuple(word for word in words if word not in MATERIALS and word != kind)
    if not kind:
        kind = names[-1] if names else "picture"
    realm = category.split("/", 1)[0].strip().lower()
    return Subject(realm=realm, kind=kind, names=names, materials=materials)


def plain_nouns(subject: Subject) -> list[str]:
    """Plain nouns for the subject: "sword" for a falchion; at least its kind."""
    plainer = PLAINER.get(subject.realm, PLAINER[""])
    nouns: list[str] = []
    for plain, rare in plainer.items():
        if {plain, *rare.split()} & set(subject.names):
            nouns.append(plain)
    return nouns or [subject.kind]
