from datetime import UTC, datetime

import pytest

from studio.accounts.oidc_claims import Provider, arrival, roles_of
from studio.errors import StudioError

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
ROLES = {"artists": "artist", "leads": "art lead"}
PROVIDER = Provider("https://id/x", "studio", "secret", "openid", "groups", ROLES)


def _claims(**more):
    return {
        "sub": "7",
        "iss": "https://id",
        "iat": AT,
        "name": "Ana",
        "groups": ["artists"],
        **more,
    }


def _arrival(**more):
    return arrival(_claims(**more), PROVIDER, NOW)


def test_groups_give_the_highest_role():
    assert _arrival().role == "artist"
    assert _arrival(groups=["artists", "cooks", "leads"]).role == "art lead"
    assert _arrival(groups="leads").role == "art lead"
    assert _arrival().subject == "https://id 7"


@pytest.mark.parametrize("groups", [[], ["cooks"], None, "", {"artists": 1}, ["Artists"], 7])
def test_no_group_that_counts_is_said_plainly(groups):
    with pytest.raises(StudioError, match="in no group that may come in"):
        _arrival(groups=groups)
    with pytest.raises(StudioError, match="no group"):
        arrival({k: v for k, v in _claims().items() if k != "groups"}, PROVIDER, NOW)


@pytest.mark.parametrize("issued", [AT - 601, AT + 121])
def test_a_sign_in_that_is_not_from_now(issued):
    with pytest.raises(StudioError, match="too old"):
        _arrival(iat=issued)
    assert _arrival(iat=AT - 599) and _arrival(iat=AT + 119)


@pytest.mark.parametrize("more", [{"sub": ""}, {"sub": None}, {"iat": "now"}, {"iat": None}])
def test_claims_without_a_person(more):
    with pytest.raises(StudioError, match="who you are"):
        _arrival(**more)


def test_names_are_cleaned_and_ordered():
    found = _arrival(name="<b>Ana</b>  | O'Neil", preferred_username="ana", email="a.b@x.org").names
    assert found == ["b Ana b O'Neil", "ana", "a.b", "a.b at x.org", "7"]
    assert _arrival(name=None, sub="-").names == ["somebody"]
    assert all(len(name) <= 40 for name in _arrival(name="x" * 99, email=f"{'y' * 99}@z").names)


def test_the_table_of_groups():
    assert roles_of("artists=artist, leads=art lead") == ROLES
    for bad in ("", "artists", "=artist", "artists=king"):
        with pytest.raises(StudioError):
            roles_of(bad)
