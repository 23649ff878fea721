"""The documentation speaks of what is there: its links, paths, commands, parameters, variables and routes exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from local.documents.api_description import API_ROUTES
from local.front_door import API_PATHS
from newsletter.config import Settings
from newsletter.control.api.request import BASE
from newsletter.control.desk import routes as desk
from newsletter.control.desk.access import account, keys, team
from newsletter.control.desk.people import everybody
from newsletter.core.newsletter import Newsletter
from newsletter.issues.archive.archive import Archive
from newsletter.issues.writing.yaml_fields import FIELDS
from newsletter.reports.domain.metrics import Metric
from newsletter.sending.adapters.ses_answers import ANSWERS
from newsletter.web.jinja import Templates
from newsletter_cli.key_parameters import ALL as KEYS
from tests.command_line import whole_command_line
from tests.moto_aws import TEMPLATE, template

ROOT = TEMPLATE.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
STACK = template()
VARIABLES = set(STACK["Globals"]["Function"]["Environment"]["Variables"]) | {
    field.name.upper() for field in fields(Settings)
}
NAMES_OF_AWS = {
    "HttpOnly", "RateLimit", "SameSite",  # of HTTP and of browsers
    "AdministratorAccess", "EventBridge", "GenerateSecretString", "GetAccount", "HeadBucket", "HttpApi", "MaxSendRate",
    "GetEmailAddressInsights", "IsValid",  # of SES
    "BatchGetItem", "ConditionCheckItem", "GetItem", "ReadUnitsPerSecond", "ReturnValuesOnConditionCheckFailure",
    "WriteUnitsPerSecond",  # of DynamoDB
    "EnableAcceptEncoding", "ProductionAccessEnabled", "RecursiveLoop", "SendBulkEmail", "SendEmail",
    "ProjectionExpression", "StringEquals", "StringEqualsIfExists", "SuppressedReasons", "MaximumConcurrency",
    "NumberOfEmptyReceives",
    "SubscriptionHistory",  # of CiviCRM
    "ClockAlarm", "ReportsMissingAlarm", "SuppressionDriftAlarm", "SignUpRefusalsAlarm", "SignUpsWithoutRoomAlarm",
    "SparedMailboxesAlarm",  # of earlier releases, in the changelog
}  # fmt: skip
"""Written like our parameters, and not ours."""

HOSTS = {
    "127.0.0.1", "keepachangelog.com", "semver.org", "briefing.example.org", "www.example.org",
    "token.actions.githubusercontent.com", "api.example.org", "crm.example.org", "news.example.org",
    "www.standardwebhooks.com",
}  # fmt: skip
"""All that our pages may point to outside: no page names where packages come from. Examples are nobody's (RFC 2606)."""

PATH_OF_A_MACHINE = re.compile(r"/(?:home|root|Users|tmp|work|mnt)/")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@cache
def slugs(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def quoted(page: Path) -> list[str]:
    """Return what stands in backticks, outside code blocks."""
    prose = re.sub(r"^ *```.*?^ *```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`\n]+)`", prose)


def code(page: Path) -> str:
    """Return all code of a page: what stands in backticks and in blocks."""
    blocks = re.findall(r"^ *```.*?^ *```", page.read_text(), re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *quoted(page)])


@pages
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"https?:|mailto:", target) or target in ("chart.png", "report.pdf"):  # of an example
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert not anchor or anchor in slugs(found), target


@pages
def test_every_path_of_the_repository_exists(page: Path) -> None:
    made = {".local", ".venv", ".venv-sam", ".venv-localstack", ".aws-sam", ".deploy"}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()} - made
    for text in quoted(page):
        if re.fullmatch(r"[\w.-]+(?:/[\w.-]*)+", text) and text.split("/")[0] in folders:
            assert (ROOT / text).exists(), text
        if re.fullmatch(r"[\w-]+\.(?:yaml|toml|py)", text):
            assert any((*ROOT.glob(text), *ROOT.glob(f"functions/*/{text}"), *(ROOT / "layers").rglob(text))), text


