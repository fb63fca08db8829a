"""What the real Tutor makes of the plugin that Portico writes."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import types
from pathlib import Path

import yaml
from visitor import run

PACKAGE = "ol-social-auth==0.2.2"


def the_plugin_is_python_with_the_settings_it_was_written_with(facts):
    text = Path(facts["tutorPlugin"]["path"]).read_text()
    tree = ast.parse(text)
    (defaults,) = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "DEFAULTS"
    ]
    assert defaults == facts["tutorPlugin"]["values"], defaults


def tutor_renders_what_the_lms_is_set_to(facts):
    values = facts["tutorPlugin"]["values"]
    with tutor_with(facts) as tutor:
        features = yaml.safe_load(tutor.rendered("apps/openedx/config/lms.env.yml"))["FEATURES"]
        assert features["ALLOW_PUBLIC_ACCOUNT_CREATION"] is True
        assert features["SKIP_EMAIL_VALIDATION"] is True
        for module in ("production", "development"):
            ast.parse(tutor.rendered(f"apps/openedx/settings/lms/{module}.py"))
            settings = executed(tutor.rendered(f"apps/openedx/settings/lms/{module}.py"))
            assert settings["AUTHENTICATION_BACKENDS"] == ["ol_social_auth.backends.OLOAuth2", "model"]
            assert settings["IDA_LOGOUT_URI_LIST"] == ["kept", f"{values['PUBLIC_URL']}/logout"]
            assert settings["LOGIN_REDIRECT_WHITELIST"] == ["kept", values["PUBLIC_URL"].split("://")[1]]
            assert settings["SOCIAL_AUTH_OAUTH_SECRETS"] == {"ol-oauth2": values["LMS_CLIENT_SECRET"]}
            assert settings["REGISTRATION_EXTRA_FIELDS"] == {"country": "hidden"}
            assert settings["ENABLE_REQUIRE_THIRD_PARTY_AUTH"] is False
            assert settings["REGISTRATION_RATELIMIT"].endswith("/7d")


def tutor_builds_the_backend_into_the_image_once(facts):
    installs = re.compile(r"install ['\"]" + re.escape(PACKAGE))
    with tutor_with(facts) as tutor:
        assert len(installs.findall(tutor.rendered("build/openedx/Dockerfile"))) == 1
        tutor.run("config", "save", "--set", 'OPENEDX_EXTRA_PIP_REQUIREMENTS=["one-of-mine"]')
        dockerfile = tutor.rendered("build/openedx/Dockerfile")
        assert len(installs.findall(dockerfile)) == 1 and "one-of-mine" in dockerfile


def the_init_tasks_are_shell_and_python_and_change_the_provider_only_when_needed(facts):
    values = facts["tutorPlugin"]["values"]
    with tutor_with(facts) as tutor:
        tasks = tutor.init_tasks()
        assert [service for service, _ in tasks] == ["lms", "cms"]
        for _, script in tasks:
            subprocess.run(["bash", "-n"], input=script, text=True, check=True)
            for python in re.findall(r"<<'PYTHON'\n(.*?)\nPYTHON\n", script, re.DOTALL):
                ast.parse(python)
        lms = tasks[0][1]
        assert values["API_CLIENT_SECRET"] in lms and values["WORKER_CLIENT_SECRET"] in lms
        assert f"{values['PUBLIC_URL']}/login/_private/complete" in lms
        (provider,) = re.findall(r"<<'PYTHON'\n(.*?)\nPYTHON\n", lms, re.DOTALL)
        rows = []
        for _ in range(2):
            run_in_a_stand_in_of_the_lms(provider, rows)
        assert len(rows) == 1, rows
        (row,) = rows
        assert row.site.domain == "local.openedx.io:8000" and row.key == values["LMS_CLIENT_ID"]
        assert json.loads(row.other_settings)["API_ROOT"] == f"{values['INTERNAL_URL']}/"
        rows[0].site = types.SimpleNamespace(domain="elsewhere")
        run_in_a_stand_in_of_the_lms(provider, rows)
        assert len(rows) == 2 and rows[1].site.domain == "local.openedx.io:8000"


def executed(module):
    """The plugin's part of a settings module, run over what stands before it in the LMS."""
    part = module[module.index("# Portico signs people in") : module.index("######## End of common LMS settings")]
    scope = {
        "FEATURES": {},
        "REGISTRATION_EXTRA_FIELDS": {},
        "AUTHENTICATION_BACKENDS": ["model"],
        "IDA_LOGOUT_URI_LIST": ["kept"],
        "LOGIN_REDIRECT_WHITELIST": ["kept"],
    }
    exec(part, scope)
    return scope


