"""
Tutor plugin: connects Open edX with Portico, which signs its people in.

It does what would otherwise be done by hand: installs the sign-in backend, sets what the LMS must be set to, and makes what it
must have in its database. Written by `portico configure-instance --tutor-plugin`; the settings below may be changed with
`tutor config save --set NAME=VALUE`.

    cp portico.py "$(tutor plugins printroot)" && tutor plugins enable portico
    tutor images build openedx-dev          # for `tutor local`: openedx
    tutor dev launch                        # or, where it runs already: tutor dev do init --limit=portico
"""

from tutor import hooks

# The release that runs on every Django that Open edX has had since 2023.
BACKEND_PACKAGE = "ol-social-auth==0.2.2"

########## Settings

# fmt: off
# values: written by Portico
DEFAULTS = {
    # Portico, as browsers reach it, and as the LMS's containers do
    "PUBLIC_URL": "http://localhost:8053",
    "INTERNAL_URL": "http://172.17.0.1:8053",
    "SITE_NAME": "Portico",
    # Name of the sign-in backend; the LMS shows it in /auth/login/ol-oauth2/
    "BACKEND": "ol-oauth2",
    # The LMS as client of Portico
    "LMS_CLIENT_ID": "edx-oauth-app",
    "LMS_CLIENT_SECRET": "",
    # Portico as client of the LMS: for learners' tokens, and for its service worker
    "API_CLIENT_ID": "portico-api",
    "API_CLIENT_SECRET": "",
    "WORKER_USERNAME": "portico_worker",
    "WORKER_CLIENT_ID": "portico-worker",
    "WORKER_CLIENT_SECRET": "",
}
# end of values
# fmt: on

hooks.Filters.CONFIG_DEFAULTS.add_items(
    [(f"PORTICO_{name}", value) for name, value in DEFAULTS.items()]
)

########## Image

hooks.Filters.CONFIG_OVERRIDES.add_item(
    ("OPENEDX_EXTRA_PIP_REQUIREMENTS", [BACKEND_PACKAGE])
)

# Who has extra requirements of their own keeps them, and gets the backend all the same.
hooks.Filters.ENV_PATCHES.add_item(
    (
        "openedx-dockerfile-post-python-requirements",
        f"""
{{% if "{BACKEND_PACKAGE}" not in OPENEDX_EXTRA_PIP_REQUIREMENTS %}}
RUN ${{PIP_COMMAND:-pip}} install "{BACKEND_PACKAGE}"
{{% endif %}}
""",
    )
)

########## Settings of the LMS

hooks.Filters.ENV_PATCHES.add_items(
    [
        (
            "lms-env-features",
            """
ALLOW_PUBLIC_ACCOUNT_CREATION: true
SKIP_EMAIL_VALIDATION: true
""",
        ),
        (
            "openedx-lms-common-settings",
            """
# Portico signs people in, and makes their accounts
FEATURES["ENABLE_THIRD_PARTY_AUTH"] = True
ENABLE_REQUIRE_THIRD_PARTY_AUTH = False
REGISTRATION_EXTRA_FIELDS["country"] = "hidden"
THIRD_PARTY_AUTH_BACKENDS = ["ol_social_auth.backends.OLOAuth2"]
AUTHENTICATION_BACKENDS = THIRD_PARTY_AUTH_BACKENDS + list(AUTHENTICATION_BACKENDS)
SOCIAL_AUTH_OAUTH_SECRETS = {"{{ PORTICO_BACKEND }}": "{{ PORTICO_LMS_CLIENT_SECRET }}"}
IDA_LOGOUT_URI_LIST.append("{{ PORTICO_PUBLIC_URL }}/logout")
LOGIN_REDIRECT_WHITELIST.append("{{ PORTICO_PUBLIC_URL.split('://')[1] }}")
# All registrations come from the address of Portico
REGISTRATION_RATELIMIT = "10000/7d"
REGISTRATION_VALIDATION_RATELIMIT = "10000/7d"
RATELIMIT_RATE = "1200/m"
""",
        ),
    ]
)

########## What the LMS must have in its database

