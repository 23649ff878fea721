"""The demo: a fortnight of the newsletter in a minute, on this machine, with links to look around.

`python -m local.demo` stays up until Ctrl-C; with `--once` it checks the story's end and exits 0 or 1.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from local.emulator import aws_client
from local.package import read_template
from local.process import NO_TLS, ROOT, forget_account
from local.reader import Inbox, Reader, StoryFailedError, upload, wait_for
from local.stack import HOME, PROBLEMS, Stack, end_on_signals, running, stay
from newsletter.core.slot import Rhythm
from newsletter.core.time_zones import time_zone
from newsletter.issues.writing.front_matter import parse_issue
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.domain.books import Books, tally

SAMPLES = ROOT / "samples" / "issues"
BRAND = ROOT / "samples" / "settings" / "brand.yaml"

READERS = ["Amara Okafor", "Bronwen Rees", "Chidi Eze", "Dara Singh", "Elif Aydin", "Farid Haddad"]
"""They confirm, and get the issue."""

FORGETFUL = "Greta Lindqvist"
"""She signs up and never presses the button."""

LEAVING = "Hugo Marchetti"
"""He confirms and leaves again before the issue goes out."""

LEAVING_BY_MAIL = "Ines Duarte"
"""She confirms too, and leaves by a mail to the address in List-Unsubscribe."""


def say(line: str) -> None:
    """Print at once, also into a pipe."""
    print(line, flush=True)


def tell(where: Mapping[str, Any], issue: Path) -> Books:
    """Tell the story on a running stack, and return the books of its send.

    Raises:
        StoryFailedError: Something a reader or an editor may expect did not happen.
    """
    inbox = Inbox(where["inbox_url"])
    readers = [_reader(name, where, inbox) for name in READERS]
    forgetful, leaving = _reader(FORGETFUL, where, inbox), _reader(LEAVING, where, inbox)
    by_mail = _reader(LEAVING_BY_MAIL, where, inbox)

    say(f"\n{len(READERS) + 3} people fill in the form at {where['url']}/subscribe/")
    with ThreadPoolExecutor(2) as crowd:
        for answer in crowd.map(Reader.sign_up, [*readers, forgetful, leaving, by_mail]):
            _expect(answer, 303, "the sign-up form")
        _robots(where, inbox)
        list(crowd.map(Reader.confirm, [*readers, leaving, by_mail]))
    say("  a robot and a mistyped address are turned away; nobody is on the list before pressing a button")
    leaving.leave()
    by_mail.leave_by_mail(where["ses_endpoint"])
    wait_for("the mail to be honoured", lambda: _has_left(by_mail, where))
    say(f"  {len(READERS) + 2} confirm, one never does, one leaves again with one click, and one by email")

    slug = issue.stem
    say(f"\nAn editor uploads {issue.relative_to(ROOT)}")
    upload(where, issue)
    preview = _preview_page(where, slug)
    _expect(httpx.get(preview, timeout=30, verify=NO_TLS), 200, "the preview page")
    say(f"  the editors have a preview in {where['inbox_url']}")
    say(f"  the page, for those who have its address, is at {preview}")
    page = f"{where['url']}/issues/{slug}/"
    _expect(httpx.get(page, verify=NO_TLS), 404, "the issue's page before its send")

    slot = _slot(parse_issue(slug, issue.read_bytes()).date)
    say(f"\nThe clock strikes {slot:%A %d %B %Y, %H:%M}")
    started = time.monotonic()
    _fire(where, slot)
    books = _closed_books(where, slug)
    say(f"  the send is closed after {time.monotonic() - started:.1f} s")
    _expect(httpx.get(page, verify=NO_TLS), 200, "the issue's page after its send")
    say(f"  its page is public at {page}")
    say(f"  {describe(books)}")
    return books


def describe(books: Books) -> str:
    """Return the balance as a line: audience = sent + skipped + failed."""

    def part(word: str, reasons: dict[str, int]) -> str:
        why = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        return f"{sum(reasons.values())} {word}" + (f" ({why})" if why else "")

    parts = [f"{books.sent} sent", part("skipped", books.skipped), part("failed", books.failed)]
    verdict = "balanced" if books.balanced else f"NOT balanced, {books.waiting} waiting, {books.unknown} unknown"
    return f"the books: audience {books.audience} = {' + '.join(parts)}: {verdict}"


def differences(expected: Sequence[str], delivered: Sequence[str]) -> list[str]:
    """Return a sentence for everybody who did not get exactly the one message they should have."""
    counted = Counter(delivered)
    return [f"{email} got {counted[email]} messages instead of one" for email in expected if counted[email] != 1] + [
        f"{email} got {count} messages and is not on the list"
        for email, count in sorted(counted.items())
        if email not in expected
    ]


def check(where: Mapping[str, Any], slug: str, books: Books) -> None:
    """Compare the inbox with the people of the story.

    Raises:
        StoryFailedError: Somebody got too much or too little, or the books do not say what the inbox shows.
    """
    inbox = Inbox(where["inbox_url"])
    expected = [_reader(name, where, inbox).email for name in READERS]
    delivered = inbox.recipients_of(slug)
    wrong = differences(expected, delivered)
    if not books.balanced:
        wrong.append("the books do not balance")
    if (books.audience, books.sent) != (len(expected), len(expected)):
        wrong.append(f"the books say audience {books.audience}, sent {books.sent}; there are {len(expected)} readers")
    if wrong:
        raise StoryFailedError("; ".join(wrong))


def _reader(name: str, where: Mapping[str, Any], inbox: Inbox) -> Reader:
    return Reader(f"{name.split()[0].lower()}@example.org", name, where["url"], inbox)


def _has_left(reader: Reader, where: Mapping[str, Any]) -> bool:
    dynamodb = aws_client("dynamodb", where["aws_endpoint"])
    everybody = dynamodb.scan(TableName=where["tables"]["subscribers"], ConsistentRead=True)["Items"]
    return "unsubscribed" in [each["status"]["S"] for each in everybody if each["email"]["S"] == reader.email]


def _robots(where: Mapping[str, Any], inbox: Inbox) -> None:
    robot = Reader("robot@example.org", "Robot", where["url"], inbox)
    _expect(robot.sign_up(reference="cheap pills"), 303, "the form, filled in by a robot")
    _expect(Reader("not an address", "Ivo", where["url"], inbox).sign_up(), 422, "the form with a bad address")


def _expect(answer: httpx.Response, status: int, what: str) -> None:
    if answer.status_code != status:
        raise StoryFailedError(f"{what} answered {answer.status_code} instead of {status}")


def _preview_page(where: Mapping[str, Any], slug: str) -> str:
    """Wait for the editors' preview, and return the address of the page that it leads to."""
    inbox, address = Inbox(where["inbox_url"]), re.compile(re.escape(f"{where['url']}/preview/{slug}.") + r"[^\s?\"]*")

    def found() -> str:
        mails = inbox.messages(to=_template_default("EditorEmail"), subject="[Preview]")
        return next((match[0] for mail in mails if (match := address.search(mail["text"]))), "")

    return wait_for("the editors' preview", found)


