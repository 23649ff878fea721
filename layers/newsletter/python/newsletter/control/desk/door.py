"""The door of the desk: who comes in, with what right, from which page; then the route's own answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from urllib.parse import quote

from aws_lambda_powertools import Logger

from newsletter.control.desk.access.cookies import SESSION
from newsletter.control.desk.request import Answer, Data, DeskRequest, File, Go, Route, Show
from newsletter.desk.domain.act import Act, may
from newsletter.desk.domain.session import form_token, is_form_token
from newsletter.desk.sessions.enter import Visitor, enter
from newsletter.errors import PermanentError
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import App

PLAIN = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Of a file that is no page, unless it says otherwise."""


class Door:
    """Answers every request of one function of the desk."""

    def __init__(self, http: Http, routes: Sequence[Route], load_app: Callable[[], App], logger: Logger) -> None:
        self._http = http
        self._routes = routes
        self._app = load_app
        self._logger = logger

    def answer(self) -> Response:
        """Answer the request at hand."""
        now, method = datetime.now(UTC), self._http.event.method
        path = self._http.event.raw_path
        if method != "POST" and not path.endswith("/"):
            path += "/"  # CloudFront takes it away; see DeskPages in template.yaml
        visitor = enter(self._http.cookie(SESSION), ports=self._app().session_ports, now=now)
        if visitor is None:
            return self._what_was_typed(path) or self._to_sign_in(path)
        found = find_route(self._routes, "GET" if method == "HEAD" else method, path)
        if found is None:
            return self._page(visitor, Show("missing", status_code=404))
        route, parts = found
        if not may(visitor.member, route.act):
            self._logger.info("desk", extra={"path": route.path, "refused": route.act, "session": visitor.session.name})
            return self._page(visitor, Show("not_yours", {"act": route.act}, 403))
        if method == "POST" and (refusal := self._refusal(visitor, route, path, now)):
            return refusal
        try:
            answer = route.answer(self._request(visitor, parts, now, posted=method == "POST"))
        except PermanentError as refusal:
            answer = self._refused(refusal)
        self._logger.info("desk", extra={"path": route.path, "method": method, "session": visitor.session.name})
        match answer:
            case Go():
                return self._http.redirect(answer.path)
            case File():
                headers = {**PLAIN, **answer.headers}
                packed = answer.content_type.startswith("image/")  # once more would only take time
                return Response(200, answer.content_type, answer.content, headers, may_be_compressed=not packed)
            case Data():
                return self._http.json(answer.content, status_code=answer.status_code)
            case Show():
                return self._page(visitor, answer)

    def _request(self, visitor: Visitor, parts: Mapping[str, str], now: datetime, *, posted: bool) -> DeskRequest:
        http = self._http
        return DeskRequest(
            self._app(),
            visitor,
            now,
            parts,
            query=http.event.query,
            fields=http.fields() if posted else {},
            files=http.files() if posted else (),
            by_script=http.wants_json,
        )

    def _refusal(self, visitor: Visitor, route: Route, path: str, now: datetime) -> Response | None:
        app = self._app()
        typed = self._http.fields().get("form_token", "")
        if self._http.comes_from_elsewhere(app.settings.public_url.rstrip("/")):
            return self._page(visitor, Show("posted_elsewhere", status_code=403))
        if not is_form_token(typed, visitor.session, app.editor_keys):
            # Signed in anew in another tab, most often: the page that was open before still holds the old one.
            return self._what_was_typed(path) or self._page(visitor, Show("posted_elsewhere", status_code=403))
        if route.act.takes_fresh_sign_in and not visitor.session.is_fresh(now):
            return self._http.redirect(f"/desk/sign-in?next={quote(self._page_before(path))}&again=yes")
        return None

    def _what_was_typed(self, path: str) -> Response | None:
        """Return a page with the text that somebody saved who is signed out meanwhile; a redirect would lose it."""
        if not path.endswith("/save") or self._http.wants_json:
            return None
        text = self._http.fields().get("text", "")
        if not text or self._http.comes_from_elsewhere(self._app().settings.public_url.rstrip("/")):
            return None
        return self._http.page("desk/not_saved", lang="en", status_code=403, visitor=None, text=text)

    def _page_before(self, path: str) -> str:
        """Return the page with the form that posts to this address: after signing in, it is opened again."""
        while path and not find_route(self._routes, "GET", f"{path}/"):
            path = path.rpartition("/")[0]
        return f"{path}/"

    def _refused(self, refusal: PermanentError) -> Answer:
        words = f"{str(refusal)[:1].upper()}{str(refusal)[1:].removesuffix('.')}."
        return Data({"error": words}, 400) if self._http.wants_json else Show("refused", {"words": words}, 400)

    def _to_sign_in(self, path: str) -> Response:
        if self._http.event.headers.get("sec-fetch-site") == "cross-site":
            # From a link in an email the browser keeps the cookie to itself (SameSite=Strict). The page that it gets
            # instead asks for itself once more, and that request is our own.
            return self._http.page("desk/one_moment", lang="en", visitor=None, path=path)
        after = f"?next={quote(path)}" if path != "/desk/" else ""
        return self._http.redirect(f"/desk/sign-in{after}")

    def _page(self, visitor: Visitor, show: Show) -> Response:
        token = form_token(visitor.session, self._app().editor_keys)
        context = {"visitor": visitor.member, "form_token": token, "may": rights(visitor), **show.context}
        return self._http.page(
            f"desk/{show.name}",
            lang="en",
            status_code=show.status_code,
            data={"status": show.name},
            posts_to=show.posts_to,
            **context,
        )


def rights(visitor: Visitor) -> frozenset[str]:
    """Return the names of all acts that this person may do, for a page to show what it offers."""
    return frozenset(str(act) for act in Act if may(visitor.member, act))


def find_route(routes: Sequence[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return the route for a request and the parts that its path names; None if there is none."""
    for route in routes:
        if route.method == method and (found := _pattern(route.path).fullmatch(path)):
            return route, found.groupdict()
    return None


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[A-Za-z0-9][A-Za-z0-9_.-]*)", path))
