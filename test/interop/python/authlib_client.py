"""Authlib's session of the requests library."""

from urllib.parse import parse_qs, urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import KeySet

from visitor import Visitor, run


def metadata_of(facts):
    return requests.get(f"{facts['site']}/.well-known/openid-configuration", timeout=20).json()


def session_of(client, **more):
    return OAuth2Session(client["clientId"], client.get("secret"), **more)


def a_person_signs_in_and_the_tokens_are_refreshed_introspected_and_revoked(facts):
    metadata, client = metadata_of(facts), facts["web"]
    session = session_of(
        client, scope="openid email user:read", redirect_uri=client["redirectUri"], code_challenge_method="S256"
    )
    verifier = "v" * 64
    url, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce="n-1"
    )
    end = Visitor(facts["site"]).sign_in(url, facts["username"])
    assert parse_qs(urlsplit(end).query)["iss"] == [metadata["issuer"]]
    token = session.fetch_token(
        metadata["token_endpoint"], authorization_response=end, code_verifier=verifier, state=state
    )
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=20).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
    assert claims["nonce"] == "n-1" and claims["aud"] == client["clientId"], claims
    me = session.get(f"{facts['site']}/api/users/me").json()
    assert me["username"] == facts["username"], me
    info = session.get(metadata["userinfo_endpoint"]).json()
    assert info["sub"] == claims["sub"] and info["email"] == facts["email"], info

    first = token["access_token"]
    token = session.refresh_token(metadata["token_endpoint"])
    assert token["access_token"] != first
    told = session.introspect_token(metadata["introspection_endpoint"], token=token["access_token"]).json()
    assert told["active"] is True and told["username"] == facts["username"], told
    answer = session.revoke_token(metadata["revocation_endpoint"], token=token["access_token"])
    assert answer.status_code == 200, answer.text
    told = session.introspect_token(metadata["introspection_endpoint"], token=token["access_token"]).json()
    assert told == {"active": False}, told


def a_service_gets_a_token_by_each_way_of_telling_its_secret(facts):
    for method in ("client_secret_basic", "client_secret_post"):
        session = session_of(facts["service"], token_endpoint_auth_method=method, scope="user:read")
        token = session.fetch_token(metadata_of(facts)["token_endpoint"], grant_type="client_credentials")
        assert token["token_type"] == "Bearer" and token["scope"] == "user:read", token
        assert session.get(f"{facts['site']}/api/users/me").json()["username"] == facts["username"]


def a_service_proves_itself_by_a_key(facts):
    client, endpoint = facts["keyed"], metadata_of(facts)["token_endpoint"]
    session = OAuth2Session(client["clientId"], client["privateKey"], scope="user:read")
    session.register_client_auth_method(PrivateKeyJWT(endpoint))
    session.token_endpoint_auth_method = "private_key_jwt"
    token = session.fetch_token(endpoint, grant_type="client_credentials")
    assert token["token_type"] == "Bearer", token


if __name__ == "__main__":
    run(
        [
            a_person_signs_in_and_the_tokens_are_refreshed_introspected_and_revoked,
            a_service_gets_a_token_by_each_way_of_telling_its_secret,
            a_service_proves_itself_by_a_key,
        ]
    )