@cache
def _template_default(parameter: str) -> str:
    return str(read_template(ROOT / "template.yaml")["Parameters"][parameter]["Default"])


def _slot(cover_date: date) -> datetime:
    """Return the first slot on which an issue with this cover date can go out."""
    rhythm = Rhythm(
        anchor=date.fromisoformat(_template_default("AnchorDate")),
        time_zone=time_zone(_template_default("TimeZone")),
    )
    return rhythm.next_slot_on_or_after(cover_date, now=datetime.now(UTC))


def _fire(where: Mapping[str, Any], slot: datetime) -> None:
    """Do what EventBridge Scheduler does at the slot."""
    functions = aws_client("lambda", where["aws_endpoint"])
    payload = {"scheduled_time": slot.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    answer = functions.invoke(FunctionName=where["functions"]["schedule"], Payload=json.dumps(payload).encode())
    if "FunctionError" in answer:
        raise StoryFailedError(f"the schedule function failed: {answer['Payload'].read().decode()}")


def _closed_books(where: Mapping[str, Any], slug: str) -> Books:
    dynamodb = aws_client("dynamodb", where["aws_endpoint"])
    sends = DynamoSends(dynamodb, where["tables"]["sends"])

    def closed() -> Books | None:
        send = sends.get(slug)
        return send.books if send else None

    try:
        return wait_for("the send to close its books", closed, seconds=60)
    except StoryFailedError as problem:
        raise StoryFailedError(f"{problem}; as it stands, {describe(tally(sends.batches(slug)))}") from problem


def _dress(where: Mapping[str, Any]) -> None:
    """Give the newsletter words and looks of its own, as a publisher does before the first issue."""
    say(f"\nThe publisher uploads {BRAND.relative_to(ROOT)}: the newsletter's own words and looks")
    s3 = aws_client("s3", where["aws_endpoint"])
    s3.put_object(Bucket=where["content_bucket"], Key="settings/brand.yaml", Body=BRAND.read_bytes())


def _epilogue(where: Mapping[str, Any], stack: Stack) -> None:
    say(f"""
Look around:
  archive   {where["url"]}/
  sign up   {where["url"]}/subscribe/    (your own mail arrives in the inbox)
  desk      {where["url"]}/desk/         (sign in as {_template_default("EditorEmail")}; the link is in the inbox)
  inbox     {where["inbox_url"]}
  logs      {stack.home / "logs"}
Ctrl-C stops everything.""")


def main() -> int:
    """Start the stack, tell the story, then stay or check."""
    parser = argparse.ArgumentParser(prog="python -m local.demo", description="A fortnight in a minute.")
    parser.add_argument("--once", action="store_true", help="check the end of the story and exit")
    parser.add_argument("--home", type=Path, default=HOME, help="folder for logs and stack.json (default: .local)")
    given = parser.parse_args()
    forget_account()
    end_on_signals()
    started = time.monotonic()
    say("Starting: AWS emulator, SES simulator, front door; the real template.yaml, permissions enforced")
    try:
        with running(given.home) as (stack, where):
            say(f"  up after {time.monotonic() - started:.1f} s")
            _dress(where)
            issue = min(SAMPLES.glob("*.md"))
            books = tell(where, issue)
            if given.once:
                check(where, issue.stem, books)
                say("Every confirmed reader got exactly one message, and nobody else got any.")
                return 0
            _epilogue(where, stack)
            stay(stack)
    except KeyboardInterrupt:
        say("\nStopped; nothing is left running.")
        return 0
    except StoryFailedError as problem:
        say(f"The story broke off: {problem}. The functions' logs are in {given.home / 'logs'}")
    except PROBLEMS as problem:
        say(f"The stack failed: {problem}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
