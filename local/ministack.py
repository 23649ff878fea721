"""MiniStack, with what differs from AWS or costs too much set right: `python -m local.ministack`.

Permissions: it names a permission after the API operation. For the batch operations of SQS and SNS AWS has no such
permission and asks for that of the single operation; a policy written for AWS would be refused here.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html

Workers: it wakes up to five workers of a function side by side, each a Python process that takes a second of a
processor to start. On a laptop two get the work done sooner, and are enough to run into each other.

Starts: each of its workers imports every library anew. Ours are forks of a process that has them; see `prefork`.

Copies: each of its workers unpacks the function and its layers anew. Ours share one copy; see `unpack`.

Itself: it reads its own description for its version when it is asked how it is, and makes a session of botocore for
each service to look up how that answers. It is told the one and keeps the other. And it loads what runs containers and
Athena where that is installed, which no stack asks for and takes half a second of a processor.

Conditions: it reads a condition, and checks its grammar, for each item that it is tried on. Ours is read once.

Requests: the server it brings spends as much on each as MiniStack itself. uvicorn, which our other parts use too, does
the same in a quarter of that.

Changes: it lets half a second pass before a function that was changed is ready again. Nothing is made ready meanwhile,
and whoever turns the keys waits for a dozen functions, one after the other.

Other websites: it keeps a template's CorsConfiguration as the template spells it, and looks for it as the API does.

Pages: where the account runs as many functions as it may (`LAMBDA_ACCOUNT_CONCURRENCY`), its API hands on Lambda's own
refusal, 429 with the words for a program. AWS's says 503, and no more than that.

Identities: it makes a sender's identity a second time without a word and knows none of its DNS records. SES has one for
a domain, and CloudFormation fails where it is there already.

Settings: it takes any number of a function's variables. Lambda takes 4 KB, by the JSON that they make.

Streams: it writes each record of Firehose into a file of its own. Ours are collected and packed; see `stream`.

Transport: it speaks plain HTTP, on loopback, and says so to policies that ask (`aws:SecureTransport`). The buckets of
the template would refuse everybody; where nothing leaves the machine, the way counts as safe.
"""

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.session
import hypercorn.asyncio
import uvicorn
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.services import apigateway, dynamodb, firehose, lambda_svc, ses_v2
from ministack.services.cloudformation import provisioners

from local import prefork
from local.stream import Collected
from local.unpack import SharedArchive

AS_IN_AWS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
}

WORKERS = 2

CALLS = "CALLS_FILE"
"""The variable that says where to write down who was allowed what."""

_as_in_ministack = iam_actions.extract_iam_action


def _as_in_aws(*arguments: Any, **named: Any) -> Any:
    action = _as_in_ministack(*arguments, **named)
    return AS_IN_AWS.get(action, action)


def reading_templates(answer: Callable[[dict[str, Any], str], Any]) -> Callable[[Mapping[str, Any] | None, str], Any]:
    """Return one of MiniStack's answers about CORS, made to read `AllowOrigins` as it reads `allowOrigins`."""
    return lambda cors, origin: answer(
        {key[:1].lower() + key[1:]: value for key, value in (cors or {}).items()}, origin
    )


def safe_transport(pin: Callable[[str, bool], None]) -> Callable[[str, bool], None]:
    """Return what remembers where a request came from, made to call every way to this machine a safe one."""
    return lambda source_ip, _secure: pin(source_ip, True)


