"""Comments on an issue: links for people without an account, and what came of them, to be answered and ticked off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from newsletter.control.desk.request import Answer, DeskRequest, Go, Route
from newsletter.core.text import one_line
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.comment import LONGEST, Comment
from newsletter.desk.domain.decision_words import local_time
from newsletter.desk.domain.paragraph import paragraphs, place_of
from newsletter.desk.review.comment_links import make_comment_link
from newsletter.errors import InvalidRequestError
from newsletter.issues.domain.issue_record import IssueRecord

ISSUE = "/desk/issues/<slug>/"


@dataclass(frozen=True, slots=True)
class PlacedComment:
    """A comment as the desk shows it."""

    comment: Comment
    line: int
    """Where its paragraph stands now; 0 if it is not about one that is still there."""
    when: str

    @property
    def place(self) -> str:
        """Say where its paragraph stands."""
        if self.line:
            return f"Line {self.line}"
        return "On a line that has changed" if self.comment.quote else "On the whole issue"


def make_link(request: DeskRequest) -> Answer:
    """Make a link for somebody."""
    slug, app = _issue(request).slug, request.app
    made_for, by = request.fields.get("name", ""), request.visitor.member.label
    link = make_comment_link(slug, made_for, made_by=by, reviews=app.reviews, now=request.now)
    request.note("made a link for comments on", slug, link.made_for)
    return _back(request, "link")


def end_link(request: DeskRequest) -> Answer:
    """End a link: whoever has it sees nothing any more."""
    slug = _issue(request).slug
    if not request.app.reviews.end_link(slug, request.fields.get("link", "")):
        raise InvalidRequestError("there is no such link any more")
    request.note("ended a link for comments on", slug)
    return _back(request, "link_ended")


def answer(request: DeskRequest) -> Answer:
    """Answer a comment, or tick it off, or open it again."""
    slug, reviews, fields, by = _issue(request).slug, request.app.reviews, request.fields, request.visitor.member.label
    comment_id, words = fields.get("comment", ""), fields.get("words", "").strip()
    if len(words) > LONGEST:
        raise InvalidRequestError(f"an answer can have {LONGEST:,} characters; nothing was saved")
    found = True
    if words:
        lines = words.replace("\r\n", "\n").split("\n")
        found = reviews.answer(slug, comment_id, "\n".join(map(one_line, lines)), answered_by=by)
    if found and "done" in fields:
        found = reviews.tick_off(slug, comment_id, done_by=by if fields["done"] == "yes" else "")
    if not found:
        raise InvalidRequestError("there is no such comment any more")
    request.note("answered a comment on" if words else "ticked off a comment on", slug)
    return _back(request, "answered")


def comments_context(request: DeskRequest, file_text: str) -> dict[str, Any]:
    """Return what a page shows of the comments on an issue, placed in this text of it."""
    zone, found = request.app.rhythm.time_zone, request.app.reviews.comments(request.parts["slug"])
    text = paragraphs(file_text) if found else ()
    placed = []
    for each in found:
        place = place_of(each, text)
        placed.append(PlacedComment(each, place.line if place else 0, local_time(each.at, zone)))
    placed.sort(key=lambda each: (each.line, each.comment.at))
    return {
        "comments": [each for each in placed if each.comment.is_open],
        "comments_done": [each for each in placed if not each.comment.is_open],
    }


def review_context(request: DeskRequest, record: IssueRecord) -> dict[str, Any]:
    """Return what the page of an issue shows: the comments, and the links that they come by."""
    app, slug = request.app, record.slug
    uploaded = app.content.version(f"issues/{slug}.md", record.version) if record.version else None
    links = [
        (link, app.comment_links.to_page(slug, link), local_time(link.ends_at, app.rhythm.time_zone))
        for link in app.reviews.links(slug)
        if link.is_open(request.now)
    ]
    file_text = (uploaded or b"").decode("utf-8-sig", errors="replace")
    return {**comments_context(request, file_text), "comment_links": links, "longest_answer": LONGEST}


def _issue(request: DeskRequest) -> IssueRecord:
    record = request.app.issues.get(request.parts["slug"])
    if record is None:
        raise InvalidRequestError("there is no such issue any more, so nothing was changed")
    return record


def _back(request: DeskRequest, done: str) -> Go:
    return Go(f"/desk/issues/{request.parts['slug']}/?done={done}#comments")


ROUTES = (
    Route("POST", f"{ISSUE}comment-link", Act.WRITE, make_link),
    Route("POST", f"{ISSUE}comment-link-end", Act.WRITE, end_link),
    Route("POST", f"{ISSUE}comment-answer", Act.WRITE, answer),
)
