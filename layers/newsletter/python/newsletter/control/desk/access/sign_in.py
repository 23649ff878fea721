"""The pages of signing in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger

from newsletter.control.desk.access.cookies import (
    SESSION,
    attempt_cookie,
    attempt_name,
    challenge_cookie,
    challenge_name,
    ended_session_cookie,
    read_attempt,
    session_cookie,
)
from newsletter.control.desk.access.passkey_script import NAME, passkeys_fit, script_address
from newsletter.desk.domain.session import is_form_token
from newsletter.desk.passkeys.sign_in_by_passkey import ask_for_passkey, sign_in_by_passkey
from newsletter.desk.sessions.ask_to_sign_in import ask_to_sign_in
from newsletter.desk.sessions.enter import enter
from newsletter.desk.sessions.next_page import HOME, next_page
from newsletter.desk.sessions.open_session import SignedIn, SignInResult
from newsletter.desk.sessions.sign_in import SignInProof, sign_in
from newsletter.desk.sessions.sign_out import sign_out
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import App


class SignInPages:
    """Answers /desk/sign-in and /desk/sign-out."""

    def __init__(self, http: Http, load_app: Callable[[], App], logger: Logger) -> None:
        self._http = http
        self._app = load_app
        self._logger = logger

    def show(self) -> Response:
        """Show where to give an address; behind a mailed link, a button. A program that opens links changes nothing."""
        query = self._http.event.query
        if self._http.token:
            return self._page("sign_in_button", action_url=f"/desk/sign-in?token={self._http.token}")
        return self._page("sign_in", action_url=self._own_path(), again=bool(query.get("again")))

    def act(self) -> Response:
        """Send the email, or open a session by what came in it."""
        now = datetime.now(UTC)
        if self._http.comes_from_elsewhere(self._public_url):
            return self._page("posted_elsewhere", status_code=403)
        fields = self._http.fields()
        if self._http.token or "code" in fields:
            return self._sign_in(fields, now)
        asked = ask_to_sign_in(fields.get("email", ""), network=self._network, ports=self._app().ask_ports, now=now)
        answer = self._page("sign_in_mailed", action_url=self._own_path(), problem="")
        answer.cookies.append(str(attempt_cookie(asked, self._public_url)))
        return answer

    def leave(self) -> Response:
        """End the session of this browser, or all of this person's."""
        app, now, fields = self._app(), datetime.now(UTC), self._http.fields()
        if self._http.comes_from_elsewhere(self._public_url):
            # Also without a cookie, which browsers keep to themselves then: the answer would have this one forget it.
            return self._page("posted_elsewhere", status_code=403)
        visitor = enter(self._http.cookie(SESSION), ports=app.session_ports, now=now)
        if visitor is not None:
            if not is_form_token(fields.get("form_token", ""), visitor.session, app.editor_keys):
                return self._page("posted_elsewhere", status_code=403)
            sign_out(visitor, everywhere="everywhere" in fields, ports=app.session_ports, now=now)
        answer = self._http.redirect("/desk/sign-in")
        answer.cookies.append(str(ended_session_cookie()))
        return answer

    def challenge(self) -> Response:
        """Hand out what a passkey has to sign, to a script of the page."""
        if self._http.comes_from_elsewhere(self._public_url):
            return self._http.json({"error": "posted from elsewhere"}, status_code=403)
        asked = ask_for_passkey(network=self._network, ports=self._app().passkey_ports, now=datetime.now(UTC))
        answer = self._http.json(asked.options)
        answer.cookies.append(str(challenge_cookie(asked.browser_secret, self._public_url)))
        return answer

    def by_passkey(self) -> Response:
        """Open a session by a passkey."""
        if self._http.comes_from_elsewhere(self._public_url):
            return self._page("posted_elsewhere", status_code=403)
        answered = self._http.fields().get("credential", "")
        browser_secret = self._http.cookie(challenge_name(self._public_url))
        ports = self._app().passkey_ports
        signed_in = sign_in_by_passkey(answered, browser_secret, ports=ports, now=datetime.now(UTC))
        self._logger.info("sign in", extra={"result": signed_in.result, "by": "passkey"})
        if signed_in.result is not SignInResult.SIGNED_IN:
            return self._page("passkey_over", status_code=400, again_url=self._own_path())
        return self._come_in(signed_in, self._next())

    def script(self) -> Response:
        """Return the script of passkeys, to be kept for as long as its address is asked for."""
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        source = self._app().templates.source(NAME)
        return Response(200, "text/javascript; charset=utf-8", source, dict(headers))

    def _sign_in(self, fields: Mapping[str, str], now: datetime) -> Response:
        code = fields.get("code", "")
        attempt_id, browser_secret = read_attempt(self._http.cookie(attempt_name(self._public_url)))
        proof = SignInProof(self._http.token, code, attempt_id, browser_secret)
        signed_in = sign_in(proof, ports=self._app().session_ports, now=now)
        self._logger.info("sign in", extra={"result": signed_in.result})
        match signed_in.result:
            case SignInResult.OVER:
                return self._page("sign_in_over", status_code=400)
            case SignInResult.CODE_NEEDED:
                return self._page("sign_in_code", action_url=f"/desk/sign-in?token={self._http.token}", problem="")
            case SignInResult.WRONG_CODE:
                url = f"/desk/sign-in?token={self._http.token}" if self._http.token else self._own_path()
                name = "sign_in_code" if self._http.token else "sign_in_mailed"
                return self._page(name, status_code=400, action_url=url, problem="This is not the code in the email.")
        path = self._next()
        if fields.get("passkeys") and self._offers_passkey(signed_in.member_id):
            path = f"/desk/account/offer/?next={path}"
        return self._come_in(signed_in, path)

    def _come_in(self, signed_in: SignedIn, path: str) -> Response:
        answer = self._http.redirect(path)
        answer.cookies.append(str(session_cookie(signed_in.secret)))
        return answer

    def _offers_passkey(self, member_id: str) -> bool:
        """Return whether to offer a passkey: to whoever has none, and never again to whoever said "not now"."""
        keyring = self._app().passkeys.keyring(member_id)
        return not (keyring.declined or keyring.passkey_ids) and passkeys_fit(self._public_url)

    def _own_path(self) -> str:
        after = self._next()
        return f"/desk/sign-in?next={after}" if after != HOME else "/desk/sign-in"

    def _next(self) -> str:
        return next_page(self._http.event.query.get("next", ""))

    @property
    def _network(self) -> str:
        return self._http.network(self._app().origin_keys, self._app().front_door)

    @property
    def _public_url(self) -> str:
        return self._app().settings.public_url.rstrip("/")

    def _page(self, name: str, *, status_code: int = 200, **context: Any) -> Response:
        app, after = self._app(), self._next()
        script = script_address(Path(app.settings.templates_dir)) if passkeys_fit(self._public_url) else ""
        passkey_url = f"/desk/sign-in/passkey?next={after}" if after != HOME else "/desk/sign-in/passkey"
        context = {"passkey_script": script, "passkey_url": passkey_url, **context}
        return self._http.page(
            f"desk/{name}", lang="en", status_code=status_code, data={"status": name}, visitor=None, **context
        )
