"""The operations of the API, a method each. Generated from docs/openapi.json by `make documents`."""

from __future__ import annotations

from typing import Literal, cast
from urllib.parse import quote

from fortnightly_client.models import (
    Address,
    AddressFound,
    Because,
    CalendarShown,
    ContentToApprove,
    DayChange,
    DecisionMade,
    DraftSaved,
    DraftShown,
    DraftText,
    HandedInShown,
    HandingIn,
    IssueList,
    IssueShown,
    KeepingOut,
    NewSubscriber,
    Person,
    ReaderDone,
    Report,
    ResultList,
    SendList,
    SendShown,
    SubscriberAdded,
    SubscriberChange,
    SubscriberList,
    SuppressionList,
    TestAsked,
    TestMail,
    ThisKey,
)
from fortnightly_client.transport import Transport


class Operations(Transport):
    """A connection to the API of one stack: a method for each operation."""

    def get_key(
        self,
    ) -> ThisKey:
        """Show what this key may do.

        Takes the right `look`: approver, keeper, owner, writer.
        """
        answered = self.send(
            "GET",
            "/api/v1/key",
        )
        return cast(ThisKey, answered)

    def list_issues(
        self,
        *,
        status: Literal["draft", "ready", "sending", "sent", "paused", "cancelled"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> IssueList:
        """List the issues, the newest date first.

        Takes the right `look`: approver, keeper, owner, writer.
        """
        answered = self.send(
            "GET",
            "/api/v1/issues",
            query={"status": status, "limit": limit, "cursor": cursor},
        )
        return cast(IssueList, answered)

    def get_issue(
        self,
        slug: str,
    ) -> IssueShown:
        """Show one issue.

        Takes the right `look`: approver, keeper, owner, writer.
        """
        answered = self.send(
            "GET",
            f"/api/v1/issues/{quote(slug, safe='')}",
        )
        return cast(IssueShown, answered)

    def approve_issue(
        self,
        slug: str,
        body: ContentToApprove,
        *,
        idempotency_key: str | None = None,
    ) -> DecisionMade:
        """Approve exactly this content of an issue.

        Takes the right `decide`: approver, owner.
        """
        answered = self.send(
            "POST",
            f"/api/v1/issues/{quote(slug, safe='')}/approve",
            body=body,
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(DecisionMade, answered)

    def hold_issue(
        self,
        slug: str,
        *,
        idempotency_key: str | None = None,
    ) -> DecisionMade:
        """Put an issue on hold; if it is going out, its send is paused.

        Takes the right `write`: approver, owner, writer.
        """
        answered = self.send(
            "POST",
            f"/api/v1/issues/{quote(slug, safe='')}/hold",
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(DecisionMade, answered)

    def release_issue(
        self,
        slug: str,
        *,
        idempotency_key: str | None = None,
    ) -> DecisionMade:
        """Take an issue off hold.

        Takes the right `decide`: approver, owner.
        """
        answered = self.send(
            "POST",
            f"/api/v1/issues/{quote(slug, safe='')}/release",
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(DecisionMade, answered)

    def withdraw_issue(
        self,
        slug: str,
        *,
        idempotency_key: str | None = None,
    ) -> DecisionMade:
        """Remove the file of an issue: it is not sent, and leaves the archive.

        Takes the right `decide`: approver, owner.
        """
        answered = self.send(
            "POST",
            f"/api/v1/issues/{quote(slug, safe='')}/withdraw",
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(DecisionMade, answered)

    def mail_test(
        self,
        slug: str,
        body: TestMail,
        *,
        idempotency_key: str | None = None,
    ) -> TestAsked:
        """Mail an issue to one address as a test. The team has twenty of these a day.

        Takes the right `write`: approver, owner, writer.
        """
        answered = self.send(
            "POST",
            f"/api/v1/issues/{quote(slug, safe='')}/test",
            body=body,
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(TestAsked, answered)

    def get_draft(
        self,
        slug: str,
    ) -> DraftShown:
        """Show the text of an issue as somebody would go on writing it.

        Takes the right `write`: approver, owner, writer.
        """
        answered = self.send(
            "GET",
            f"/api/v1/issues/{quote(slug, safe='')}/draft",
        )
        return cast(DraftShown, answered)

    def write_draft(
        self,
        slug: str,
        body: DraftText,
    ) -> DraftSaved:
        """Write a draft. Nobody hears of it, and nothing is published, until it is handed in.

        Takes the right `write`: approver, owner, writer.
        """
        answered = self.send(
            "PUT",
            f"/api/v1/issues/{quote(slug, safe='')}/draft",
            body=body,
        )
        return cast(DraftSaved, answered)

    def hand_in_issue(
        self,
        slug: str,
        body: HandingIn,
        *,
        idempotency_key: str | None = None,
    ) -> HandedInShown:
        """Turn a draft into an issue: its preview is mailed to the editors, and it can be approved.

        Takes the right `write`: approver, owner, writer.
        """
        answered = self.send(
            "POST",
            f"/api/v1/issues/{quote(slug, safe='')}/hand-in",
            body=body,
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(HandedInShown, answered)

    def list_sends(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> SendList:
        """List the sends, the newest issue first.

        Takes the right `look`: approver, keeper, owner, writer.
        """
        answered = self.send(
            "GET",
            "/api/v1/sends",
            query={"limit": limit, "cursor": cursor},
        )
        return cast(SendList, answered)

    def get_send(
        self,
        name: str,
    ) -> SendShown:
        """Show how a send stands, with its books.

        Takes the right `look`: approver, keeper, owner, writer.
        """
        answered = self.send(
            "GET",
            f"/api/v1/sends/{quote(name, safe='')}",
        )
        return cast(SendShown, answered)

    def pause_send(
        self,
        name: str,
        body: Because,
        *,
        idempotency_key: str | None = None,
    ) -> SendShown:
        """Pause a send.

        Takes the right `send`: approver, owner.
        """
        answered = self.send(
            "POST",
            f"/api/v1/sends/{quote(name, safe='')}/pause",
            body=body,
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(SendShown, answered)

    def resume_send(
        self,
        name: str,
        *,
        idempotency_key: str | None = None,
    ) -> SendShown:
        """Let a send go on.

        Takes the right `send`: approver, owner.
        """
        answered = self.send(
            "POST",
            f"/api/v1/sends/{quote(name, safe='')}/resume",
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(SendShown, answered)

    def cancel_send(
        self,
        name: str,
        body: Because,
        *,
        idempotency_key: str | None = None,
    ) -> SendShown:
        """Stop a send for good.

        Takes the right `send`: approver, owner.
        """
        answered = self.send(
            "POST",
            f"/api/v1/sends/{quote(name, safe='')}/cancel",
            body=body,
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(SendShown, answered)

    def get_calendar(
        self,
        *,
        limit: int | None = None,
    ) -> CalendarShown:
        """Show the coming slots, with the issue expected in each.

        Takes the right `look`: approver, keeper, owner, writer.
        """
        answered = self.send(
            "GET",
            "/api/v1/calendar",
            query={"limit": limit},
        )
        return cast(CalendarShown, answered)

    def change_day(
        self,
        body: DayChange,
        *,
        idempotency_key: str | None = None,
    ) -> CalendarShown:
        """Skip a day, add one, or take that back. The same again changes nothing.

        Takes the right `decide`: approver, owner.
        """
        answered = self.send(
            "POST",
            "/api/v1/calendar/days",
            body=body,
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(CalendarShown, answered)

    def list_results(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ResultList:
        """List what became of the issues that went out, the newest first.

        Takes the right `look`: approver, keeper, owner, writer.
        """
        answered = self.send(
            "GET",
            "/api/v1/results",
            query={"limit": limit, "cursor": cursor},
        )
        return cast(ResultList, answered)

    def read_report(
        self,
        name: str,
    ) -> Report:
        """Show the report of a send, or `list_growth`: how the list grew.

        A report is written when a send is closed. Takes the right `look`: approver, keeper, owner, writer.
        """
        answered = self.send(
            "GET",
            f"/api/v1/reports/{quote(name, safe='')}",
        )
        return cast(Report, answered)

    def find_subscriber(
        self,
        body: Address,
    ) -> AddressFound:
        """Find somebody by their exact address. It is posted, so that no address stands in a log.

        Takes the right `people`: keeper, owner.
        """
        answered = self.send(
            "POST",
            "/api/v1/subscribers/find",
            body=body,
        )
        return cast(AddressFound, answered)

    def add_subscriber(
        self,
        body: NewSubscriber,
        *,
        idempotency_key: str | None = None,
    ) -> SubscriberAdded:
        """Add somebody: with evidence of their consent at once, else they are asked by email.

        Takes the right `people`: keeper, owner.
        """
        answered = self.send(
            "POST",
            "/api/v1/subscribers",
            body=body,
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(SubscriberAdded, answered)

    def list_subscribers(
        self,
        *,
        status: Literal["unconfirmed", "confirmed", "unsubscribed"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> SubscriberList:
        """List the readers. Whoever joins while the pages are read may be missing; nobody is on two of them.

        Takes the right `carry`: keeper, owner.
        """
        answered = self.send(
            "GET",
            "/api/v1/subscribers",
            query={"status": status, "limit": limit, "cursor": cursor},
        )
        return cast(SubscriberList, answered)

    def get_subscriber(
        self,
        id: str,
    ) -> Person:
        """Show one reader, and whether the address is suppressed.

        Takes the right `people`: keeper, owner.
        """
        answered = self.send(
            "GET",
            f"/api/v1/subscribers/{quote(id, safe='')}",
        )
        return cast(Person, answered)

    def change_subscriber(
        self,
        id: str,
        body: SubscriberChange,
    ) -> ReaderDone:
        """Change a reader's name, language, tags and rhythm of reading: all of it, or nothing.

        Takes the right `people`: keeper, owner.
        """
        answered = self.send(
            "PATCH",
            f"/api/v1/subscribers/{quote(id, safe='')}",
            body=body,
        )
        return cast(ReaderDone, answered)

    def unsubscribe_subscriber(
        self,
        id: str,
        *,
        idempotency_key: str | None = None,
    ) -> ReaderDone:
        """Take somebody off the list; only they themselves can come back.

        Takes the right `people`: keeper, owner.
        """
        answered = self.send(
            "POST",
            f"/api/v1/subscribers/{quote(id, safe='')}/unsubscribe",
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(ReaderDone, answered)

    def erase_subscriber(
        self,
        id: str,
        *,
        idempotency_key: str | None = None,
    ) -> ReaderDone:
        """Erase all that is held about somebody, but that they must not be mailed.

        Takes the right `people`: keeper, owner.
        """
        answered = self.send(
            "POST",
            f"/api/v1/subscribers/{quote(id, safe='')}/erase",
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(ReaderDone, answered)

    def suppress_subscriber(
        self,
        id: str,
        body: KeepingOut,
        *,
        idempotency_key: str | None = None,
    ) -> ReaderDone:
        """Never mail this address again, whoever signs it up.

        The id is what `find_subscriber` returned, with or without a record. Takes the right `people`: keeper,
        owner.
        """
        answered = self.send(
            "POST",
            f"/api/v1/subscribers/{quote(id, safe='')}/suppress",
            body=body,
            idempotency_key=idempotency_key,
            named=True,
        )
        return cast(ReaderDone, answered)

    def list_suppressions(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> SuppressionList:
        """List the addresses that must not be mailed, by the ids of their readers.

        Takes the right `carry`: keeper, owner.
        """
        answered = self.send(
            "GET",
            "/api/v1/suppressions",
            query={"limit": limit, "cursor": cursor},
        )
        return cast(SuppressionList, answered)
