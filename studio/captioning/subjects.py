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
        "spear": "glaive halberd partisan trident bardiche javelin lance trishula",
        "scythe": "scythe",
        "whip": "bullwhip scourge",
        "arrow": "bolt dart",
        "bow": "longbow shortbow orcbow crossbow arbalest",
        "helmet": "helm mask barbute",
        "hat": "cap",
        "boots": "boot shoes slippers",
        "gloves": "glove gauntlets gauntlet",
        "shield": "buckler",
        "robe": "robes",
        "cloak": "cape scarf",
        "armour": "mail plate leather scales",
    },
    "mon": {
        "slime": "jelly ooze blob pudding slimes",
        "dragon": "drake wyvern",
        "zombie": "draugr simulacrum mummy",
        "skeleton": "skeletal lich revenant skull",
        "ghost": "spectral phantom wraith spectre shadow soul spirit",
        "cat": "felid lion panther tiger jaguar",
        "dog": "hound",
        "wolf": "jackal warg",
        "mushroom": "fungus toadstool fungal deathcap",
        "demon": "devil imp fiend",
        "bird": "crow raven eagle bennu shrike harpy",
        "wizard": "mage warlock witch sorcerer necromancer arcanist occultist enchantress "
        "elementalist demonologist annihilator shaman",
        "knight": "warrior guard warden sentinel myrmidon paladin blademaster champion warlord",
        "archer": "sharpshooter",
        "person": "human man woman slave witch klown thief duelist beastmaster convoker",
        "snake": "adder viper anaconda mamba serpent python naga nagaraja",
        "insect": "bug beetle moth butterfly bee hornet wasp mosquito roach radroach clockroach "
        "ant scarab",
        "spider": "tarantella arachne",
        "lizard": "iguana basilisk crocodile alligator komodo",
        "frog": "bullfrog toad barachi",
        "bear": "bear",
        "pig": "hog swine",
        "fish": "shark skyshark merfolk",
        "elf": "elves",
        "troll": "troll",
        "giant": "ogre cyclops ettin titan juggernaut",
        "robot": "golem clockwork",
        "fire": "flame inferno ember",
        "whirlwind": "vortex twister maelstrom",
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
        kind = names[-1] if names else materials[-1] if materials else "picture"
    realm = category.split("/", 1)[0].strip().lower()
    return Subject(realm=realm, kind=kind, names=names, materials=materials)


def plain_nouns(subject: Subject) -> list[str]:
    """Plain nouns for the subject: "sword" for a falchion; at least its kind."""
    tables = [PLAINER[subject.realm]] if subject.realm in PLAINER else PLAINER.values()
    nouns: list[str] = []
    for plain, rare in ((p, r) for table in tables for p, r in table.items()):
        if {plain, *rare.split()} & set(subject.names):
            nouns.append(plain)
    return nouns or [subject.kind]