@pages
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z0-9-]+)", code(page))) <= targets


FILTERED = {
    each["Properties"]["MetricTransformations"][0]["MetricName"]
    for each in STACK["Resources"].values()
    if each["Type"] == "AWS::Logs::MetricFilter"
}
"""Numbers that CloudWatch makes of our logs."""


@pages
def test_every_word_written_like_a_parameter_is_in_the_template(page: Path) -> None:
    known = {*STACK["Parameters"], *STACK["Resources"], *STACK["Outputs"], *NAMES_OF_AWS, *Metric, *FILTERED, *KEYS}
    for text in quoted(page):
        for word in re.findall(r"(?<![\w:.])[A-Z][a-z]+(?:[A-Z][a-z]+)+(?![\w-])", text):
            assert word in known, word


@pages
def test_every_word_written_like_a_variable_is_one(page: Path) -> None:
    for text in quoted(page):
        for word in re.findall(r"(?<![\w:])[A-Z]+(?:_[A-Z]+)+\b", text):
            assert word in VARIABLES | set(ANSWERS) | OF_A_SHELL, word


OF_A_SHELL = {"NEWSLETTER_STACK", "FORTNIGHTLY_API", "FORTNIGHTLY_API_KEY", "FORTNIGHTLY_API_KEY_FILE"}
"""What the command line reads from the environment of whoever calls it."""

OF_PROGRAMS = {
    *(f"{BASE}{route.path}" for route in API_ROUTES),
    BASE, f"{BASE}/", f"{BASE}/<rest>", f"{BASE}/subscribers/<rest>", "/api/",
}  # fmt: skip
"""What programs with a key ask for."""

OF_THE_DESK = {
    *(route.path for route in (*desk.ROUTES, *everybody.ROUTES, *team.ROUTES, *keys.ROUTES, *account.ROUTES)),
    *(each["Properties"]["RouteKey"].split()[1].replace("{rest+}", "<rest>")
      for each in STACK["Resources"].values()
      if each["Type"] == "AWS::ApiGatewayV2::Route" and "/desk" in each["Properties"]["RouteKey"]),
    "/comment/<signed>/", "/comment/", "/desk/", "/desk/team/", "/desk/calendar.ics",
}  # fmt: skip
"""Its pages and forms, and what the API sends to its functions."""


@cache
def files_of_the_archive() -> set[str]:
    """Return where readers find what the archive holds; it is all written for that."""
    newsletter = Newsletter("Briefing", "a@example.org", "b@example.org", "1 Street", "b@example.org")
    archive = Archive(Templates(ROOT / "templates"), newsletter, "https://example.org", feed_namespace="x")
    made = archive.archive([], [], [], {"cy": [], "<language>": []})
    return {f"/{file.path}".removesuffix("index.html") for file in made} | {
        "/privacy/",
        "/issues/<slug>/",
        "/issues/<slug>/<name>",
        "/issues/<slug>/cy/",  # of a translation
        "/issues/<slug>/issue.json",
        "/archive/<year>/",
        "/sitemap-<year>.xml",
        "/preview/<signed>/",
        "/comment/<signed>/",
        "/preview/<signed>/<name>",
    }


@pages
def test_every_route_is_one(page: Path) -> None:
    files = files_of_the_archive()
    for text in quoted(page):
        if found := re.match(r"(?:[A-Z]+ )?(/[\w./<>-]*)", text):
            assert found[1] in {*API_PATHS, *files, *OF_THE_DESK, *OF_PROGRAMS} or found[1].startswith(
                ("/aws/", "/fortnightly/", "/opt")
            ), text
        if found := re.search(r"<ses_endpoint>(/_simulator/\w+)", text):
            switches = ("control.py", "inbound.py")
            known = "".join((ROOT / "local/simulator" / file).read_text() for file in switches)
            assert f'"{found[1]}"' in known, text