LMS_TASK = """
# The service worker: staff, without a password, owner of its OAuth application
./manage.py lms manage_user "{{ PORTICO_WORKER_USERNAME }}" "{{ PORTICO_WORKER_USERNAME }}@openedx" \\
  --staff --superuser --unusable-password
./manage.py lms create_dot_application \\
  --grant-type client-credentials \\
  --client-id "{{ PORTICO_WORKER_CLIENT_ID }}" \\
  --client-secret "{{ PORTICO_WORKER_CLIENT_SECRET }}" \\
  --scopes user_id \\
  --update portico-worker "{{ PORTICO_WORKER_USERNAME }}"

# Learners' own tokens
./manage.py lms create_dot_application \\
  --grant-type authorization-code \\
  --redirect-uris "{{ PORTICO_PUBLIC_URL }}/login/_private/complete {{ PORTICO_PUBLIC_URL }}/_/auth/complete" \\
  --client-id "{{ PORTICO_API_CLIENT_ID }}" \\
  --client-secret "{{ PORTICO_API_CLIENT_SECRET }}" \\
  --skip-authorization \\
  --update portico-api "{{ PORTICO_WORKER_USERNAME }}"

./manage.py lms shell -c "$(cat <<'PYTHON'
import json

from django.conf import settings
from django.contrib.sites.models import Site
from django.test import RequestFactory

from common.djangoapps.third_party_auth.models import OAuth2ProviderConfig

# The provider belongs to the site that the LMS takes for its own when somebody comes under its name.
request = RequestFactory().get("/", HTTP_HOST=settings.LMS_BASE)
try:
    site = Site.objects.get_current(request)
except Site.DoesNotExist:
    site = Site.objects.create(domain=settings.LMS_BASE, name=settings.LMS_BASE[:50])

backend = "{{ PORTICO_BACKEND }}"
wanted = {
    "enabled": True,
    "name": {{ PORTICO_SITE_NAME[:50]|tojson }},
    "slug": backend,
    "site": site,
    "visible": True,
    "skip_hinted_login_dialog": True,
    "skip_registration_form": True,
    "skip_email_verification": True,
    "sync_learner_profile_data": True,
    "enable_sso_id_verification": True,
    "key": "{{ PORTICO_LMS_CLIENT_ID }}",
    # In the settings, SOCIAL_AUTH_OAUTH_SECRETS
    "secret": "",
    "other_settings": json.dumps(
        {
            "AUTHORIZATION_URL": "{{ PORTICO_PUBLIC_URL }}/oauth2/authorize/",
            "ACCESS_TOKEN_URL": "{{ PORTICO_INTERNAL_URL }}/oauth2/token/",
            "API_ROOT": "{{ PORTICO_INTERNAL_URL }}/",
        }
    ),
}
# Rows are versions, and the newest counts.
newest = OAuth2ProviderConfig.objects.filter(backend_name=backend).order_by("-change_date").first()
if newest is None or any(getattr(newest, field) != value for field, value in wanted.items()):
    OAuth2ProviderConfig(backend_name=backend, **wanted).save()
    print(f"Saved the provider {backend} for the site {site.domain}")
else:
    print(f"The provider {backend} is there already")
PYTHON
)"
"""

CMS_TASK = """
# Courses to try it with, which have begun: Studio would have them begin in 2030
for course in "DemoX Demo_Course Demonstration" "E2E-101 course End-to-end"; do
  set -- $course
  if ! ./manage.py cms shell -c "
import sys
from opaque_keys.edx.keys import CourseKey
from xmodule.modulestore.django import modulestore
sys.exit(0 if modulestore().has_course(CourseKey.from_string('course-v1:edX+$1+$2')) else 3)
"; then
    ./manage.py cms create_course split "{{ PORTICO_WORKER_USERNAME }}@openedx" edX "$1" "$2" "$3 course" 2020-01-01
  fi
done

./manage.py cms shell -c "$(cat <<'PYTHON'
from datetime import datetime, timezone

from django.contrib.auth import get_user_model
from opaque_keys.edx.keys import CourseKey
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from xmodule.modulestore.django import modulestore

worker = get_user_model().objects.get(username="{{ PORTICO_WORKER_USERNAME }}")
for key in ("course-v1:edX+DemoX+Demo_Course", "course-v1:edX+E2E-101+course"):
    course = modulestore().get_course(CourseKey.from_string(key))
    if course.start > datetime.now(timezone.utc):
        course.start = datetime(2020, 1, 1, tzinfo=timezone.utc)
        modulestore().update_item(course, worker.id)
    # The course list reads overviews; a worker that is not running yet would make them only later.
    CourseOverview.load_from_module_store(course.id)
    print(f"{key} has begun")
PYTHON
)"
"""

hooks.Filters.CLI_DO_INIT_TASKS.add_items([("lms", LMS_TASK), ("cms", CMS_TASK)])
