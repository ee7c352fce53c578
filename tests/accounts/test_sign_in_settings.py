import pytest

from studio.accounts.sign_in_settings import check_listening, own_hosts
from studio.errors import StudioError
from studio.settings import load_settings

OIDC = {
    "STUDIO_SIGN_IN": "oidc",
    "STUDIO_ADDRESS": "https://studio.example.com/",
    "STUDIO_OIDC_METADATA": "https://id.example.com/.well-known/openid-configuration",
    "STUDIO_OIDC_CLIENT": "studio",
    "STUDIO_OIDC_SECRET": "s3cret",
    "STUDIO_OIDC_ROLES": "artists=artist",
}


def test_nobody_signs_in_unless_told():
    found = load_settings({})
    assert not found.sign_in.needed and found.mlflow_host == "127.0.0.1"
    check_listening(found.sign_in, found.host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "studio"])
def test_without_sign_in_it_listens_on_this_machine_only_unless_told(host):
    with pytest.raises(StudioError, match="everybody who reaches it"):
        check_listening(load_settings({}).sign_in, host)
    check_listening(load_settings({"STUDIO_ANYONE": "yes"}).sign_in, host)
    check_listening(load_settings({"STUDIO_SIGN_IN": "local"}).sign_in, host)


def test_mlflow_stays_on_this_machine_where_people_sign_in():
    open_, closed = (
        {"STUDIO_HOST": "0.0.0.0", **more} for more in ({"STUDIO_ANYONE": "yes"}, OIDC)
    )
    assert load_settings(open_).mlflow_host == "0.0.0.0"
    assert load_settings(closed).mlflow_host == "127.0.0.1"


def test_a_provider_is_read_and_its_secret_not_shown():
    found = load_settings(OIDC).sign_in
    assert found.address == "https://studio.example.com" and found.secure
    assert found.provider.roles == {"artists": "artist"} and found.provider.claim == "groups"
    assert "s3cret" not in repr(load_settings({**OIDC, "STUDIO_TOKEN": "s3cret"}))


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"STUDIO_SIGN_IN": "ldap"}, "STUDIO_SIGN_IN"),
        ({"STUDIO_ANYONE": "maybe"}, "STUDIO_ANYONE"),
        ({"STUDIO_ADDRESS": "studio.example.com"}, "STUDIO_ADDRESS"),
        ({"STUDIO_ADDRESS": "https://x/y"}, "STUDIO_ADDRESS"),
        ({"STUDIO_ADDRESS": ""}, "STUDIO_ADDRESS"),
        ({"STUDIO_OIDC_SECRET": ""}, "STUDIO_OIDC_SECRET"),
        ({"STUDIO_OIDC_METADATA": "http://id.example.com/x"}, "STUDIO_OIDC_METADATA"),
        ({"STUDIO_OIDC_ROLES": ""}, "STUDIO_OIDC_ROLES"),
        ({"STUDIO_OIDC_ROLES": "a=king"}, "king"),
    ],
)
def test_a_setting_that_can_not_be_is_named(more, named):
    with pytest.raises(StudioError, match=named):
        load_settings({**OIDC, **more})


def test_names_by_which_a_browser_may_call():
    here = {"127.0.0.1", "localhost", "::1"}
    assert own_hosts(load_settings({}).sign_in, "127.0.0.1") == here
    assert own_hosts(load_settings({"STUDIO_ANYONE": "yes"}).sign_in, "0.0.0.0") == {
        *here,
        "0.0.0.0",
    }
    assert own_hosts(load_settings(OIDC).sign_in, "Box") == {*here, "box", "studio.example.com"}
