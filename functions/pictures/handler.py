"""Asked by `publish`: opens one picture of an issue, makes it fit, puts it on the site, and answers what came of it."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.errors import InvalidPictureError
from newsletter.issues.adapters.picture_function import answer_of, read_question, refusal_of
from newsletter.issues.jobs.put_picture import put_picture
from newsletter.wiring import app

logger = Logger()


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    slug, name = read_question(event)
    try:
        picture = put_picture(slug, name, ports=app().picture_ports)
    except InvalidPictureError as refused:
        logger.info("picture", extra={"issue": slug, "refused": refused.message})
        return refusal_of(refused)
    logger.info("picture", extra={"issue": slug, "path": picture.path if picture else ""})
    return answer_of(picture)
