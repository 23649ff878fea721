"""template.yaml reads from top to bottom like the package: one wing after the other, each function in one place.

The file's banners name the wing (`# === readers: ...`) and the section (`# --- subscribe`) of what stands below them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest
import yaml

from tests.moto_aws import TEMPLATE, template

RESOURCES: dict[str, dict[str, Any]] = template()["Resources"]
FUNCTION = "AWS::Serverless::Function"
MAPPING = "AWS::Lambda::EventSourceMapping"
FUNCTIONS = {name: each["Properties"] for name, each in RESOURCES.items() if each["Type"] == FUNCTION}

WINGS = {
    "shared": [],
    "readers": ["subscribe", "greet", "confirm", "unsubscribe", "inbound", "preferences", "import_people"],
    "issues": ["publish", "pictures"],
    "sending": ["fan_out", "send", "settle"],
    "desk": [
        "decide", "preview", "comment", "sign_in", "sign_in_mail", "desk", "desk_people", "desk_tagged", "api_issues",
        "api_people", "api_lists", "tell_webhooks", "post_webhook", "read_feed",
    ],
    "calendar": ["schedule"],
    "feedback": ["feedback", "release", "vote"],
    "reports": ["report", "show_report"],
    "control": ["control"],
}  # fmt: skip
"""The functions of each wing, in the order of the file. What several wings stand on comes first."""

OF_NO_FUNCTION = {("control", "people"), ("control", "dashboard")}
"""Sections outside `shared` that speak of many functions."""

LONGEST_LINE = 120
LEADS_TO = {
    "AWS::ApiGatewayV2::Integration": "IntegrationUri",
    "AWS::ApiGatewayV2::Route": "Target",
    "AWS::CloudWatch::Alarm": "Dimensions",
    "AWS::Events::Rule": "Targets",
    "AWS::Lambda::EventSourceMapping": "FunctionName",
    "AWS::Lambda::Permission": "FunctionName",
    "AWS::Logs::MetricFilter": "LogGroupName",
    "AWS::SNS::Topic": "Subscription",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueuePolicy": "Queues",
    "AWS::Scheduler::Schedule": "Target",
}
"""The property of a type of resource that names what it is there for."""


def placed() -> Iterator[tuple[str, str, str]]:
    """Yield (wing, section, resource) of every resource, in the order of the file."""
    wing = section = ""
    resources = TEMPLATE.read_text().split("\nResources:\n")[1].split("\nOutputs:\n")[0]
    for line in resources.splitlines():
        if found := re.match(r"  # === (\w+): ", line):
            wing, section = found[1], ""
        elif found := re.match(r"  # --- (\w+)", line):
            section = found[1]
        elif found := re.match(r"  (\w+):", line):
            yield wing, section, found[1]


PLACED = list(placed())
PLACE = {name: (wing, section) for wing, section, name in PLACED}


def mentioned(value: Any) -> list[str]:
    """Return the resources that an expression of the template names."""
    return [name for name in re.findall(r"\w+", json.dumps(value)) if name in RESOURCES]


def owned() -> dict[str, str]:
    """Return the function of each log group, queue and queue of dead letters: functions name those, not the reverse."""
    owners: dict[str, str] = {}
    for function, properties in FUNCTIONS.items():
        names = mentioned(properties["LoggingConfig"]) + mentioned(properties.get("EventInvokeConfig"))
        for each in RESOURCES.values():
            if each["Type"] == MAPPING and each["Properties"]["FunctionName"] == {"Ref": function}:
                sources = mentioned(each["Properties"]["EventSourceArn"])
                names += [source for source in sources if RESOURCES[source]["Type"] == "AWS::SQS::Queue"]
                names += mentioned(each["Properties"].get("DestinationConfig"))
        for name in names:
            names += mentioned(RESOURCES[name]["Properties"].get("RedrivePolicy"))
        owners |= dict.fromkeys(names, function)
    return owners


OWNED = owned()


def writer(metric: str) -> str | None:
    """Return the function that writes a metric of our own, itself or by a line in its log."""
    for name, each in RESOURCES.items():
        if each["Type"] == "AWS::Logs::MetricFilter" and metric in str(each["Properties"]["MetricTransformations"]):
            return owner(name)
    return "Schedule" if metric == "SlotsNotStarted" else "Settle"


def owner(name: str) -> str | None:
    """Return the function that a resource is there for, if it is for one."""
    if name in FUNCTIONS:
        return name
    if name in OWNED:
        return OWNED[name]
    kind, properties = RESOURCES[name]["Type"], RESOURCES[name].get("Properties", {})
    if kind == "AWS::CloudWatch::Alarm" and properties["Namespace"] == {"Ref": "AWS::StackName"}:
        return writer(properties["MetricName"])
    leads_to = mentioned(properties.get(LEADS_TO.get(kind, "")))
    return next((found for found in map(owner, leads_to) if found), None)


def test_every_resource_stands_below_the_banner_of_a_wing_and_of_a_section() -> None:
    assert [name for _, _, name in PLACED] == list(RESOURCES)
    assert not [name for wing, section, name in PLACED if not (wing and section)]


def test_the_wings_stand_in_their_order_and_each_in_one_piece() -> None:
    assert [wing for wing, _ in groupby(wing for wing, _, _ in PLACED)] == list(WINGS)


@pytest.mark.parametrize("wing", WINGS)
def test_the_functions_of_a_wing_stand_in_their_order_and_each_begins_its_section(wing: str) -> None:
    pieces = groupby((place for place in PLACED if place[0] == wing), key=lambda place: place[1])
    firsts = [(section, next(iter(names))[2]) for section, names in pieces]
    functions = [(section, name) for section, name in firsts if name in FUNCTIONS]

    assert len({section for section, _ in firsts}) == len(firsts)  # none in two pieces
    assert [section for section, _ in functions] == WINGS[wing]
    for section, name in functions:
        assert FUNCTIONS[name]["CodeUri"] == f"functions/{section}/"


def test_every_function_is_of_one_wing() -> None:
    known = [function for functions in WINGS.values() for function in functions]

    assert sorted(known) == sorted(properties["CodeUri"].split("/")[1] for properties in FUNCTIONS.values())


@pytest.mark.parametrize("name", RESOURCES)
def test_what_is_there_for_one_function_stands_beside_it_and_nothing_else_does(name: str) -> None:
    function = owner(name)

    if function is None:
        assert PLACE[name][0] == "shared" or PLACE[name] in OF_NO_FUNCTION
    else:
        assert PLACE[name] == PLACE[function]


def test_the_file_is_plain_yaml_that_every_tool_reads() -> None:
    """It has no anchors, aliases or merge keys. SAM resolves them; checkov and CloudFormation do not.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
    """
    for event in yaml.parse(TEMPLATE.read_text(), Loader=yaml.SafeLoader):
        assert getattr(event, "anchor", None) is None, event.start_mark
        assert getattr(event, "value", None) != "<<", event.start_mark


def test_no_key_is_written_twice() -> None:
    """YAML's readers take the last one and say nothing."""
    nodes = [yaml.compose(TEMPLATE.read_text(), Loader=yaml.SafeLoader)]
    for node in nodes:
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(set(keys)) == len(keys), node.start_mark
            nodes += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value


def test_no_line_is_too_long_to_read_but_a_text_in_json_which_has_no_way_to_break() -> None:
    text_in_json = re.compile(r' +"\w+": "[^"]+"[\]},]*')
    long = [line for line in TEMPLATE.read_text().splitlines() if len(line) > LONGEST_LINE]

    assert [line for line in long if not text_in_json.fullmatch(line)] == []
