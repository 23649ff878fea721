"""docs/blast-radius.md: what somebody could reach who runs code of their own in a function, read from template.yaml."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from local.documents.within import only_counts, with_parts
from local.package import read_template
from local.process import ROOT

FILE = ROOT / "docs" / "blast-radius.md"
FUNCTION = "AWS::Serverless::Function"
PARTS = {
    "keys": ("secretsmanager:", "ssm:GetParameter"),
    "tables": ("dynamodb:",),
    "buckets": ("s3:",),
    "queues it reads": ("sqs:ReceiveMessage", "sqs:DeleteMessage"),
    "queues it fills": ("sqs:SendMessage",),
    "calls": ("lambda:", "cloudfront:"),
    "mails": ("ses:Send",),
}
"""The columns, by the beginnings of the actions that stand in them."""

KEY_PARAMETER = ":parameter/fortnightly/${AWS::StackName}/"
"""What stands before the name of a key in the ARN of its parameter."""


def as_text() -> str:
    """Return the page with its table."""
    return with_parts(FILE, {"reach": _table(reach())})


def reach() -> dict[str, dict[str, set[str]]]:
    """Return for each function, by its folder, what it may do to what: {"publish": {"IssuesTable": {"PutItem"}}}.

    A bucket's prefix and a table's index stand behind its name: "ContentBucket/issues/*". A key is one place, be it a
    secret or the parameter of the same name.
    """
    resources = read_template(ROOT / "template.yaml")["Resources"]
    found: dict[str, dict[str, set[str]]] = {}
    for each in resources.values():
        if each["Type"] == FUNCTION:
            properties = each["Properties"]
            may: dict[str, set[str]] = defaultdict(set)
            for actions, places in _statements(properties):
                for place in places:
                    may[place] |= set(actions)
            found[str(properties["CodeUri"]).split("/")[1]] = dict(may)
    return found


def _table(found: Mapping[str, Mapping[str, set[str]]]) -> str:
    rows = [f"| function | {' | '.join(PARTS)} |", "| --- |" + " --- |" * len(PARTS)]
    for function, may in found.items():
        cells = [_cell(may, beginnings) for beginnings in PARTS.values()]
        rows.append(f"| `{function}` | {' | '.join(cells)} |")
    return "\n".join(rows)


def _cell(may: Mapping[str, set[str]], beginnings: tuple[str, ...]) -> str:
    said = []
    for place, actions in sorted(may.items()):
        done = sorted(action.partition(":")[2] for action in actions if action.startswith(beginnings))
        if not done:
            continue
        if beginnings[0] in ("dynamodb:", "s3:"):
            said.append(f"{place} ({', '.join(done)})")
        elif beginnings[0] == "ses:Send":
            said += ["issues" if "Issues" in place else "single mails"] if "ConfigurationSet" in place else []
        else:
            said.append(place)
    return "; ".join(said)


def _statements(function: Mapping[str, Any]) -> Iterator[tuple[list[str], list[str]]]:
    for policy in function.get("Policies", []):
        for each in policy.get("Statement", []):
            statement = each["Fn::If"][1] if "Fn::If" in each else each
            actions = statement["Action"]
            if only_counts(statement):
                actions = f"{actions} for counts"
            yield [actions] if isinstance(actions, str) else actions, _places(statement["Resource"])


def _places(value: Any) -> list[str]:
    match value:
        case {"Ref": "AWS::NoValue"}:
            return []
        case {"Fn::GetAtt": [name, _]} | {"Ref": name}:
            return [name]
        case {"Fn::If": [_, then, otherwise]}:
            return [*_places(then), *_places(otherwise)]
        case {"Fn::Sub": str(text)} if KEY_PARAMETER in text:
            return [text.partition(KEY_PARAMETER)[2]]
        case {"Fn::Sub": str(text)}:
            named = re.search(r"\$\{(\w+)(?:\.Arn)?\}([^$]*)$", text)
            return [f"{named[1]}{named[2]}"] if named and not named[1].startswith("AWS") else [text]
        case list():
            return [place for each in value for place in _places(each)]
    return [str(value)]
