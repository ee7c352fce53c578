"""What the named heroes of Dungeon Crawl are, since their names say nothing of what can be seen."""

from __future__ import annotations

import re

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


def called_plainly(text: str) -> str:
    """The caption with every hero's name replaced by what the hero is."""
    return " ".join(HEROES.get(word.lower(), word) for word in re.findall(r"[^\s_]+", text))
