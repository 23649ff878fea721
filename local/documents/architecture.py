"""docs/architecture.md: what wakes what, and who may touch what, read from template.yaml."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from local.documents.within import only_counts, with_parts
from local.package import read_template
from local.process import ROOT

FILE = ROOT / "docs" / "architecture.md"
FUNCTION = "AWS::Serverless::Function"
MAPPING = "AWS::Lambda::EventSourceMapping"
STORES = ("AWS::DynamoDB::Table", "AWS::S3::Bucket")
WRITES = re.compile(r"dynamodb:(Put|Update|Delete|BatchWrite|Transact)|s3:(Put|Delete)")
READS = re.compile(r"dynamodb:(Get|BatchGet|Query|Scan)(?!.* for counts$)|s3:Get")
COUNTS = re.compile(r"dynamodb:Query for counts$")


def as_text() -> str:
    """Return the page with its diagrams and its table."""
    resources = read_template(ROOT / "template.yaml")["Resources"]
    return with_parts(FILE, {"wakes": _diagram(resources), "permissions": _permissions(resources)})


def _diagram(resources: Mapping[str, Any]) -> str:
    """Return as Mermaid what wakes each function, and which queues it fills."""
    lines = ["```mermaid", "flowchart LR"]
    for name, each in _functions(resources):
        word = _word(each)
        lines.append(f"  {name}([{word}])")
        for source, label in _woken_by(name, each, resources):
            lines.append(f"  {source} --> {name}" if not label else f"  {source} -- {label} --> {name}")
        lines += [f"  {name} --> {queue}" for queue in _fills(each, resources)]
        lines += [f"  {name} -- asks --> {asked}" for asked in _asks(each)]
        if _mails(each):
            lines.append(f"  {name} --> SES{{{{SES}}}}")
    for name, each in resources.items():
        if each["Type"] == "AWS::SQS::Queue" and name.endswith("Queue"):
            lines.append(f"  {name}[/{name}/]")
        if each["Type"] == "AWS::Scheduler::Schedule":
            target = _names(each["Properties"]["Target"]["Arn"])
            lines += [f"  {name}(({name})) --> {queue}" for queue in target]
    lines += [
        "  ContentBucket[(ContentBucket)] --> PublishQueue",
        "  SES --> FeedbackTopic --> FeedbackQueue",
        "  SES --> EventStream([EventStream]) --> ContentBucket -- EventFilesRule --> FeedbackQueue",
    ]
    return "\n".join([*lines, "```"])


def _permissions(resources: Mapping[str, Any]) -> str:
    """Return who reads and writes which table and bucket, as a table in Markdown."""
    stores = [name for name, each in resources.items() if each["Type"] in STORES]
    heads = [name.removesuffix("Table").removesuffix("Bucket").lower() for name in stores]
    rows = [f"| function | {' | '.join(heads)} | mails |", "| --- |" + " --- |" * (len(heads) + 1)]
    for _, each in _functions(resources):
        may = _touches(each)
        cells = ["".join(sorted(may.get(store, ""))) for store in stores]
        rows.append(f"| `{_word(each)}` | {' | '.join(cells)} | {'yes' if _mails(each) else ''} |")
    return "\n".join(rows)


def _functions(resources: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, each["Properties"]) for name, each in resources.items() if each["Type"] == FUNCTION)


def _word(function: Mapping[str, Any]) -> str:
    return str(function["CodeUri"]).split("/")[1]


def _woken_by(name: str, function: Mapping[str, Any], resources: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in resources.values():
        if each["Type"] == MAPPING and name in _names(each["Properties"]["FunctionName"]):
            yield _names(each["Properties"]["EventSourceArn"])[0], ""
    for event, each in function.get("Events", {}).items():
        if each["Type"] == "ScheduleV2":
            yield f"{name}{event}(({event}))", ""
    integrations = {
        key
        for key, each in resources.items()
        if each["Type"] == "AWS::ApiGatewayV2::Integration" and name in _names(each["Properties"]["IntegrationUri"])
    }
    for each in resources.values():
        if each["Type"] == "AWS::ApiGatewayV2::Route" and integrations & set(_names(each["Properties"]["Target"])):
            yield "Reader((reader))", f'"{each["Properties"]["RouteKey"].split()[1]}"'


def _fills(function: Mapping[str, Any], resources: Mapping[str, Any]) -> list[str]:
    filled = {
        queue
        for actions, names in _statements(function)
        if "sqs:SendMessage" in actions
        for queue in names
        if resources.get(queue, {}).get("Type") == "AWS::SQS::Queue"
    }
    return sorted(filled)


def _asks(function: Mapping[str, Any]) -> list[str]:
    return [name for actions, names in _statements(function) if "lambda:InvokeFunction" in actions for name in names]


def _mails(function: Mapping[str, Any]) -> bool:
    return any(action.startswith("ses:Send") for actions, _ in _statements(function) for action in actions)


def _touches(function: Mapping[str, Any]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for actions, names in _statements(function):
        for sign, pattern in (("n", COUNTS), ("r", READS), ("w", WRITES)):
            if any(pattern.match(action) for action in actions):
                for name in names:
                    found[name].add(sign)
    return found


def _statements(function: Mapping[str, Any]) -> Iterator[tuple[list[str], list[str]]]:
    for policy in function.get("Policies", []):
        for each in policy.get("Statement", []):
            statement = each["Fn::If"][1] if "Fn::If" in each else each
            actions = statement["Action"]
            if only_counts(statement):
                actions = f"{actions} for counts"
            yield [actions] if isinstance(actions, str) else actions, _names(statement["Resource"])


def _names(value: Any) -> list[str]:
    """Return the logical names that an expression of the template speaks of."""
    match value:
        case {"Fn::GetAtt": [name, _]} | {"Ref": name}:
            return [name]
        case {"Fn::Sub": str(text)}:
            return re.findall(r"\$\{(\w+)", text)
        case list():
            return [name for each in value for name in _names(each)]
        case dict():
            return [name for each in value.values() for name in _names(each)]
    return []