def test_the_routes_of_the_template_are_documented() -> None:
    routes = {
        resource["Properties"]["RouteKey"].split()[1]
        for resource in STACK["Resources"].values()
        if resource["Type"] == "AWS::ApiGatewayV2::Route"
    }
    shared = {"desk": "/desk*", "api": "/api/*"}  # each by several functions
    passed_on = {shared.get(route.split("/")[1], route.replace("{signed+}", "*")) for route in routes}
    assert passed_on == set(API_PATHS)
    said = {route.replace("{signed+}", "<signed>/").replace("{rest+}", "<rest>") for route in routes}
    assert said <= set(quoted(ROOT / "docs/data.md"))


def test_every_variable_and_every_parameter_is_documented() -> None:
    said = set(quoted(ROOT / "docs/data.md"))
    assert VARIABLES - said == set()
    assert set(STACK["Parameters"]) - said - {"DomainName", "PublicUrl"} == set()


def test_every_field_of_an_issue_is_documented_and_no_other() -> None:
    table = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/editor.md").read_text(), re.MULTILINE)
    assert tuple(sorted(table)) == tuple(sorted(FIELDS))


def test_every_number_of_ours_is_documented() -> None:
    said = set(quoted(ROOT / "docs/data.md"))
    assert {*Metric, *FILTERED} <= said


def test_every_function_has_its_part_of_the_flow() -> None:
    functions = {
        resource["Properties"]["CodeUri"].split("/")[1]
        for resource in STACK["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    assert functions <= slugs(ROOT / "docs/flow.md")


@pytest.mark.parametrize(
    "alarm", [name for name, each in STACK["Resources"].items() if each["Type"] == "AWS::CloudWatch::Alarm"]
)
def test_every_alarm_points_to_a_heading_that_exists(alarm: str) -> None:
    found = re.search(r'See "(.+)" in (\S+\.md)\.', STACK["Resources"][alarm]["Properties"]["AlarmDescription"])
    assert found is not None
    assert f"\n## {found[1]}\n" in (ROOT / found[2]).read_text()


def test_the_first_command_comes_within_twenty_lines() -> None:
    assert "make demo" in (ROOT / "README.md").read_text().splitlines()[:20]


@pages
def test_a_page_names_no_machine_and_no_host_but_these(page: Path) -> None:
    text = page.read_text()
    assert PATH_OF_A_MACHINE.search(text) is None
    assert set(re.findall(r"https?://([\w.-]+)", text)) <= HOSTS


def calls() -> Iterator[tuple[Path, str]]:
    """Yield every call of the command line that a page shows, up to what a shell would do with it."""
    for page in PAGES:
        for line in code(page).replace("\\\n", " ").splitlines():
            for call in re.findall(r"(?<![\w./-])newsletter (?=[a-z-])([^|#;&]*)", line):
                yield page, call


@pytest.mark.parametrize(("page", "call"), [pytest.param(page, call, id=call.strip()) for page, call in calls()])
def test_every_verb_of_the_command_line_exists_with_its_options(page: Path, call: str) -> None:
    command = whole_command_line()
    options = {"-h", "--help"}
    words = iter(call.split())
    for word in words:
        options |= {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
        name = word.split("=")[0]
        if word.startswith("-"):
            assert name in options, f"{page.name} names {name}, which `newsletter {call.strip()}` does not have"
            takes_a_value = any(name in each.opts and not getattr(each, "is_flag", True) for each in command.params)
            if takes_a_value and "=" not in word and hasattr(command, "commands"):
                next(words)  # of --stack: the verb comes behind it
        elif hasattr(command, "commands") and command.commands:
            assert word in command.commands, f"{page.name} names `newsletter {call.strip()}`; there is no {word}"
            command = command.commands[word]


def test_every_verb_for_editors_is_in_their_guide() -> None:
    said = {call for page, call in calls() if page.name in ("editor.md", "operate.md")}
    send = whole_command_line().commands["send"].commands
    verbs = ["new", "preview", "check", "publish", "test-send", "approve", "hold", "release", "withdraw", "issues"]
    for verb in [*verbs, "schedule", "schedule skip", *(f"send {verb}" for verb in send)]:
        assert any(call.startswith(verb) for call in said), verb