THE_SITE = types.SimpleNamespace(domain="local.openedx.io:8000")


def run_in_a_stand_in_of_the_lms(script, rows):
    """Runs the provider's script with the few names of Django and the LMS that it uses."""

    class Row(types.SimpleNamespace):
        def save(self):
            rows.append(self)

    class Rows:
        def filter(self, **_):
            return self

        def order_by(self, field):
            assert field == "-change_date"
            return self

        def first(self):
            return rows[-1] if rows else None

    Row.objects = Rows()

    class Site:
        DoesNotExist = KeyError
        objects = types.SimpleNamespace(get_current=lambda request: {"local.openedx.io:8000": THE_SITE}[request])

    class RequestFactory:
        def get(self, path, HTTP_HOST):
            return HTTP_HOST

    modules = {
        "django": {},
        "django.conf": {"settings": types.SimpleNamespace(LMS_BASE="local.openedx.io:8000")},
        "django.contrib": {},
        "django.contrib.sites": {},
        "django.contrib.sites.models": {"Site": Site},
        "django.test": {"RequestFactory": RequestFactory},
        "common": {},
        "common.djangoapps": {},
        "common.djangoapps.third_party_auth": {},
        "common.djangoapps.third_party_auth.models": {"OAuth2ProviderConfig": Row},
    }
    kept = dict(sys.modules)
    try:
        for name, members in modules.items():
            sys.modules[name] = types.ModuleType(name)
            vars(sys.modules[name]).update(members)
        exec(script, {})
    finally:
        sys.modules.clear()
        sys.modules.update(kept)


class tutor_with:
    """A Tutor with nothing but this plugin, in a folder of its own."""

    def __init__(self, facts):
        self.plugin = facts["tutorPlugin"]["path"]

    def __enter__(self):
        self.root = Path(tempfile.mkdtemp())
        plugins = self.root / "plugins"
        plugins.mkdir()
        shutil.copy(self.plugin, plugins / "portico.py")
        self.env = {**os.environ, "TUTOR_ROOT": str(self.root / "tutor"), "TUTOR_PLUGINS_ROOT": str(plugins)}
        self.run("plugins", "enable", "portico")
        self.run("config", "save")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root)

    def run(self, *args):
        command = Path(sys.executable).parent / "tutor"
        done = subprocess.run([command, *args], env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def rendered(self, path):
        return (self.root / "tutor" / "env" / path).read_text()

    def init_tasks(self):
        """The plugin's tasks as `tutor … do init --limit=portico` runs them, for each its service and its script."""
        script = """
import json, os
from tutor import config, env, hooks, plugins
from tutor.plugins import v1
hooks.Actions.CORE_READY.do()
plugins.load("portico")
settings = config.load_full(os.environ["TUTOR_ROOT"])
tasks = hooks.Filters.CLI_DO_INIT_TASKS.iterate_from_context(hooks.Contexts.app("portico").name)
print(json.dumps([[service, env.render_str(settings, task)] for service, task in tasks]))
"""
        done = subprocess.run([sys.executable, "-c", script], env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    run(
        [
            the_plugin_is_python_with_the_settings_it_was_written_with,
            tutor_renders_what_the_lms_is_set_to,
            tutor_builds_the_backend_into_the_image_once,
            the_init_tasks_are_shell_and_python_and_change_the_provider_only_when_needed,
        ]
    )
