"""requests-oauthlib, over oauthlib."""

from oauthlib.oauth2 import BackendApplicationClient
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from visitor import Visitor, run


def a_person_signs_in_and_an_expired_token_is_refreshed_by_itself(facts):
    site, client = facts["site"], facts["web"]
    session = OAuth2Session(
        client["clientId"],
        redirect_uri=client["redirectUri"],
        scope=["openid", "user:read"],
        pkce="S256",
        auto_refresh_url=f"{site}/oauth2/token/",
        auto_refresh_kwargs={"client_id": client["clientId"], "client_secret": client["secret"]},
        token_updater=lambda token: setattr(session, "token", token),
    )
    url, _state = session.authorization_url(f"{site}/oauth2/authorize/")
    end = Visitor(site).sign_in(url, facts["username"])
    token = session.fetch_token(
        f"{site}/oauth2/token/", authorization_response=end, client_secret=client["secret"]
    )
    assert session.get(f"{site}/api/users/me").json()["username"] == facts["username"]
    session.token = {**token, "expires_at": 1, "expires_in": -1}
    assert session.get(f"{site}/api/users/me").json()["username"] == facts["username"]
    assert session.token["access_token"] != token["access_token"]


def a_service_gets_a_token_of_its_own(facts):
    client = facts["service"]
    session = OAuth2Session(client=BackendApplicationClient(client["clientId"], scope=["user:read"]))
    auth = HTTPBasicAuth(client["clientId"], client["secret"])
    token = session.fetch_token(f"{facts['site']}/oauth2/access_token/", auth=auth)
    assert token["scope"] == ["user:read"], token
    assert session.get(f"{facts['site']}/api/users/me").json()["username"] == facts["username"]


if __name__ == "__main__":
    run(
        [
            a_person_signs_in_and_an_expired_token_is_refreshed_by_itself,
            a_service_gets_a_token_of_its_own,
        ]
    )
