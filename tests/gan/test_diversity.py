"""When a training ends because all has become alike, and which check's generator is kept."""

from studio.gan.diversity import Check, collapsed, kept, why


def checks(*told):
    return [Check(10 * k, 0, {"vendi": v, "kid": d}) for k, (v, d) in enumerate(told, 1)]


def test_two_low_checks_in_a_row_are_a_collapse():
    good = [(2.0, 0.01), (6.0, 0.004), (7.0, 0.003)]
    assert not collapsed(checks(*good), 0.5)
    assert not collapsed(checks(*good, (3.0, 0.004)), 0.5)
    assert collapsed(checks(*good, (3.0, 0.004), (1.2, 0.001)), 0.5)
    assert not collapsed(checks(*good, (3.0, 0.004), (1.2, 0.001)), 0)
    assert not collapsed(checks((1.2, 0.01), (1.1, 0.01)), 0.5)
    assert not collapsed(checks(*good, (3.0, 0.004), (5.0, 0.001)), 0.5)


def test_the_nearest_that_is_varied_is_kept():
    found = checks((2.0, 0.01), (6.0, 0.004), (7.0, 0.003), (3.0, 0.004), (1.2, 0.001))
    chosen = kept(found, 0.5)
    assert chosen is not None and chosen.step == 30
    said = why(chosen, found, 0.5)
    assert "step 30: KID 0.0030, Vendi 7.0" in said and "fell to a Vendi of 1.2 by step 50" in said
    assert "fell" not in why(chosen, found[:3], 0.5)
    assert kept(found, 0.5, lambda step: step != 30).step == 20
    assert kept([], 0.5) is None
