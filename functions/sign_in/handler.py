"""/desk/sign-in, /desk/sign-out, /desk/account/ and /desk/team/: who comes to the desk. GET changes nothing.

Operators invoke it too: {"action": ..., ...} about the team and the log. API Gateway hands over no such event.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.control.desk.access import account, keys, team, webhooks
from newsletter.control.desk.access.sign_in import SignInPages
from newsletter.control.desk.door import Door
from newsletter.control.team import act_on_team
from newsletter.web.http import Http
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)
pages = SignInPages(http, app, logger)
door = Door(http, (*team.ROUTES, *keys.ROUTES, *webhooks.ROUTES, *account.ROUTES), app, logger)

http.resolver.route("/desk/sign-in", methods=["GET", "HEAD"], compress=True)(pages.show)
http.resolver.post("/desk/sign-in", compress=True)(pages.act)
http.resolver.post("/desk/sign-in/challenge")(pages.challenge)
http.resolver.post("/desk/sign-in/passkey", compress=True)(pages.by_passkey)
http.resolver.route("/desk/sign-in/passkeys.js", methods=["GET", "HEAD"], compress=True)(pages.script)
http.resolver.post("/desk/sign-out")(pages.leave)
http.resolver.route("/desk/account.*", methods=["GET", "HEAD", "POST"], compress=True)(door.answer)
http.resolver.route("/desk/team.*", methods=["GET", "HEAD", "POST"], compress=True)(door.answer)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    if "requestContext" not in event:
        answer = act_on_team(event, app, datetime.now(UTC))
        logger.info("team", extra={"action": event.get("action"), "error": bool(answer.get("error"))})
        return answer
    return http.resolver.resolve(event, context)
