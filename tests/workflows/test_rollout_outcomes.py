"""What ends a rollout: people compared with themselves, one voice each, whoever looks when."""

import random
from collections import defaultdict

from studio.review import statistics
from studio.workflows import rollout_outcomes


def said(approved, judged, begin=0):
    """So many verdicts of one person, the approved ones first, a second apart."""
    return [(f"2026-01-01T00:{begin + k:02d}", k < approved) for k in range(judged)]


def test_one_or_two_people_alone_decide_nothing():
    for people in (["ana"], ["ana", "bo"]):
        old = {who: said(50, 50) for who in people}
        new = {who: said(0, 50) for who in people}
        compared = rollout_outcomes.compare(old, new)
        assert len(compared) == 50 * len(people) and rollout_outcomes.blocks(compared) == []


def test_a_diligent_judge_is_one_voice_of_three():
    """Against two who see no fault, forty verdicts of a third weigh nothing."""
    old = {"ana": said(40, 40), "bo": said(0, 8), "cleo": said(0, 8)}
    new = {"ana": said(0, 40), "bo": said(8, 8), "cleo": said(8, 8)}
    found = rollout_outcomes.blocks(rollout_outcomes.compare(old, new))
    assert len(found) == 8 and all(score > 0.5 for score in found)
    assert statistics.decide(found).decision == "b"


def test_a_strict_person_is_compared_with_themself():
    old = {who: said(0, 20) for who in ("ana", "bo", "cleo")}
    assert set(rollout_outcomes.blocks(rollout_outcomes.compare(old, old))) == {0.5}


def test_a_comparison_stays_once_it_was_made():
    """More verdicts add comparisons at the end, so that nobody changes what was counted."""
    old, new = said(3, 6), said(1, 4)
    first = rollout_outcomes.compare({"ana": old}, {"ana": new})
    assert rollout_outcomes.compare({"ana": old}, {"ana": new + said(2, 2, 20)})[:4] == first


def simulated(chance, people, better):
    """The verdict of one rollout looked at after every block. People differ in strictness and in
    how much they judge; `better` is added to their approval of the new version."""
    strict = {who: chance.uniform(0.3, 0.8) for who in range(people)}
    busy = {who: chance.choice([1, 1, 2, 8]) for who in range(people)}
    old, new = defaultdict(list), defaultdict(list)
    who = chance.choices(range(people), weights=list(busy.values()), k=600)
    for moment, one in enumerate(who):
        side, more = (new, better) if chance.random() < 0.5 else (old, 0.0)
        side[one].append((f"{moment:06d}", chance.random() < strict[one] + more))
    return statistics.decide(rollout_outcomes.blocks(rollout_outcomes.compare(old, new))).decision


def test_equal_versions_are_rarely_told_apart_and_worse_ones_mostly():
    chance = random.Random(4)
    same = [simulated(chance, 6, 0.0) for _ in range(300)]
    assert sum(one != "undecided" for one in same) / 300 <= 0.05
    worse = [simulated(chance, 6, -0.3) for _ in range(60)]
    assert worse.count("a") / 60 >= 0.8 and "b" not in worse
