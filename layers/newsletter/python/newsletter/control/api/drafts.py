"""Drafts: the text of an issue while it is written, and handing it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from newsletter.control.api.fields import up_to
from newsletter.control.api.problems import FieldFault, invalid
from newsletter.control.api.request import ApiRequest, ApiRoute, Nothing
from newsletter.desk.domain.act import Act
from newsletter.desk.drafts.draft import Draft, Save, plain_lines
from newsletter.desk.drafts.hand_in_draft import HandedIn, hand_in_draft
from newsletter.desk.drafts.open_draft import open_draft
from newsletter.desk.drafts.preview_draft import preview_draft
from newsletter.desk.drafts.save_draft import LARGEST_DRAFT, SaveResult, save_draft
from newsletter.errors import InvalidRequestError, NotFoundError
from newsletter.issues.domain.issue import is_slug
from newsletter.issues.domain.preflight import Level

LONGEST_VERSION = 1024
"""Characters of the version of an object, as S3 may have it."""


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One thing that a check found."""

    level: Level
    """`error`: the issue would be refused or not sent. `warning`: somebody should look at it."""
    code: str
    line: int | None
    """Of the text, counted from 1; null where it is about no single line."""
    message: str


@dataclass(frozen=True, slots=True)
class DraftShown:
    """A draft as it stands."""

    slug: str
    text: str
    """The whole file: front matter and Markdown."""
    version: str
    """Names this text when it is handed in; empty for an upload that nobody has changed yet."""


@dataclass(frozen=True, slots=True)
class DraftText:
    """What becomes of a draft."""

    text: str = up_to(LARGEST_DRAFT)
    """The whole file: front matter and Markdown."""
    based_on: str = up_to(LONGEST_VERSION, default="")
    """The version that this text was made from: what others wrote since is merged with it. Empty writes over all."""


@dataclass(frozen=True, slots=True)
class DraftSaved:
    """A draft that was kept."""

    result: SaveResult
    """`saved`; `merged` with what somebody else wrote meanwhile; `clashed`: both versions of some lines stand there."""
    draft: DraftShown
    findings: tuple[FindingLine, ...]
    """What the checks say of it."""


@dataclass(frozen=True, slots=True)
class HandingIn:
    """What is handed in."""

    version: str = up_to(LONGEST_VERSION)
    """Of the draft, as it was looked at."""


@dataclass(frozen=True, slots=True)
class HandedInShown:
    """An issue that is on its way to the editors' preview."""

    slug: str
    version: str
    """Of the draft from now on."""
    upload_version: str
    """Of the upload that was made of it; the issue has it as `version` once it is read and rendered."""


def get_draft(request: ApiRequest[Nothing, Nothing]) -> DraftShown:
    """Show the text of an issue as somebody would go on writing it."""
    draft = open_draft(_slug(request), ports=request.app.write_ports)
    if draft is None:
        raise NotFoundError("there is neither a draft nor an issue of this name")
    return _shown(draft)


def write_draft(request: ApiRequest[Nothing, DraftText]) -> DraftSaved:
    """Write a draft. Nobody hears of it, and nothing is published, until it is handed in."""
    slug, app, body = _slug(request), request.app, request.body
    ports = app.write_ports
    before = open_draft(slug, ports=ports)
    over_all = not body.based_on and before is not None
    saved = save_draft(
        Save(
            slug,
            plain_lines(body.text),
            before.version if over_all and before else body.based_on,
            saved_by=request.api_key.label,
            upload_version=before.upload_version if before else "",
            saved_at=request.now,
        ),
        drafts=ports.drafts,
    )
    request.note("wrote the draft of", slug)
    local_now = request.now.astimezone(app.rhythm.time_zone)
    previewed = preview_draft(slug, saved.draft.text, ports=ports, local_now=local_now)
    findings = tuple(
        FindingLine(each.level, each.code, each.line or None, f"{each.message} {each.remedy}".strip())
        for each in previewed.findings
    )
    return DraftSaved(saved.result, _shown(saved.draft), findings)


def hand_in_issue(request: ApiRequest[Nothing, HandingIn]) -> HandedInShown:
    """Turn a draft into an issue: its preview is mailed to the editors, and it can be approved."""
    slug, ports = _slug(request), request.app.write_ports
    if ports.drafts.newest(slug) is None:
        raise NotFoundError("there is no such draft")
    handed_in = hand_in_draft(slug, request.body.version, uploaded_by=request.api_key.made_by, ports=ports)
    if handed_in.result is HandedIn.NEWER_UPLOAD:
        raise InvalidRequestError(
            "somebody uploaded the issue since the draft began; both stand in the draft now: read it, then hand it in"
        )
    request.note("handed in", slug)
    return HandedInShown(slug, handed_in.draft.version, handed_in.draft.upload_version)


def _slug(request: ApiRequest[Any, Any]) -> str:
    slug = request.parts["slug"]
    if not is_slug(slug):
        raise invalid(FieldFault("slug", "should be lower-case letters, digits and hyphens, as in 2026-12-01-more"))
    return slug


def _shown(draft: Draft) -> DraftShown:
    return DraftShown(draft.slug, draft.text, draft.version)


DRAFT = "/issues/<slug>/draft"

ROUTES = (
    ApiRoute("GET", DRAFT, Act.WRITE, get_draft),
    ApiRoute("PUT", DRAFT, Act.WRITE, write_draft, body=DraftText, changes=True),
    ApiRoute("POST", "/issues/<slug>/hand-in", Act.WRITE, hand_in_issue, body=HandingIn, changes=True),
)
