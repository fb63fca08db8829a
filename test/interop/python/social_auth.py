"""How the LMS signs people in: social-auth-core with the backend of ol-social-auth."""

from urllib.parse import parse_qsl, urlsplit

from ol_social_auth.backends import OLOAuth2
from social_core.exceptions import AuthCanceled
from social_core.strategy import BaseStrategy
from visitor import Forms, Visitor, run


class Person:
    def __init__(self, uid, details):
        self.uid, self.details = uid, details


def take_person(uid, details, *_args, **_kwargs):
    return {"user": Person(uid, details)}


PIPELINE = (
    "social_core.pipeline.social_auth.social_details",
    "social_core.pipeline.social_auth.social_uid",
    "social_auth.take_person",
)


class Strategy(BaseStrategy):
    """What social-auth-core wants of the site that it runs in: settings, a session and the request."""

    def __init__(self, settings):
        super().__init__()
        self.settings, self.session, self.data = settings, {}, {}

    def get_setting(self, name):
        return self.settings[name]  # a KeyError is how social-auth-core hears that there is none

    def get_pipeline(self, backend=None):
        return PIPELINE

    def request_data(self, merge=True):
        return self.data

    def build_absolute_uri(self, path=None):
        return path

    def redirect(self, url):
        return url

    def session_get(self, name, default=None):
        return self.session.get(name, default)

    def session_set(self, name, value):
        self.session[name] = value

    def session_pop(self, name):
        return self.session.pop(name, None)


def settings_of(facts, **more):
    own = {"KEY": facts["lms"]["clientId"], "SECRET": facts["lms"]["secret"], **more}
    return {f"SOCIAL_AUTH_OL_OAUTH2_{name}": value for name, value in own.items()}


def by_urls(facts):
    site = facts["site"]
    return settings_of(
        facts,
        AUTHORIZATION_URL=f"{site}/oauth2/authorize/",
        ACCESS_TOKEN_URL=f"{site}/oauth2/token/",
        API_ROOT=site,
    )


def begin(facts, settings):
    strategy = Strategy(settings)
    backend = OLOAuth2(strategy, facts["lms"]["redirectUri"])
    return strategy, backend, backend.start()


def complete(strategy, backend, end):
    strategy.data = backend.data = dict(parse_qsl(urlsplit(end).query))
    return backend.complete()


def expect_person(person, facts):
    assert person.uid == facts["username"], person.uid
    assert person.details["username"] == facts["username"], person.details
    assert person.details["email"] == facts["email"], person.details
    assert person.details["name"] == facts["name"], person.details


def a_person_is_signed_in_and_the_second_time_nothing_is_asked(facts):
    visitor = Visitor(facts["site"])
    strategy, backend, url = begin(facts, by_urls(facts))
    expect_person(complete(strategy, backend, visitor.sign_in(url, facts["username"])), facts)
    strategy, backend, url = begin(facts, by_urls(facts))
    expect_person(complete(strategy, backend, visitor.go(url)), facts)


def set_up_by_the_discovery_document(facts):
    settings = settings_of(facts, DISCOVERY_URL=f"{facts['site']}/.well-known/openid-configuration")
    strategy, backend, url = begin(facts, settings)
    visitor = Visitor(facts["site"])
    expect_person(complete(strategy, backend, visitor.sign_in(url, facts["username"])), facts)


def a_person_who_cancels_is_told_of_as_such(facts):
    visitor = Visitor(facts["site"])
    strategy, backend, url = begin(facts, by_urls(facts))
    login = visitor.go(url)
    token = next(form["hidden"]["_csrf"] for form in Forms(visitor.page.text).forms if "_csrf" in form["hidden"])
    end = visitor.go(f"{login}?cancel", _csrf=token)
    try:
        complete(strategy, backend, end)
    except AuthCanceled:
        return
    raise AssertionError("a sign-in that was cancelled went through")


if __name__ == "__main__":
    run(
        [
            a_person_is_signed_in_and_the_second_time_nothing_is_asked,
            set_up_by_the_discovery_document,
            a_person_who_cancels_is_told_of_as_such,
        ]
    )
