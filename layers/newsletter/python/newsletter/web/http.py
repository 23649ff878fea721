"""Requests and answers over HTTP: bodies in, pages or JSON out, every error mapped in one place."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from newsletter.core.language import choose_language, language_hint, msg
from newsletter.errors import (
    ExpiredTokenError,
    ForeignOriginError,
    InvalidRequestError,
    InvalidTokenError,
    NetworkFullError,
    PermanentError,
    QueueFullError,
    SendingPausedError,
    TransientError,
)
from newsletter.web.form import SentFile, media_type, read_fields, read_files
from newsletter.web.router import Request, Response, Router

if TYPE_CHECKING:
    from newsletter.web.front_door import FrontDoor
    from newsletter.web.pages import Pages

LARGEST_BODY = 64 * 1024
"""Bytes. A sign-up has three short fields."""


@dataclass(frozen=True, slots=True)
class Later:
    """What somebody is told who has to try again."""

    status_code: int
    seconds: str
    """How long to wait (RFC 9110, section 10.2.3)."""
    when: str
    message: str
    remedy: str


BUSY = Later(
    503,
    "60",
    "try again in a minute",
    msg("Nothing was changed because part of our system is busy."),
    msg("Please try again in a minute."),
)
LATER: dict[type[TransientError], Later] = {
    QueueFullError: Later(
        503,
        "3600",  # each hour has places of its own
        "try again in an hour",
        msg("More people are signing up right now than we can write to, so your sign-up was not saved."),
        msg("Please try again in an hour or two."),
    ),
    NetworkFullError: Later(
        429,  # RFC 6585, section 4
        "3600",
        "try again in an hour",
        msg("Many requests came over the same internet connection in the last hour, so this one was not carried out."),
        msg("Please try again in an hour, or over another connection."),
    ),
}

JSON = "application/json"

ORIGIN_HEADER = "x-origin-verify"
"""In which CloudFront shows its secret; template.yaml sets it."""


class Http:
    """A resolver of one function, with our errors mapped and our pages at hand."""

    def __init__(
        self, pages: Callable[[], Pages], logger: Logger, *, largest_body: int = LARGEST_BODY, draws: bool = True
    ) -> None:
        """Answer for one function.

        Args:
            pages: Returns what draws pages; called once for each.
            logger: Of the function.
            largest_body: In bytes.
            draws: Whether most answers are pages. What draws them is loaded at once then: Lambda lends a function a
                whole processor while it loads, and a third of one afterwards.
        """
        self._pages = pages
        self._logger = logger
        self._largest_body = largest_body
        if draws:
            import_module("newsletter.web.environment")
        self.resolver = Router(
            self._no_such_method,
            {
                InvalidTokenError: self._bad_link,
                ExpiredTokenError: self._bad_link,
                TransientError: self._later,
                SendingPausedError: self._later,
                PermanentError: self._refused,
            },
        )

    @property
    def event(self) -> Request:
        """The request at hand."""
        return self.resolver.request

    @property
    def token(self) -> str:
        """The token of the link that was opened."""
        return self.event.query.get("token", "")

    def cookie(self, name: str) -> str:
        """Return a cookie of the browser, or nothing."""
        pairs = (each.strip().partition("=") for each in self.event.cookies)
        return next((value for key, _, value in pairs if key == name), "")

    def comes_from_elsewhere(self, public_url: str) -> bool:
        """Return whether a browser says that this was posted from another website's page.

        Browsers have named the page's origin with each POST since 2020; programs that name none send no cookies either.
        Source: https://fetch.spec.whatwg.org/#origin-header
        """
        origin = self.event.headers.get("origin", "")
        site = self.event.headers.get("sec-fetch-site", "same-origin")
        return (bool(origin) and origin != public_url) or site not in ("same-origin", "none")

    @property
    def wants_json(self) -> bool:
        """Whether the caller is a program: it says so, or it spoke JSON itself."""
        accept = self.event.headers.get("accept", "")
        return (JSON in accept and "text/html" not in accept) or self._media_type == JSON

    def page(
        self,
        name: str,
        /,
        *,
        status_code: int = 200,
        data: Mapping[str, Any] | None = None,
        lang: str = "",
        posts_to: str = "",
        **context: object,
    ) -> Response:
        """Answer with a page, or with `data` when the caller wants JSON.

        The page is in the language of the reader, if the caller knows it, else in that of the mail with the link, else
        in the best of the browser's. Its forms post to `action_url`: the address that was opened, if not another. With
        `posts_to` the browser lets them send to that origin as well.
        """
        if self.wants_json:
            return self.json(data or {"status": name}, status_code=status_code)
        pages, lang = self._pages(), self.lang(lang)
        headers = pages.page_headers(name, lang=lang, posts_to=posts_to)
        content_type = headers.pop("Content-Type")
        page = pages.page(name, lang=lang, **{"action_url": self._own_url, **context})
        return Response(status_code, content_type, page, dict(headers))

    def json(self, data: Mapping[str, Any], *, status_code: int = 200, file_name: str = "") -> Response:
        """Answer with JSON; with a file name, as a file to keep."""
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        if file_name:
            headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
        return Response(status_code, JSON, json.dumps(data, ensure_ascii=False), dict(headers))

    def file(self, text: str, media_type: str, file_name: str) -> Response:
        """Answer with a file to keep, which is nobody's to see but theirs who asked."""
        headers = {
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f'attachment; filename="{file_name}"',
        }
        return Response(200, media_type, text, dict(headers))

    def redirect(self, url: str) -> Response:
        """Answer with 303, so that reloading the next page does not send the form again."""
        return Response(303, "text/plain", "", {"Location": url, "Cache-Control": "no-store"})

    def fields(self, *, several: Collection[str] = ()) -> dict[str, str]:
        """Return the fields of a form or of a JSON object; those named in `several` may come often, joined by line.

        Raises:
            InvalidRequestError: Too large, not UTF-8, a field twice, values that are not texts, or another type.
        """
        return read_fields(self.event.headers.get("content-type", ""), self._body(), several=several)

    def files(self) -> list[SentFile]:
        """Return the files that came with a form.

        Raises:
            InvalidRequestError: Too large, or it cannot be read.
        """
        return read_files(self.event.headers.get("content-type", ""), self._body())

    def fields_if_readable(self) -> dict[str, str]:
        """Return the fields, or none where the body cannot be read: for a request whose link says it all.

        A mail program's one-click request (RFC 8058) must work whatever its body looks like.
        """
        try:
            return self.fields()
        except InvalidRequestError:
            return {}

    def lang(self, wanted: str = "") -> str:
        """Return the language to answer in: the one asked for, else that of the mail, else the browser's best."""
        return choose_language(self.event.headers.get("accept-language", ""), wanted, self._lang_of_link)

    def network(self, origin_keys: Collection[str], front_door: FrontDoor | None = None) -> str:
        """Return the network address of the person.

        Every proxy appends the peer it saw to X-Forwarded-For. Behind CloudFront the person stands one before the last;
        but anybody can call the API's own address, past CloudFront, and write what they like there. So the header is
        read only where CloudFront proves itself by a secret; else the address is that of the connection.

        Args:
            origin_keys: The secrets by which CloudFront proves itself; none where there is no CloudFront.
            front_door: Refuses what came past CloudFront. None without CloudFront, and for what a link in a mail
                opens: it may be older than the CloudFront.

        Raises:
            ForeignOriginError: It came past CloudFront.
        """
        shown = self.event.headers.get(ORIGIN_HEADER, "").encode()
        # Each key is compared, whatever the first says: the time taken tells nothing about them.
        proved = any([hmac.compare_digest(shown, key.encode()) for key in origin_keys])
        if front_door is not None and not front_door.lets_in(proved=proved):
            raise ForeignOriginError("please use the address of our website for this")
        forwarded = self.event.headers.get("x-forwarded-for", "").split(",")
        peers = [peer.strip() for peer in forwarded if peer.strip()]
        if proved and len(peers) >= 2:
            return peers[-2]
        return self.event.source_ip

    @property
    def _own_url(self) -> str:
        """The address that was opened, as far as we know it: the token if it has one, and the language."""
        hint = language_hint(self._lang_of_link)
        return f"{self.event.path}?token={self.token}{hint}" if self.token else self.event.path + hint.replace("&", "?")

    @property
    def _lang_of_link(self) -> str:
        return str(self.event.query.get("lang", ""))

    def _body(self) -> bytes:
        body = self.event.body
        if len(body) > self._largest_body:
            raise InvalidRequestError("The form is too large.")
        return body

    @property
    def _media_type(self) -> str:
        return media_type(self.event.headers.get("content-type", ""))

    def _bad_link(self, error: PermanentError) -> Response:
        title = msg("This link is too old") if isinstance(error, ExpiredTokenError) else msg("This link does not work")
        return self.page("bad_link", status_code=400, data={"error": str(error)}, title=title, remedy=_sentence(error))

    def _later(self, error: Exception) -> Response:
        self._logger.error("not done", exc_info=error)
        later = next((said for kind, said in LATER.items() if isinstance(error, kind)), BUSY)
        response = self.page(
            "problem",
            status_code=later.status_code,
            data={"error": f"not done; {later.when}"},
            title=msg("That did not work"),
            message=later.message,
            remedy=later.remedy,
        )
        response.headers["Retry-After"] = later.seconds
        return response

    def _refused(self, error: PermanentError) -> Response:
        return self.page(
            "problem",
            status_code=403 if isinstance(error, ForeignOriginError) else 400,
            data={"error": str(error)},
            title=msg("That did not work"),
            message=_sentence(error),
            remedy=msg("Nothing was changed."),
        )

    def _no_such_method(self, request: Request) -> Response:
        response = self.json({"error": "this address does not answer to that method"}, status_code=405)
        response.headers["Allow"] = ", ".join(self.resolver.methods_at(request.path))
        return response


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
