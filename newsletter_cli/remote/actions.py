"""The actions of `control` that the API has a way for: what is asked of it, and its answer as `control` writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from newsletter_cli.backend import WITH_AWS
from newsletter_cli.problems import CommandError, UsageError

if TYPE_CHECKING:
    from fortnightly_client import Client
    from fortnightly_client.models import CalendarShown, DayChange, DecisionMade, IssueLine, SendShown

Action = Callable[["Client", Mapping[str, Any]], dict[str, Any]]

NEWEST = 60
"""Issues that are listed where nobody says how many, as `control` does."""

MOST_OF_A_PAGE = 100
SLOTS = 26
"""A year of fortnights."""

GONE_OUT = ("sent", "cancelled")


def _issues(client: Client, request: Mapping[str, Any]) -> dict[str, Any]:
    number = int(request.get("number", NEWEST))
    pages = client.each(client.list_issues, limit=min(number, MOST_OF_A_PAGE))
    lines: list[IssueLine] = list(islice(pages, number))
    books = _books(client, {line["slug"] for line in lines if line["status"] in GONE_OUT})
    return {"issues": [{**line, "books": books.get(line["slug"])} for line in lines]}


def _books(client: Client, slugs: set[str]) -> dict[str, dict[str, int]]:
    """Return the books in short of issues that went out; of one that was never mailed there are none."""
    found, missing = dict[str, dict[str, int]](), set(slugs)
    results = client.each(client.list_results, limit=min(len(slugs), MOST_OF_A_PAGE)) if slugs else []
    for result in results:
        if result["slug"] in missing and result["audience"]:
            found[result["slug"]] = {what: result[what] for what in ("audience", "sent", "skipped", "failed")}
        missing.discard(result["slug"])
        if not missing:
            break
    return found


def _issue(client: Client, request: Mapping[str, Any]) -> dict[str, Any]:
    shown = client.get_issue(request["slug"])
    beside = {name: value for name, value in shown.items() if name not in ("issue", "when")}
    return {**shown["issue"], **beside, "preview_url": "", "outlook": shown["when"]}


def _decided(made: DecisionMade) -> dict[str, Any]:
    return {"slug": made["slug"], "outcome": made["outcome"], "content": made["content_hash"]}


def _approve(client: Client, request: Mapping[str, Any]) -> dict[str, Any]:
    return _decided(client.approve_issue(request["slug"], {"content_hash": request["content"]}))


def _test(client: Client, request: Mapping[str, Any]) -> dict[str, Any]:
    if request.get("language"):
        raise UsageError(f"The API mails a test in every language of the issue. {WITH_AWS}")
    asked = client.mail_test(request["slug"], {"email": request["email"], "name": request.get("name", "")})
    return {"slug": asked["slug"], "languages": []}


def _send(shown: SendShown) -> dict[str, Any]:
    missed = shown["missed"]
    sent = shown["books"]["sent"]
    reach = {
        "reached": sent,
        "possible": sent + sum(each["readers"] for each in missed),
        "missed": missed,
        "perhaps_twice": shown["books"]["perhaps_twice"],
    }
    return {name: value for name, value in shown.items() if name != "missed"} | {"reach": reach}


def _slots(calendar: CalendarShown) -> dict[str, Any]:
    slots, decided = calendar["slots"][:SLOTS], [*calendar["skipped"], *calendar["extra"]]
    return {
        "next": [each["at"] for each in slots],
        "issues": {each["at"]: each["issue"] for each in slots if each["issue"]},
        "hours": {each["issue"]: each["at"] for each in calendar["hours"]},
        "skipped": [each["day"] for each in calendar["skipped"]],
        "extra": [each["day"] for each in calendar["extra"]],
        "reasons": {each["day"]: each["because"] for each in _by_day(decided) if each["because"]},
    }


def _by_day(decided: Iterable[Any]) -> list[Any]:
    return sorted(decided, key=lambda each: str(each["day"]))


def _change_day(change: str) -> Action:
    def changed(client: Client, request: Mapping[str, Any]) -> dict[str, Any]:
        body = {"day": request["day"], "change": change, "because": request.get("because", "")}
        return _slots(client.change_day(cast("DayChange", body)))

    return changed


def _report(_: Client, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return no address of a page: the desk has the reports, and a link to one is mailed."""
    if request.get("fresh"):
        raise CommandError(f"The API has reports as they were written, and no fresh ones. {WITH_AWS}")
    return {"url": "", "fresh_on_its_way": False}


ACTIONS: dict[str, Action] = {
    "issues": _issues,
    "issue": _issue,
    "approve_issue": _approve,
    "hold_issue": lambda client, request: _decided(client.hold_issue(request["slug"])),
    "release_issue": lambda client, request: _decided(client.release_issue(request["slug"])),
    "withdraw_issue": lambda client, request: _decided(client.withdraw_issue(request["slug"])),
    "test": _test,
    "status": lambda client, request: _send(client.get_send(request["slug"])),
    "pause": lambda client, request: _send(client.pause_send(request["slug"], {"because": request["because"]})),
    "resume": lambda client, request: _send(client.resume_send(request["slug"])),
    "cancel": lambda client, request: _send(client.cancel_send(request["slug"], {"because": request["because"]})),
    "slots": lambda client, _: _slots(client.get_calendar(limit=SLOTS)),
    **{change: _change_day(change) for change in ("skip", "unskip", "extra", "unextra")},
    "report": _report,
}
"""By the names that `control` has for them."""
