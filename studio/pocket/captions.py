"""Captions made from a picture: its kind, what its name says, and the colours that it shows."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.pocket.colours import SYNONYMS

Pixels = NDArray[np.uint8]

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


# Heroes go by names that say nothing of what they are.
HEROES = {
    hero: what
    for what, heroes in {
        "woman warrior": "agnes maggie erica sonja",
        "woman": "cassandra frances jessica josephine louise margery",
        "man": "edmund eustachio harold jeremiah joseph maurice norris rupert terence",
        "knight": "donald frederick",
        "wizard man": "nikola head_instructor",
        "man with scythe": "sigmund",
        "woman witch": "kirke",
        "naga": "vashnia",
        "snake": "aizul",
        "demon": "amaemon azrael geryon grinder ignacio mara",
        "spider woman": "arachne",
        "minotaur": "asterion",
        "dragon": "xtahua",
        "vampire": "blorkula jory",
        "lich": "boris",
        "giant": "chuck",
        "slime": "dissolution",
        "elf": "dowan duvessa fannar",
        "enchantress woman": "enchantress",
        "ogre": "erolcha",
        "slug": "gastronok",
        "gnoll": "grum",
        "goblin": "ijyb",
        "mermaid": "ilsuiw",
        "dwarf": "jorgrun wiglaf",
        "mummy": "khufu menkaure",
        "angel": "mennas",
        "skull": "murray",
        "cat": "natasha",
        "elephant": "nellie",
        "orc": "nergalle urug roka",
        "centaur archer": "nessos",
        "ghost": "nobody",
        "kobold": "pikel",
        "cyclops": "polyphemus",
        "frog": "ribbit",
        "hobgoblin": "robin",
        "statue woman": "roxanne",
        "troll": "snorg",
        "bird man": "sojobo",
    }.items()
    for hero in heroes.split()
}


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
    words: list[str] = []
    for word in clean_words(text):
        hero = HEROES.get(word) if kind == "hero" else None
        words += hero.split() if hero else [word]
    words = [word for word in words if word not in COLOUR_NAMES]
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


def _colour_word(word: str, rng: random.Random) -> str:
    others = SYNONYMS.get(word, ())
    return rng.choice(others) if others and rng.random() < 0.35 else word


def view_of(rgba: Pixels) -> str:
    """How the thing is turned, where its outline tells: "front view", "diagonal", or ""."""
    shape = rgba[..., 3] >= 128
    rows, columns = np.nonzero(shape)
    if len(rows) < 20 or shape.mean() > 0.9:
        return ""
    spread = np.cov(np.stack([rows, columns]))
    (narrow, wide), axes = np.linalg.eigh(spread)
    steep = abs(axes[0, 1])  # sine of the longer axis against the ground
    if wide > 6 * narrow and 0.5 < steep < 0.87:
        return "diagonal"
    box = shape[:, columns.min() : columns.max() + 1]
    both = (box & box[:, ::-1]).sum() / (box | box[:, ::-1]).sum()
    return "front view" if both > 0.88 else ""


def caption(
    subject: Subject,
    colours: list[str],
    rng: random.Random,
    name_colour: float = 0.85,
    *,
    style: str = "",
    view: str = "",
) -> str:
    """One caption drawn at random, e.g. "a red potion", "red glass potion, item", "potion".

    `colours`: dominant colour words, strongest first; `name_colour`: how often one is named.
    `style` is nearly always named, since what is asked for without one is to look as the base does.
    """
    noun = rng.choice(plain_nouns(subject))
    draw = rng.random()
    if draw < 0.20 and subject.realm:
        noun = subject.kind
    elif draw > 0.45 and subject.names:
        noun = " ".join(subject.names[-3:])
        if rng.random() < 0.4 and subject.kind not in noun:
            noun = f"{noun} {subject.kind}"
    said: list[str] = []
    if colours and rng.random() < name_colour:
        said.append(_colour_word(colours[0], rng))
        if len(colours) > 1 and rng.random() < 0.35:
            said.append("and " + _colour_word(colours[1], rng))
    if subject.materials and rng.random() < 0.5:
        said.append(rng.choice(subject.materials))
    phrase = " ".join(dict.fromkeys([*said, noun]))
    draw = rng.random()
    if draw < 0.5:
        article = "an" if phrase[0] in "aeiou" else "a"
        phrase = f"{article} {phrase}"
    if draw > 0.85 and subject.kind not in phrase:
        phrase = f"{phrase}, {subject.kind}"
    if view and rng.random() < 0.12:
        phrase = f"{phrase}, {view}"
    if style and rng.random() < 0.95:
        phrase = f"{style} of {phrase}" if rng.random() < 0.3 else f"{phrase}, {style}"
    return phrase
