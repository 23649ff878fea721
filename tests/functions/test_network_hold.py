"""A network whose sign-ups bounce, from the form through the queue, SES's tags and its events to the next sign-up."""

from __future__ import annotations

import json
import re
from typing import Any

from functions.feedback.handler import lambda_handler as feedback
from functions.greet.handler import lambda_handler as greet
from functions.subscribe.handler import lambda_handler as subscribe
from tests.functions.conftest import Deployment, load

TYPIST, ADA = "198.51.100.9", "192.0.2.10"


def sign_up(deployment: Deployment, email: str, network: str) -> None:
    event = load("subscribe/json")
    event["body"], event["isBase64Encoded"] = json.dumps({"email": email}), False
    event["requestContext"]["http"]["sourceIp"] = network
    assert subscribe(event, deployment.context)["statusCode"] == 202


def mailed(deployment: Deployment) -> list[dict[str, Any]]:
    """Let the greet function work off its queue, and return the inbox."""
    for message in deployment.drain("greet"):
        event = load("greet/sign_up")
        event["Records"][0]["body"] = json.dumps(message)
        assert greet(event, deployment.context) == {"batchItemFailures": []}
    return deployment.ses.messages()


def ses_reports(deployment: Deployment, name: str, message: dict[str, Any], number: int) -> None:
    """Hand over what SES says about a message, with the tags that it left with."""
    event = load(f"feedback/{name}")
    envelope = json.loads(event["Records"][0]["body"])
    said = json.loads(envelope["Message"])
    said["mail"] |= {
        "tags": {tag: [value] for tag, value in message["tags"].items()},
        "messageId": f"message-{number}",
        "timestamp": deployment.now().isoformat(),
    }
    if "bounce" in said:
        said["bounce"]["bouncedRecipients"] = [{"emailAddress": message["to"], "status": "5.1.1"}]
    envelope["Message"] = json.dumps(said)
    event["Records"] = [event["Records"][0] | {"body": json.dumps(envelope)}]
    assert feedback(event, deployment.context) == {"batchItemFailures": []}


def test_its_next_wish_waits_and_everybody_elses_leaves(deployment: Deployment) -> None:
    for number in range(6):
        sign_up(deployment, f"made-up-{number}@example.org", TYPIST)
    inbox = mailed(deployment)
    assert len(inbox) == 6
    (network,) = {message["tags"]["network"] for message in inbox}
    assert re.fullmatch("[0-9a-f]{32}", network)
    for number, message in enumerate(inbox):
        ses_reports(deployment, "send", message, number)
    for number, message in enumerate(inbox):
        ses_reports(deployment, "bounce_of_a_confirmation", message, number)
    assert deployment.app.network_watch(network).get().holds(deployment.now())

    deployment.app.confirmation_watches[_lane(inbox)].release(now=deployment.now())
    sign_up(deployment, "made-up-7@example.org", TYPIST)
    sign_up(deployment, "ada@example.org", ADA)

    before = {message["to"] for message in inbox}
    assert {message["to"] for message in mailed(deployment)} - before == {"ada@example.org"}
    assert deployment.in_queue("greet") == 1


def _lane(inbox: list[dict[str, Any]]) -> Any:
    (lane,) = {message["tags"]["lane"] for message in inbox}
    return lane
