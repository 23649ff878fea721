"""The pages of somebody without an account who was asked to comment on an issue."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote, unquote

from aws_lambda_powertools import Logger
from aws_lambda_powertools.shared.cookies import Cookie, SameSite

from newsletter.core.text import one_line
from newsletter.desk.adapters.comment_links import read_comment_link
from newsletter.desk.domain.comment import EACH_HOUR, EACH_ISSUE, LONGEST, LONGEST_NAME
from newsletter.desk.domain.preview_view import View, mail_in_view
from newsletter.desk.review.comment_on_issue import CommentResult, OpenIssue, Remark, comment_on_issue, open_issue
from newsletter.errors import ExpiredTokenError, InvalidTokenError
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import App

NAME = "comment-name"
"""The cookie that keeps what somebody called themselves, for their next comment."""

A_YEAR = 366 * 24 * 3600

PROBLEMS = {
    CommentResult.EMPTY: "Please write your name and your comment. Nothing has been sent yet.",
    CommentResult.TOO_LONG: f"A comment can have {LONGEST:,} characters, and a name {LONGEST_NAME}. Please shorten it; "
    "nothing has been sent yet.",
    CommentResult.TOO_MANY: f"{EACH_HOUR} comments came by this link within the hour, so this one was not kept. "
    "Please try again in an hour.",
    CommentResult.FULL: f"This issue has {EACH_ISSUE} comments, which is all it takes. Please write to whoever "
    "sent you the link.",
}
STATUS_CODES = {CommentResult.TOO_MANY: 429, CommentResult.FULL: 409}
"""Of what was not kept; 400 for the others."""


class CommentPages:
    """Shows the text of an issue by paragraph, and takes what is said about one."""

    def __init__(self, http: Http, load_app: Callable[[], App], logger: Logger) -> None:
        self._http = http
        self._app = load_app
        self._logger = logger

    def show(self, signed: str, now: datetime) -> Response:
        """Show the text, or the email; nothing is changed."""
        query = self._http.event.query
        try:
            slug, opened = self._opened(signed, now)
        except (InvalidTokenError, ExpiredTokenError):
            return self._ended()
        if query.get("view") == View.MAIL:
            return self._mail(slug, opened)
        return self._page(opened, done=query.get("done") == CommentResult.ADDED)

    def add(self, signed: str, now: datetime) -> Response:
        """Add a comment."""
        app, fields = self._app(), self._http.fields()
        line = fields.get("line", "")
        number = int(line) if re.fullmatch(r"[0-9]{1,6}", line) else 0
        remark = Remark(fields.get("author", ""), fields.get("words", ""), number, fields.get("quote", ""))
        try:
            slug, link_id = read_comment_link(signed, app.editor_keys, now=now)
            result, opened = comment_on_issue(slug, link_id, remark, ports=app.comment_ports, now=now)
        except (InvalidTokenError, ExpiredTokenError):
            return self._ended()
        self._logger.info("comment", extra={"issue": slug, "link": link_id, "result": result})
        if result is not CommentResult.ADDED:
            return self._page(opened, remark=remark, result=result)
        place = opened.comments[-1].line
        answer = self._http.redirect(f"{self._path(signed)}?done={result}#{f'line-{place}' if place else 'all'}")
        answer.cookies.append(str(self._name_cookie(one_line(remark.author))))
        return answer

    def _opened(self, signed: str, now: datetime) -> tuple[str, OpenIssue]:
        app = self._app()
        slug, link_id = read_comment_link(signed, app.editor_keys, now=now)
        self._logger.info("comments", extra={"issue": slug, "link": link_id})
        return slug, open_issue(slug, link_id, ports=app.comment_ports, now=now)

    def _page(
        self,
        opened: OpenIssue,
        *,
        done: bool = False,
        remark: Remark | None = None,
        result: CommentResult | None = None,
    ) -> Response:
        name = remark.author if remark else unquote(self._http.cookie(NAME)) or opened.link.made_for
        placed = [(each, opened.about(each)) for each in opened.text]
        return self._http.page(
            "comment",
            lang="en",
            status_code=STATUS_CODES.get(result, 400) if result else 200,
            data={"status": result or "open"},
            opened=opened,
            placed=placed,
            name=one_line(name)[:LONGEST_NAME],
            done=done,
            remark=remark,
            # What was typed is shown again, also if its paragraph was taken away meanwhile.
            remark_at=remark.line if remark and remark.line in {each.line for each in opened.text} else 0,
            problem=PROBLEMS[result] if result else "",
            longest=LONGEST,
            longest_name=LONGEST_NAME,
            action_url=self._http.event.path,
        )

    def _mail(self, slug: str, opened: OpenIssue) -> Response:
        app = self._app()
        page_url = app.comment_links.to_page(slug, opened.link)
        rendered = app.content.rendered(slug, opened.record.content_hash)
        mail = mail_in_view(rendered, View.MAIL, page_url)
        return Response(200, "text/html; charset=utf-8", mail, dict(app.pages.mail_headers()))

    def _ended(self) -> Response:
        # One answer for all: whoever guesses learns nothing, not even whether there is such an issue.
        return self._http.page("comment_ended", lang="en", status_code=400, data={"error": "this link has ended"})

    def _path(self, signed: str) -> str:
        return f"/comment/{signed.rstrip('/')}/"

    def _name_cookie(self, name: str) -> Cookie:
        secure = self._app().settings.public_url.startswith("https:")
        return Cookie(
            NAME, quote(name, safe=""), path="/comment/", http_only=True, secure=secure,
            same_site=SameSite.LAX_MODE, max_age=A_YEAR,
        )  # fmt: skip
