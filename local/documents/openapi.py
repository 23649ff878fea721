"""docs/openapi.json: the routes from the handlers themselves, their words from here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from local.documents.api_description import ABOUT_THE_API, TAG, api_components, api_paths
from local.process import ROOT
from newsletter.readers.domain.preferences import PreferencesAction

FILE = ROOT / "docs" / "openapi.json"
JSON, HTML, FORM, MULTIPART = (
    "application/json",
    "text/html",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
)


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


def _object(required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required or [], "properties": properties}


STATUS = _object(["status"], status=_text("What was done, in one word."))
SIGNED_UP = _object(
    ["status"],
    status=_text("What was done, in one word."),
    late={"type": "boolean", "description": "There and true while no email can leave: it may take until tomorrow."},
    suggestion=_text("The address that was probably meant; there if the domain is one slip away from a popular one."),
)
ERROR = _object(["error"], error=_text("What is wrong and what to do about it, as a sentence."))
ERRORS = _object(["errors"], errors={"type": "object", "additionalProperties": {"type": "string"}})
REPORT = _object(
    ["version", "made_at"],
    version={"type": "integer", "description": "Counted on when a field changes its meaning."},
    made_at=_text("When it was written.", format="date-time"),
)
PAGE: dict[str, Any] = {}
"""An answer that is a page, also for programs."""
EMAIL = _text("The mailbox.", format="email", maxLength=254)
HELD = _object(
    [],
    subscriber={"type": "object", "description": "Everything held about the reader; behind a fresh link."},
    status=_text("Behind any other link: which page it is."),
)


FIELDS = {
    "type": "object",
    "description": "What the publisher asks besides, by key (settings/fields.yaml). In a form each is a field of its"
    " own, `field.<key>` or the bare key. What is wrong with one is told under `field.<key>`.",
    "additionalProperties": {"type": ["string", "boolean", "null"]},
}


def _token(whose: str) -> dict[str, Any]:
    return {
        "name": "token",
        "in": "query",
        "required": False,
        "description": f"The signed link {whose}.",
        "schema": {"type": "string"},
    }


def _query(name: str, description: str) -> dict[str, Any]:
    return _token("") | {"name": name, "description": description}


def _part(name: str, description: str) -> dict[str, Any]:
    return _query(name, description) | {"in": "path", "required": True}


IN_A_PREVIEW = _part("signed", "The signed address in a preview email.")
HOLD_QUERY = [
    _query("lane", "`fast` or `slow`: whether those who wait brought a proof of work."),
    _query("since", "When the hold began that the link speaks of."),
]
VOTE_QUERY = [
    _token("under an issue"),
    _query("issue", "The slug."),
    _query("answer", "The button that looks pressed: `yes` or `no`."),
]
PAUSE = _text("A date such as 2026-12-31; at most a year from now is recorded.")
LEAVING_ACTION = _text(
    "Nothing leaves; so does anything else.", examples=["undo", "reason", "pause", "resume"], default=""
)
WORDS: dict[tuple[str, str], dict[str, Any]] = {
    ("post", "/subscriptions"): {
        "summary": "Sign up. The answer is the same for every valid address.",
        "fields": _object(
            ["email"],
            email=EMAIL,
            name=_text("How the reader likes to be called.", maxLength=80),
            source=_text("The page that the form stands on.", maxLength=200),
            lang=_text("Language of the mails; that of the browser if it is missing.", examples=["en", "cy"]),
            altcha=_text("The solved challenge; without one a sign-up takes the slow lane."),
            fields=FIELDS,
            meant=_text("`yes`, from the page that asks whether another address was meant: it is not asked again."),
            website=_text("For robots. Whoever fills it in gets the same answer, and nothing is stored."),
        ),
        "answers": {"200": PAGE, "202": SIGNED_UP, "303": None, "400": ERROR, "422": ERRORS, "503": ERROR},
        "tag": "Readers",
    },
    ("get", "/challenge"): {
        "summary": "A puzzle for the sign-up form (ALTCHA, version 1), good for one sign-up within 20 minutes.",
        "answers": {
            "200": _object(
                ["algorithm", "challenge", "maxnumber", "salt", "signature"],
                algorithm=_text("The hash function."),
                challenge=_text("The hash to find the number of."),
                maxnumber={"type": "integer", "description": "No number is larger."},
                salt=_text("What stands before the number, with the moment of expiry."),
                signature=_text("That the puzzle is ours."),
            )
        },
        "json_only": True,
        "tag": "Readers",
    },
    ("get", "/confirm"): {
        "summary": "A page with a button. Changes nothing.",
        "parameters": [_token("in a confirmation mail")],
        "answers": {"200": STATUS, "400": ERROR, "503": ERROR},
        "tag": "Readers",
    },
    ("post", "/confirm"): {
        "summary": "Confirm. Pressing twice is pressing once.",
        "parameters": [_token("in a confirmation mail")],
        "answers": {"200": STATUS, "400": ERROR, "503": ERROR},
        "tag": "Readers",
    },
    ("get", "/unsubscribe"): {
        "summary": "A page with buttons; without a token one that asks for the address. Changes nothing.",
        "parameters": [_token("in the footer and the headers of every issue")],
        "answers": {"200": STATUS, "400": ERROR, "503": ERROR},
        "tag": "Readers",
    },
    ("post", "/unsubscribe"): {
        "summary": "Leave: the page's button, and one-click unsubscribing by mail programs (RFC 8058).",
        "parameters": [_token("in the footer and the headers of every issue")],
        "fields": _object(
            [],
            action=LEAVING_ACTION,
            reason=_text("With `reason`.", enum=["too_many", "not_relevant", "never_signed_up", "other"]),
            pause_until=PAUSE,
            email=_text("Without a token: the mailbox that gets the link to leave.", format="email"),
            **{"List-Unsubscribe": _text("What mail programs send.", examples=["One-Click"])},
        ),
        "answers": {"200": STATUS, "400": ERROR, "422": ERRORS, "503": ERROR},
        "tag": "Readers",
    },
    ("get", "/preferences"): {
        "summary": "The reader's own page: a pause by any link; by a fresh one everything held about them, with "
        "`format=json` as a file. Without a token one that asks for the address. Changes nothing.",
        "parameters": [
            _token("in the footer of every issue, or in a mail with a fresh link, which works for an hour"),
            {
                "name": "format",
                "in": "query",
                "description": "`json` downloads everything.",
                "schema": {"type": "string", "enum": ["json"]},
            },
        ],
        "answers": {"200": HELD, "400": ERROR, "403": ERRORS, "503": ERROR},
        "tag": "Readers",
    },
    ("post", "/preferences"): {
        "summary": "Pause, or have a fresh link mailed; by that link change what is held, move, or be forgotten.",
        "parameters": [_token("in the footer of every issue, or in a mail with a fresh link")],
        "fields": _object(
            ["action"],
            action=_text("What to do.", enum=[str(each) for each in PreferencesAction]),
            name=_text("With `save`.", maxLength=80),
            lang=_text("With `save`."),
            topic=_text("With `save`, once for each topic that the reader wants."),
            fields=FIELDS,
            topics_shown=_text("With `save`: the form had boxes for topics, and those not named are muted."),
            pause_until=PAUSE,
            new_email=_text("With `change_email`; confirmed from the new mailbox.", format="email"),
            sure=_text("With `erase`: `yes`."),
            email=_text("Without a token: the mailbox that gets a fresh link.", format="email"),
        ),
        "answers": {"200": _object([]), "400": ERROR, "403": ERRORS, "422": ERRORS, "503": ERROR},
        "tag": "Readers",
    },
    ("get", "/vote"): {
        "summary": '"Was this useful?", with two buttons. Changes nothing.',
        "parameters": VOTE_QUERY,
        "answers": {"200": STATUS, "400": ERROR, "503": ERROR},
        "tag": "Readers",
    },
    ("post", "/vote"): {
        "summary": "Count the answer. Each link counts once; the first answer stands.",
        "parameters": VOTE_QUERY,
        "fields": _object(
            ["answer"],
            answer=_text("What was pressed.", enum=["yes", "no"]),
            reference=_text("For robots. Whoever fills it in gets the same answer, and nothing is counted."),
        ),
        "answers": {"200": STATUS, "400": ERROR, "503": ERROR},
        "tag": "Readers",
    },
    ("get", "/decide"): {
        "summary": "What an editors' link would do, with a button. Changes nothing.",
        "parameters": [_token("in a preview")],
        "answers": {"200": STATUS, "400": ERROR, "503": ERROR},
        "tag": "Editors",
    },
    ("post", "/decide"): {
        "summary": "Approve, hold, release or withdraw the issue that the link speaks of.",
        "parameters": [_token("in a preview")],
        "answers": {"200": STATUS, "400": ERROR, "409": STATUS, "503": ERROR},
        "tag": "Editors",
    },
    ("get", "/release"): {
        "summary": "Where a hold of confirmations stands, with a button that ends it. Changes nothing.",
        "parameters": [_token("in an email about a hold"), *HOLD_QUERY],
        "answers": {"200": STATUS, "400": ERROR, "503": ERROR},
        "tag": "Editors",
    },
    ("post", "/release"): {
        "summary": "End the hold of confirmations that the link speaks of.",
        "parameters": [_token("in an email about a hold"), *HOLD_QUERY],
        "answers": {"200": STATUS, "400": ERROR, "409": STATUS, "503": ERROR},
        "tag": "Editors",
    },
    ("get", "/report"): {
        "summary": "The report of an issue, or how the list has grown. Reads, and changes nothing.",
        "parameters": [
            _token("in a report"),
            _query("issue", "The slug, or the name of a rehearsal."),
            _query("growth", "Anything, in place of an issue: how the list has grown."),
            _query("format", "`json`, for a browser that cannot ask for it otherwise."),
        ],
        "answers": {"200": REPORT, "400": ERROR, "404": ERROR, "503": ERROR},
        "tag": "Editors",
    },
    ("get", "/preview/{signed}"): {
        "summary": "The page of an issue before it is public; with a name behind it, a file of that issue. Only reads.",
        "parameters": [IN_A_PREVIEW],
        "answers": {"200": PAGE, "303": None, "400": ERROR, "503": ERROR},
        "tag": "Editors",
    },
}
"""By method and path. A route of a handler without words, or words without a route, is an error of `described`."""

MEANING = {
    "200": "Done, or shown.",
    "202": "A mail with a button is on its way, to whom it may be.",
    "303": "Elsewhere: for a form the page of thanks, for a file where it can be had.",
    "400": "A link or a form that cannot be used; nothing was changed.",
    "403": "The link may not do this; nothing was changed. Have a fresh one mailed to the address.",
    "404": "It is not written yet.",
    "409": "The issue was replaced, is too late or gone; nothing was changed.",
    "422": "A field cannot be what it says; nothing was changed.",
    "503": "A part of the system is busy; nothing was changed, try again in a minute.",
}

DECIDE_QUERY = [
    {"name": name, "in": "query", "required": True, "description": what, "schema": {"type": "string"}}
    for name, what in (
        ("do", "`approve`, `hold`, `release` or `withdraw`."),
        ("issue", "The slug."),
        ("content", "The hash of the content that the link speaks of."),
    )
]


FOR_PEOPLE_ONLY = ("/desk", "/comment")
"""The desk is not for programs: its forms take a cookie and a token out of its own pages. Programs ask `control`.
Nor is the page on which somebody comments, who was sent a link."""


NAMED_PART = re.compile(r"<(\w+)>")


def routes() -> Iterator[tuple[str, str]]:
    """Yield method and path of every route that programs may use; HEAD is GET without a body, and left out."""
    for handler in sorted((ROOT / "functions").glob("*/handler.py")):
        http = getattr(import_module(f"functions.{handler.parent.name}.handler"), "http", None)
        if http is None:
            continue
        for method, rule in http.resolver.rules():
            path = NAMED_PART.sub(r"{\1}", rule)
            if method != "HEAD" and not path.startswith(FOR_PEOPLE_ONLY):
                yield method.lower(), path.rstrip("/")


def described() -> dict[str, Any]:
    """Return the description of the API.

    Raises:
        ValueError: A route has no words here, or words no route.
    """
    # An address that also ends in a slash counts once, and so does one with all that the gateway passes on below it.
    there = {(method, path) for method, path in routes() if not path.startswith("/preview/{signed}/")}
    if there != set(WORDS):
        raise ValueError(f"routes and words differ: {sorted(there ^ set(WORDS))}; see local.documents.openapi.py")
    paths: dict[str, Any] = {}
    for (method, path), words in WORDS.items():
        paths.setdefault(path, {})[method] = _operation(method, path, words)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fortnightly",
            "version": "1",
            "license": {"name": "MIT", "identifier": "MIT"},
            "description": "Pages for people, JSON for programs: to `Accept: application/json` without `text/html`, or"
            f" to a JSON body. No GET changes anything. {ABOUT_THE_API} Generated from the handlers.",
        },
        "servers": [{"url": "https://briefing.example.org", "description": "The output ArchiveUrl of your stack."}],
        "tags": [
            {"name": "Readers", "description": "Signing up, leaving, and everything between."},
            {"name": "Editors", "description": "What the links in their mails lead to."},
            {"name": TAG, "description": "What a program with a key may ask for."},
        ],
        "paths": paths | api_paths(),
        "components": api_components(),
    }


def _operation(method: str, path: str, words: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{method}_{path.split('/')[1]}",
        "summary": words["summary"],
        "tags": [words["tag"]],
        "responses": {status: _answer(status, schema, words) for status, schema in words["answers"].items()},
    }
    parameters = words.get("parameters", []) + (DECIDE_QUERY if path == "/decide" else [])
    if parameters:
        operation["parameters"] = parameters
    if "fields" in words:
        schema = {"schema": words["fields"]}
        required = bool(words["fields"]["required"])
        operation["requestBody"] = {"required": required, "content": dict.fromkeys((FORM, MULTIPART, JSON), schema)}
    return operation


def _answer(status: str, schema: dict[str, Any] | None, words: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": MEANING[status]}
    if schema is None:
        return answer | {"headers": {"Location": {"schema": {"type": "string"}, "description": "The next page."}}}
    answer["content"] = {JSON: {"schema": schema}} if schema is not PAGE else {}
    if not words.get("json_only"):
        answer["content"][HTML] = {"schema": {"type": "string"}}
    if status == "503":
        answer["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds."}}
    return answer


def as_text() -> str:
    """Return the description as its file has it."""
    return json.dumps(described(), indent=1, ensure_ascii=False) + "\n"