def refused_as_by_aws(answer: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """Return what makes the API's answer of a function's, made to say 503 where Lambda turned the call away."""

    def answered(result: dict[str, Any]) -> Any:
        if not result.get("throttle"):
            return answer(result)
        body = '{"message":"Service Unavailable"}'
        return {"statusCode": 503, "headers": {"Content-Type": "application/json"}, "body": body}, None

    return answered


Made = tuple[str, dict[str, Any]]
"""What MiniStack's CloudFormation knows of a resource: its physical name, and its attributes."""

IDENTITY, FUNCTION = "AWS::SES::EmailIdentity", "AWS::Lambda::Function"
MOST_SETTINGS = 4096
"""Bytes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def with_dns_records(make: Callable[..., Made]) -> Callable[..., Made]:
    """Return what makes or changes an identity, with the names of its DKIM records among the attributes."""

    def made(*arguments: Any, **named: Any) -> Made:
        identity, attributes = make(*arguments, **named)
        records = {}
        for number in (1, 2, 3):
            records[f"DkimDNSTokenName{number}"] = f"token{number}._domainkey.{identity}"
            records[f"DkimDNSTokenValue{number}"] = f"token{number}.dkim.amazonses.com"
        return identity, attributes | records

    return made


def only_once(make: Callable[..., Made], there: Mapping[str, Any]) -> Callable[..., Made]:
    """Return what makes an identity, made to fail in CloudFormation's words if it is there."""

    def made(logical_id: str, properties: dict[str, Any], stack: str) -> Made:
        identity = properties["EmailIdentity"]
        if identity in there:
            raise ValueError(f"Resource of type '{IDENTITY}' with identifier '{identity}' already exists.")
        return make(logical_id, properties, stack)

    return made


def within_4_kb(make: Callable[..., Made]) -> Callable[..., Made]:
    """Return what makes or changes a function, made to refuse more variables than Lambda takes, in its words."""

    def made(*arguments: Any, **named: Any) -> Made:
        for properties in arguments:
            if isinstance(properties, dict) and "Environment" in properties:
                variables = json.dumps(properties["Environment"].get("Variables", {}), separators=(",", ":"))
                if len(variables.encode()) > MOST_SETTINGS:
                    raise ValueError(
                        "Lambda was unable to configure your environment variables because the environment variables "
                        f"you have provided exceeded the 4KB limit. String measured: {variables}"
                    )
        return make(*arguments, **named)

    return made


ROLE_OF_FUNCTION = re.compile(r"assumed-role/[\w-]+-(\w+)Role-")


def noting(evaluate: Callable[..., Any], file: Path) -> Callable[..., Any]:
    """Return what judges a call, made to write down once which function was allowed what, and on what kind of thing.

    A line is "Send dynamodb:UpdateItem arn:aws:dynamodb:eu-west-1:000000000000:table"; the tests hold them to AWS's own
    reference.
    """
    noted: set[str] = set()

    def judged(context: Any, *policies: Any) -> Any:
        result = evaluate(context, *policies)
        role = ROLE_OF_FUNCTION.search(context.principal_arn)
        if role is not None and result.decision == "Allow":
            line = f"{role[1]} {context.action} {context.resource_arn.partition('/')[0]}"
            if line not in noted:
                noted.add(line)
                with file.open("a", encoding="utf-8") as out:
                    out.write(line + "\n")
        return result

    return judged


def _correct_cloudformation() -> None:
    identity, function = (provisioners._RESOURCE_HANDLERS[kind] for kind in (IDENTITY, FUNCTION))
    identity["create"] = only_once(with_dns_records(identity["create"]), ses_v2._identities)
    identity["update"] = with_dns_records(identity["update"])
    for step in ("create", "update"):
        function[step] = within_4_kb(function[step])


def read_once(read: Callable[[str], list[Any]]) -> Callable[[str], list[Any]]:
    """Return what reads an expression into a list, made to read each expression once and to hand out copies."""
    kept = cache(read)
    return lambda expression: list(kept(expression))


async def serve(app: Any, config: Any) -> None:
    """Serve an application as `hypercorn.asyncio.serve` does, as far as MiniStack uses that."""
    host, _, port = config.bind[0].rpartition(":")
    settings = uvicorn.Config(
        app,
        host=host,
        port=int(port),
        timeout_keep_alive=config.keep_alive_timeout,
        timeout_graceful_shutdown=1,  # who waits for a message of a queue may wait for twenty seconds
        backlog=config.backlog,
        date_header=False,  # the application's own
        server_header=False,
        ws="none",
        proxy_headers=False,  # what is forwarded for others is the application's to judge
        log_level="warning",
        access_log=False,
    )
    await uvicorn.Server(settings).serve()


def main() -> None:
    """Run MiniStack with the corrections."""
    sys.modules |= dict.fromkeys(("docker", "duckdb"))  # type: ignore[arg-type]  # as if they were not installed
    _correct_cloudformation()
    for name in ("_cors_preflight_response", "_cors_response_headers"):
        setattr(apigateway, name, reading_templates(getattr(apigateway, name)))
    iam_actions.extract_iam_action = _as_in_aws
    iam_evaluator.pin_request_origin = safe_transport(iam_evaluator.pin_request_origin)
    if calls := os.environ.get(CALLS):
        iam_evaluator.evaluate = noting(iam_evaluator.evaluate, Path(calls))
    proxy = lambda_svc.lambda_execute_result_to_api_proxy_response
    lambda_svc.lambda_execute_result_to_api_proxy_response = refused_as_by_aws(proxy)
    lambda_svc._ESM_SQS_DEFAULT_CONCURRENCY = WORKERS
    lambda_svc._LAMBDA_STATE_TRANSITION_DELAY = 0
    firehose._deliver_records_to_s3 = Collected(firehose._deliver_to_s3)
    dynamodb._condition_syntax_error = cache(dynamodb._condition_syntax_error)
    dynamodb._tokenize = read_once(dynamodb._tokenize)
    hypercorn.asyncio.serve = serve  # type: ignore[assignment]
    lambda_runtime.zipfile = SimpleNamespace(**vars(zipfile) | {"ZipFile": SharedArchive})
    lambda_runtime.subprocess = SimpleNamespace(**vars(subprocess) | {"Popen": prefork.popen()})
    botocore.session.get_session = cache(botocore.session.get_session)  # type: ignore[assignment]
    # Imported only now: the application takes the function by value.
    from ministack import app

    app._VERSION = "of requirements/stack.txt"
    app.main()


if __name__ == "__main__":
    main()
