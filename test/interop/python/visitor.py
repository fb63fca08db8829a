"""A person with a browser that has no JavaScript, and a command line for the cases of a client library."""

import json
import os
import sys
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

PASSWORD = os.environ.get("PORTICO_PASSWORD", "")


class Forms(HTMLParser):
    """The forms of a page: where each is sent, and its fields and buttons."""

    def __init__(self, page):
        super().__init__()
        self.forms = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.forms.append({"action": given.get("action"), "hidden": {}, "names": set()})
        elif tag in ("input", "button") and given.get("name") and self.forms:
            self.forms[-1]["names"].add(given["name"])
            if given.get("type") == "hidden":
                self.forms[-1]["hidden"][given["name"]] = given.get("value", "")


class Visitor:
    """Follows redirects for as long as they stay on the site; the address they lead away to is where the client listens."""

    def __init__(self, site):
        self.site = site
        self.session = requests.Session()
        self.page = None

    def go(self, url, **form):
        sent = {"data": form, "headers": {"Origin": self.site}} if form else {}
        for _hop in range(15):
            answer = self.session.request("POST" if sent else "GET", url, allow_redirects=False, timeout=20, **sent)
            self.page = answer
            if not answer.is_redirect:
                return answer.url
            url, sent = urljoin(answer.url, answer.headers["location"]), {}
            if not url.startswith(f"{self.site}/"):
                return url
        raise AssertionError("too many redirects")

    def submit(self, **fields):
        for form in Forms(self.page.text).forms:
            if set(fields) <= form["names"]:
                return self.go(urljoin(self.page.url, form["action"] or ""), **form["hidden"], **fields)
        raise AssertionError(f"no form with {', '.join(fields)} at {self.page.url}")

    def sign_in(self, url, username):
        """Signs in where that is asked, and allows what is asked. Returns the address that the browser ends at."""
        end = self.go(url)
        if "/login/" in end:
            end = self.submit(identifier=username, password=PASSWORD)
        if "/consent/" in end:
            end = self.submit(decision="allow")
        return end


def run(cases):
    """Runs the case that the command line names, with the facts that come on standard input."""
    by_name = {case.__name__: case for case in cases}
    by_name[sys.argv[1]](json.load(sys.stdin))
