"""The Monday test: from a Word document and a PDF to "approved", by two people, in two browsers and without a terminal.

It has a stack of its own: whoever handed an issue in may not approve it here, and both come to the desk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic

import pytest
from playwright.sync_api import Browser, expect

from local.reader import wait_for
from local.stack import running
from newsletter.core.team import Role
from newsletter.desk.adapters.dynamo_members import DynamoMembers
from newsletter.desk.domain.member import Member
from newsletter.desk.domain.plain_mail import plain_mail
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from newsletter.issues.adapters.s3_content import S3Content
from newsletter.issues.domain.issue_record import IssueRecord
from tests.browser.desk_writing import Desk, owner_of, sign_in
from tests.browser.test_desk_write import PNG
from tests.issues import word
from tests.laptop import Laptop

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

DIRECTOR = "director@example.org"
TITLE = "The Monday issue"
PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
PATIENCE = 60_000

MOST_LOADS, MOST_SECONDS = (5, 2), 90
"""Page loads of each of the two, and seconds of the machine: typing and reading are not counted."""


@pytest.fixture(scope="module")
def careful(no_account: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:  # noqa: ARG001 - environment
    """A stack on which nothing goes out that not somebody else approved."""
    home = tmp_path_factory.mktemp("monday")
    with running(home, {"RequireApproval": "another"}) as (_, where):
        yield Laptop(home, where)


def report() -> bytes:
    """Return a Word document with three headings, a table and two pictures."""
    return word.document(
        word.paragraph(word.run("What the council decided"), style="Heading1"),
        word.paragraph(word.run("The council met on Monday and decided three things that concern every street.")),
        word.paragraph(word.run("Bridges"), style="Heading2"),
        word.table(("Bridge", "Opens"), ("Old bridge", "May"), ("New bridge", "June")),
        word.paragraph(word.picture("one", "The old bridge at dawn")),
        word.paragraph(word.run("Ferries"), style="Heading2"),
        word.paragraph(word.run("The ferry leaves at nine, and the boat of the night leaves at eleven.")),
        word.paragraph(word.picture("two", "The ferry at its landing")),
        relations={
            "one": ("image", "media/image1.png", False),
            "two": ("image", "media/image2.png", False),
        },
        parts={"word/media/image1.png": PNG, "word/media/image2.png": PNG + b"\0"},
    )


def both_at_the_desk(chromium: Browser, stack: Laptop) -> tuple[Desk, Desk]:
    """Sign in both, the second on a phone: a session lasts for half a day, and longer than an issue takes."""
    owner, now = owner_of(stack), datetime.now(UTC)
    members = DynamoMembers(stack.client("dynamodb"), stack.where["tables"]["team"], [])
    members.put(Member(owner, "", frozenset({Role.OWNER}), added_at=now))
    members.put(Member(DIRECTOR, "Dee Director", frozenset({Role.APPROVER}), added_at=now))
    phone = {"viewport": {"width": 375, "height": 700}, "is_mobile": True, "has_touch": True}
    desks = Desk(chromium.new_context(locale="en-GB"), stack.url), Desk(chromium.new_context(**phone), stack.url)  # type: ignore[arg-type]
    for desk, email in zip(desks, (owner, DIRECTOR), strict=True):
        page = desk.context.new_page()
        sign_in(page, stack, email)
        page.close()
        desk.loads.clear()
    return desks


def test_from_a_word_document_to_approved(chromium: Browser, careful: Laptop) -> None:
    stack = careful
    first, second = both_at_the_desk(chromium, stack)
    issues = DynamoIssues(stack.client("dynamodb"), stack.where["tables"]["issues"])
    began = monotonic()

    page, slug = first.begin(TITLE)
    text = page.locator("#desk-text")
    text.fill("")
    for name, kind, body, words in (
        ("Report.docx", "application/octet-stream", report(), "Ferries"),
        ("Plan.pdf", "application/pdf", PDF, "(plan.pdf)"),
    ):
        text.press("Control+End")
        page.keyboard.type("\n\n")
        page.locator("#desk-file").set_input_files({"name": name, "mimeType": kind, "buffer": body})
        expect(text).to_have_value(re.compile(re.escape(words)), timeout=PATIENCE)
    page.get_by_label("Summary").fill("Two bridges, one ferry, and the plan.")
    expect(page.locator("#desk-status")).to_contain_text("Saved", timeout=PATIENCE)
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url("**/?done=handed_in", timeout=PATIENCE)

    def announced() -> IssueRecord | None:
        found = issues.get(slug)
        return found if found and found.announced else None

    record = wait_for("the preview of the issue", announced, seconds=90)
    phone = second.context.new_page()
    phone.goto(f"{stack.url}/desk/issues/{slug}/")
    expect(phone.locator("main")).to_contain_text(TITLE)
    phone.get_by_role("button", name="Approve").click()
    expect(phone.locator("main")).to_contain_text("Approved. This version may be sent.", timeout=PATIENCE)
    seconds = monotonic() - began

    approved = issues.get(slug)
    assert approved is not None
    assert approved.approved == approved.content_hash == record.content_hash
    assert approved.uploaded_by == owner_of(stack)
    print(f"machine: {seconds:.1f} s; pages: {first.loads} and {second.loads}")
    loads = len(first.loads), len(second.loads)
    as_approved = the_text(stack, slug, approved.approved)
    for words in (
        "What the council decided",
        "Bridges",
        "Ferries",
        "New bridge",
        "plan.pdf",
        "The ferry leaves at nine",
    ):
        assert words in as_approved, words

    page.goto(f"{stack.url}/desk/issues/{slug}/")
    page.locator("#desk-to").select_option(index=0)
    page.get_by_role("button", name="Send a test").click()
    mail = wait_for("the test", lambda: stack.inbox.messages(**{"tag.kind": "test"}), seconds=60)[0]
    assert " ".join(mail["text"].split()) == as_approved
    assert (first.complaints, second.complaints) == ([], [])
    assert loads[0] <= MOST_LOADS[0]
    assert loads[1] <= MOST_LOADS[1]
    assert seconds <= MOST_SECONDS


def the_text(stack: Laptop, slug: str, content_hash: str) -> str:
    """Return the email of exactly this content, as a test of it reads."""
    rendered = S3Content(stack.client("s3"), stack.where["content_bucket"]).rendered(slug, content_hash)
    return " ".join(plain_mail(rendered, stack.preview_page(slug)).text.split())
