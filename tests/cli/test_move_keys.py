"""The keys of a stack in use go to Parameter Store and back: no step shows one, loses one, or is taken twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from newsletter.core.link_token import SigningKeys
from newsletter_cli.key_parameters import ALL, RINGS, SHOWN, KeyParameters, kind_of, parameter_name
from newsletter_cli.operator.doctor.doctor import examined
from newsletter_cli.operator.doctor.finding import Level
from newsletter_cli.operator.doctor.keys import key_places, signing_keys
from newsletter_cli.operator.doctor.patient import Answer, Patient
from newsletter_cli.operator.move_keys import KeysOfStack, copies_back, copies_over, next_steps
from newsletter_cli.operator.signing_keys import Ring, read_ring, write_ring
from newsletter_cli.problems import CommandError
from newsletter_cli.resources import Resources
from newsletter_cli.stack import Stack
from tests.cli.healthy import NOW, Client
from tests.functions.conftest import QUEUES, SETTINGS
from tests.moto_aws import REGION

SECRET = "AWS::SecretsManager::Secret"  # noqa: S105
NAMES = [parameter_name("prod", key) for key in ALL]


def client(service: Any) -> Any:
    return boto3.client(service, region_name=REGION)


@dataclass
class World:
    """A stack called prod; `keys_in` is what it was deployed with last."""

    keys_in: str = "secrets"
    cloudfront: bool = True
    arns: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.deploy(self.keys_in)

    def deploy(self, keys_in: str) -> None:
        """Do what CloudFormation would: make what is missing, let go of what has no place any more."""
        self.keys_in = keys_in
        wanted = [key for key in RINGS if keys_in != "parameters" and (key != "OriginKeys" or self.cloudfront)]
        for key in wanted:
            if key not in self.arns:
                name = f"{key}-{len(client('secretsmanager').list_secrets()['SecretList'])}"
                text = json.dumps({"current": f"{name} made by AWS".ljust(64, "."), "previous": ""})
                self.arns[key] = client("secretsmanager").create_secret(Name=name, SecretString=text)["ARN"]
        self.arns = {key: arn for key, arn in self.arns.items() if key in wanted}

    @property
    def stack(self) -> Stack:
        read = {
            key: self.arns[key] if self.keys_in == "secrets" else parameter_name("prod", key)
            for key in RINGS
            if key != "OriginKeys" or self.cloudfront
        }
        settings = {
            "SIGNING_KEYS_SECRET": read["SigningKeys"], "EDITOR_KEYS_SECRET": read["EditorKeys"],
            "ORIGIN_KEYS_SECRET": read.get("OriginKeys", ""),
        }  # fmt: skip
        variables = {**SETTINGS, **settings, **{f"{word.upper()}_QUEUE_URL": word for word in QUEUES}}
        summaries = [
            {"LogicalResourceId": key, "PhysicalResourceId": arn, "ResourceType": SECRET}
            for key, arn in self.arns.items()
        ]
        services = {
            "lambda": Client({"get_function_configuration": {"Environment": {"Variables": variables}}}),
            "cloudformation": Client({"list_stack_resources": {"StackResourceSummaries": summaries}}),
        }
        session = cast(boto3.Session, Client({"client": None}))
        session.client = lambda service, **_: services.get(service) or client(service)  # type: ignore[method-assign,assignment]
        return Stack("prod", session, Resources("", "", "", {}, {}, {"control": "prod-control"}), "https://x.example")

    @property
    def keys(self) -> KeysOfStack:
        return KeysOfStack.of(self.stack)

    def copy(self, *, back: bool = False) -> list[str]:
        """Do what the verb does, and return which keys it wrote."""
        keys = self.keys
        going = copies_back(keys) if back else copies_over(keys)
        for each in going:
            each.make(keys)
        return [each.key for each in going]

    def rotate(self) -> None:
        write_ring(self.stack, read_ring(self.stack).turned("newer".ljust(64, "."), stolen=False, now=NOW))

    def patient(self) -> Patient:
        return Patient(self.stack, lambda *_: [], lambda _: Answer(200, {}), lambda *_: 200, NOW)

    def finding(self) -> Any:
        (found,) = key_places(self.patient())
        return found


@pytest.fixture
def world(credentials: None) -> Iterator[World]:  # noqa: ARG001
    with mock_aws():
        yield World()


def test_the_keys_go_over_in_two_deployments_and_the_functions_read_the_same_all_the_time(world: World) -> None:
    before = read_ring(world.stack)

    assert world.copy() == list(ALL)
    assert world.copy() == []
    for keys_in in ("both", "parameters"):
        world.deploy(keys_in)
        assert read_ring(world.stack) == before
        assert world.copy() == []
    assert world.keys.parameters.find(SHOWN) == read_ring(world.stack, NAMES[2]).keys.current
    assert [client("ssm").get_parameter(Name=name)["Parameter"]["Type"] for name in NAMES] == [
        "SecureString", "SecureString", "SecureString", "String",
    ]  # fmt: skip


def test_they_come_back_and_the_functions_read_the_same_all_the_time(world: World) -> None:
    world.copy()
    world.deploy("both")
    world.deploy("parameters")
    world.rotate()
    before = read_ring(world.stack)
    with pytest.raises(CommandError, match="Deploy it with KeysIn=both"):
        world.copy(back=True)

    world.deploy("both")
    assert world.copy(back=True) == list(RINGS)
    assert world.copy(back=True) == []
    world.deploy("secrets")

    assert read_ring(world.stack) == before
    assert world.copy(back=True) == []


def test_a_rotation_after_the_copy_is_copied_by_the_next_run(world: World) -> None:
    world.copy()
    world.rotate()

    assert world.copy() == ["SigningKeys"]
    world.deploy("both")
    assert read_ring(world.stack).keys.current.startswith("newer")


def test_what_functions_read_is_never_written_over(world: World) -> None:
    world.copy()
    world.deploy("both")
    world.rotate()

    assert world.copy() == []
    assert read_ring(world.stack).keys.current.startswith("newer")


def test_without_cloudfront_there_are_two_keys_to_move(credentials: None) -> None:  # noqa: ARG001
    with mock_aws():
        assert World(cloudfront=False).copy() == ["SigningKeys", "EditorKeys"]


def test_no_key_is_ever_said(world: World) -> None:
    said = [repr(each) for each in copies_over(world.keys)]
    world.copy()
    for keys_in in ("secrets", "both", "parameters"):
        world.deploy(keys_in)
        said += [line for back in (False, True) for line in next_steps(world.keys, back=back)]

    assert "made by AWS" not in "\n".join(said)
    assert "aws secretsmanager delete-secret --secret-id arn:" in "\n".join(said)


def test_doctor_sees_that_they_are_being_moved_and_that_a_rotation_was_left_behind(world: World) -> None:
    assert world.finding().level is Level.OK
    world.copy()
    world.deploy("both")
    assert world.finding().level is Level.WARNING
    world.rotate()
    assert world.finding().level is Level.WARNING
    world.deploy("parameters")
    assert world.finding().level is Level.OK
    world.deploy("both")  # on the way back, with new secrets
    assert world.finding().level is Level.WARNING


def test_doctor_says_to_go_back_when_functions_read_older_keys_than_the_secrets_have(world: World) -> None:
    world.copy()
    world.rotate()
    world.deploy("both")

    assert world.finding().level is Level.PROBLEM
    assert "KeysIn=secrets" in world.finding().remedy


def test_a_key_that_is_gone_is_named_as_such_and_not_made_anew_by_a_look(world: World) -> None:
    world.copy()
    world.deploy("parameters")
    client("ssm").delete_parameter(Name=NAMES[0])

    (found,) = examined(signing_keys, world.patient())

    assert (found.level, found.found[:40]) == (Level.PROBLEM, "A key is missing in Parameter Store. See")
    assert world.keys.parameters.find("SigningKeys") is None


def test_a_new_stack_gets_its_keys_once(world: World) -> None:  # noqa: ARG001
    parameters = KeyParameters(client("ssm"), "new")

    assert parameters.make_missing() == [parameter_name("new", key) for key in ALL]
    made = {key: parameters.find(key) for key in ALL}
    assert parameters.make_missing() == []

    assert {key: parameters.find(key) for key in ALL} == made
    assert len({json.loads(str(made[key]))["current"] for key in RINGS}) == 3
    assert made[SHOWN] == json.loads(str(made["OriginKeys"]))["current"]


def test_whoever_was_cut_off_between_two_keys_gets_the_rest(world: World) -> None:  # noqa: ARG001
    parameters = KeyParameters(client("ssm"), "new")
    parameters.make_missing()
    client("ssm").delete_parameters(Names=[parameter_name("new", key) for key in ("EditorKeys", SHOWN)])
    shown = json.loads(str(parameters.find("OriginKeys")))["current"]

    assert parameters.make_missing() == [parameter_name("new", key) for key in ("EditorKeys", SHOWN)]
    assert parameters.find(SHOWN) == shown


def test_a_ring_of_a_hundred_retired_keys_finds_room(world: World) -> None:
    """A parameter for nothing holds 4 KB; a larger one is asked for when it is needed."""
    world.copy()
    world.deploy("parameters")
    keys = SigningKeys("c" * 64, "p" * 64, tuple(f"{number:064}" for number in range(100)))

    write_ring(world.stack, Ring(keys))

    assert read_ring(world.stack).keys == keys
    assert kind_of(SHOWN) == "String"
