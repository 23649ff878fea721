"""`publish`, `issues`, `schedule`, `approve`, `hold`, `release`, `withdraw`, `test-send` on a stack in the process."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.preview.handler import lambda_handler as show_preview_page
from newsletter.core.time_zones import WallTime
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter_cli.stack import Stack
from tests.cli.conftest import RESOURCES, Command, StackInProcess
from tests.cli.test_writing import GOOD, picture
from tests.core.fakes import VirtualClock
from tests.factories import SLUG, record, rendered
from tests.functions.conftest import Deployment, load

NAME = "2126-01-01-in-a-hundred-years"


@pytest.fixture
def issue(desk: Path) -> Path:
    picture(desk / NAME)
    file = desk / f"{NAME}.md"
    file.write_text(GOOD + "\n![A picture of red.](chart.png)\n")
    return file


def put(deployment: Deployment, **changes: Any) -> None:
    deployment.app.issues.put(record(**changes), before=None)
    deployment.app.content.put_rendered(rendered())


def previews(deployment: Deployment) -> list[Any]:
    return [mail for mail in deployment.ses.messages(to="editors@example.org") if "Preview" in mail["subject"]]


def preview_page(words: str) -> str:
    found = re.search(rf"https://briefing\.example\.org/preview/{NAME}\.\S+/", words)
    assert found is not None, words
    return found[0]


def shown(deployment: Deployment, url: str) -> int:
    event = json.loads(json.dumps(load("preview/page")).replace("SIGNED", url.split("/")[-2]))
    status: int = show_preview_page(event, deployment.context)["statusCode"]
    return status


def test_an_issue_is_uploaded_with_its_pictures_and_it_is_said_when_it_goes_out(
    newsletter: Command, issue: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    said = newsletter("publish", issue, stack=stack)

    assert said.code == 0, said.err
    assert "It goes out on " in said.words
    assert "2126 at 09:00 (Europe/London)" in said.words
    page = f"https://briefing.example.org/issues/{NAME}/"
    assert f"Its page is public once it goes out, and not before: {page}" in said.words
    (mail,) = previews(deployment)
    assert preview_page(said.words) in mail["text"]
    assert deployment.app.content.read(f"issues/{NAME}/chart.png")
    assert len(deployment.ses.messages(to="editors@example.org")) == 1
    assert newsletter("publish", issue, stack=stack).code == 0  # the same file again: no second preview, no waiting
    assert len(deployment.ses.messages(to="editors@example.org")) == 1


def test_a_file_with_errors_is_not_uploaded_unless_it_is_a_draft(
    newsletter: Command, issue: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    issue.write_text(GOOD + "\nTODO: write this.\n")
    refused = newsletter("publish", issue, stack=stack)
    assert (refused.code, deployment.app.content.read(f"issues/{NAME}.md")) == (1, None)
    assert "Nothing was uploaded. Mend the errors above first." in refused.err
    assert f"{issue}:8: error" in refused.err

    issue.write_text(issue.read_text().replace("---\n\n", "status: draft\n---\n\n", 1))
    said = newsletter("publish", issue, stack=stack)
    assert said.code == 0, said.err
    assert "This is a draft" in said.words


class LosesPictures(StackInProcess):
    """A stack that gets the text and not the picture."""

    def client(self, service: Any, config: Any = None) -> Any:
        client = super().client(service, config)
        if service == "s3":
            put = client.put_object
            client.put_object = lambda **wish: put(**wish) if wish["Key"].endswith(".md") else {}
        return client


def test_what_only_the_stack_refuses_is_shown_and_ends_with_one(
    newsletter: Command, issue: Path, stack: StackInProcess
) -> None:
    losing = LosesPictures("in-process", stack.session, RESOURCES, stack.url, clock=stack.clock)

    said = newsletter("publish", issue, stack=losing)

    assert said.code == 1
    assert "The stack refused it:" in said.out
    assert "chart.png" in said.out


def test_an_issue_that_goes_out_at_once_is_asked_about(
    newsletter: Command, issue: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    today = (deployment.now() - timedelta(days=1)).date().isoformat()
    issue.write_text(GOOD.replace("date: 2126-01-01", f"date: {today}\nsend: now"))

    said = newsletter("publish", issue, "--no-wait", stack=stack)

    assert (said.code, deployment.app.content.read(f"issues/{NAME}.md")) == (2, None)
    assert "Say --yes." in said.err
    assert newsletter("publish", issue, "--no-wait", "--yes", "--json", stack=stack).json["result"] == "uploaded"


def test_a_stack_that_never_answers_is_waited_for_three_minutes(
    newsletter: Command, issue: Path, stack: StackInProcess
) -> None:
    asleep = StackInProcess("in-process", stack.session, RESOURCES, stack.url, clock=VirtualClock())

    said = newsletter("publish", issue, stack=asleep)

    assert said.code == 1
    assert "nothing came of it within 3 minutes" in said.err


def test_the_issues_are_listed_for_people_and_for_programs(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    assert "There are no issues yet." in newsletter("issues", stack=stack).words
    put(deployment, held=True)

    listed = newsletter("issues", "--json", stack=stack).json

    assert [(each["slug"], each["status"], each["held"]) for each in listed] == [(SLUG, "ready", True)]
    assert f"{SLUG} ready, held More for more" in newsletter("issues", stack=stack).words


def test_the_schedule_names_the_issue_of_each_slot_and_what_was_decided(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    put(deployment, date=deployment.now().date())
    first = deployment.now().date() + timedelta(days=1)
    second, extra = first + timedelta(days=14), first + timedelta(days=3)

    assert newsletter("schedule", "skip", second.isoformat(), stack=stack).code == 0
    said = newsletter("schedule", "extra", extra.isoformat(), stack=stack)

    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert lines[1:4] == [f"{first:%a} {first} 09:00 {SLUG}", f"{extra:%a} {extra} 09:00 extra",
                          f"{second:%a} {second} skipped"]  # fmt: skip
    answer = newsletter("schedule", "--json", stack=stack).json
    assert (len(answer["next"]), answer["skipped"], answer["extra"]) == (26, [second.isoformat()], [extra.isoformat()])
    assert newsletter("schedule", "unskip", second.isoformat(), "--json", stack=stack).json["skipped"] == []
    assert newsletter("schedule", "unextra", extra.isoformat(), "--json", stack=stack).json["extra"] == []
    assert newsletter("schedule", "skip", "tomorrow", stack=stack).code == 2
    refused = newsletter("schedule", "skip", extra.isoformat(), stack=stack)
    assert refused.code == 1
    assert "is no slot; the next slots are" in refused.err


def test_the_schedule_names_an_hour_of_its_own_between_the_slots(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    first = deployment.now().date() + timedelta(days=1)
    hour = WallTime(first + timedelta(days=1), 14, 30)
    put(deployment, date=first, send=SendPolicy.AT, send_at=hour)

    lines = [" ".join(line.split()) for line in newsletter("schedule", stack=stack).out.splitlines()]

    assert lines[1:3] == [f"{first:%a} {first} 09:00", f"{hour.day:%a} {hour.day} 14:30 {SLUG}"]
    (listed,) = newsletter("issues", "--json", stack=stack).json
    assert (listed["send"], listed["send_at"]) == ("at", str(hour))


def test_an_issue_is_approved_held_and_released_by_its_name_or_its_file(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    put(deployment)

    assert "exactly this version" in newsletter("approve", f"issues/{SLUG}.md", "--yes", stack=stack).words
    assert "Held" in newsletter("hold", SLUG, stack=stack).words
    assert "Nothing to do" in newsletter("hold", f"{SLUG}.md", stack=stack).words
    assert "Released" in newsletter("release", SLUG, stack=stack).words

    found = deployment.app.issues.get(SLUG)
    assert found is not None
    assert (found.approved, found.held) == ("a" * 64, False)


def test_what_is_decided_at_the_command_line_is_kept_under_the_name_that_aws_knows(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    put(deployment)
    assert "Nothing was decided" in newsletter("decisions", SLUG, stack=stack).words

    newsletter("hold", SLUG, stack=stack)
    stack.invoke("control", {"action": "release_issue", "slug": SLUG})  # a program that does not say for whom it asks

    held, released = newsletter("decisions", SLUG, "--json", stack=stack).json
    assert (held["verb"], held["by"]) == ("hold", "moto")
    assert (released["verb"], released["by"]) == ("release", "")
    table = newsletter("decisions", f"issues/{SLUG}.md", stack=stack).words
    assert "hold moto" in table
    assert "release an editor" in table


def test_the_link_to_a_preview_page_is_ended_and_replaced(
    newsletter: Command, issue: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    before = preview_page(newsletter("publish", issue, stack=stack).words)

    said = newsletter("preview", "--revoke", NAME, stack=stack)

    assert said.code == 0, said.err
    assert "The link to its preview page has ended." in said.words
    after = preview_page(said.words)
    assert after != before
    assert shown(deployment, after) == 200
    assert shown(deployment, before) == 400
    assert newsletter("preview", "--revoke", "no-such", stack=stack).code == 1


def test_an_approval_needs_somebody_who_says_yes(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    put(deployment)

    assert newsletter("approve", SLUG, stack=stack).code == 2
    assert "approve_issue" not in stack.asked


def test_an_issue_is_withdrawn_after_it_was_said_what_that_means(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    put(deployment, status=IssueStatus.SENDING)
    deployment.put(f"issues/{SLUG}.md", b"text")

    dry = newsletter("withdraw", SLUG, "--dry-run", stack=stack)
    assert (dry.code, dry.out) == (0, "Nothing was changed.\n")
    assert "Its send would be paused" in " ".join(dry.err.split())
    assert newsletter("withdraw", SLUG, stack=stack).code == 2
    assert deployment.app.content.read(f"issues/{SLUG}.md") == b"text"

    assert "Withdrawn" in newsletter("withdraw", SLUG, "--yes", stack=stack).words
    assert deployment.app.content.read(f"issues/{SLUG}.md") is None


def test_a_test_mail_goes_to_one_address_which_is_never_repeated(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    put(deployment)

    said = newsletter("test-send", SLUG, "me@example.org", "--name", "Ada", stack=stack)
    wrong = newsletter("test-send", SLUG, "nobody at example.org", stack=stack)

    (mail,) = deployment.ses.messages(to="me@example.org")
    assert "Dear Ada" in mail["text"]
    assert (said.code, wrong.code) == (0, 1)
    assert not any("example.org" in text for text in (said.out, said.err, wrong.out, wrong.err))


@pytest.mark.parametrize(
    "arguments",
    [["approve", "--yes"], ["hold"], ["release"], ["withdraw", "--yes"], ["send", "books"], ["send", "rehearse", "-y"]],
)
def test_an_issue_that_nobody_knows_is_a_sentence(
    newsletter: Command, stack: StackInProcess, arguments: list[str]
) -> None:
    said = newsletter(*arguments, "2126-01-01-no-such", stack=stack)

    assert said.code == 1
    assert "There is no " in said.err


class Expired(Stack):
    """A stack whose credentials are over."""

    def client(self, service: Any, config: Any = None) -> Any:
        raise ClientError({"Error": {"Code": "ExpiredTokenException", "Message": "arn:aws:iam::1:user/x"}}, "Invoke")


def test_expired_credentials_reach_the_one_place_that_words_them(newsletter: Command, stack: StackInProcess) -> None:
    with pytest.raises(ClientError):
        newsletter("issues", stack=Expired("x", stack.session, RESOURCES, ""))


def test_the_files_that_an_issue_links_to_are_uploaded_with_it_and_listed(
    newsletter: Command, issue: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    (issue.with_suffix("") / "Zahlen 1.csv").write_text("Ort;Zahl\n")
    issue.write_text(GOOD + "\nThe [figures](<Zahlen 1.csv>).\n")

    said = newsletter("publish", issue, stack=stack)

    assert said.code == 0, said.err
    assert f"{issue}: with Zahlen 1.csv (CSV, 1\u00a0KB)" in said.err
    assert deployment.app.content.read(f"issues/{NAME}/Zahlen 1.csv") == b"Ort;Zahl\n"
    (preview,) = previews(deployment)
    assert "Zahlen 1.csv (CSV, 1\u00a0KB)" in preview["text"]
