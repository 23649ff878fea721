"""Turning the secret of CloudFront: whatever is cut off and whoever comes meanwhile, no request is refused for it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from newsletter.core.link_token import SigningKeys
from newsletter_cli.operator import origin_secret
from newsletter_cli.operator.origin_secret import READERS, has_origin_secret, turn_origin_secret
from newsletter_cli.problems import CommandError
from newsletter_cli.resources import Resources
from newsletter_cli.stack import Stack
from tests.cli.healthy import Client, refusal
from tests.core.fakes import VirtualClock
from tests.functions.conftest import QUEUES, SETTINGS
from tests.moto_aws import CREDENTIALS, REGION

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
OLD = "o" * 64
FUNCTIONS = (*READERS, "control")
STEPS = 7
"""Writes of a rotation: the secret, four functions, the distribution, and the edges' last one."""


class CutOffError(Exception):
    """The laptop of the operator was closed."""


@dataclass
class Aws:
    """The secret, the functions that compare it, and a CloudFront whose edges learn late."""

    secret: str = json.dumps({"current": OLD, "previous": ""})
    configured: str = OLD
    etag: int = 1
    edges: set[str] = field(default_factory=lambda: {OLD})
    """What any edge shows at this moment."""
    looks_until_deployed: int = 0
    slow: int = 3
    """Looks that a change of the distribution takes."""
    accepted: dict[str, set[str]] = field(default_factory=lambda: {word: {OLD} for word in READERS})
    """What the environments of each function take."""
    writes_left: int = 1000
    other_header: str = "kept"
    name: str = "origin-keys"
    """Of the secret, or of the parameter that holds the same."""
    for_deployments: str = OLD
    """What CloudFormation would have CloudFront show, where it reads that in Parameter Store."""

    def nobody_is_refused(self) -> bool:
        return all(self.edges <= accepted for accepted in self.accepted.values())

    def wrote(self) -> None:
        assert self.nobody_is_refused()
        if self.writes_left == 0:
            raise CutOffError
        self.writes_left -= 1

    def keys(self) -> SigningKeys:
        plain = json.loads(self.secret)
        return SigningKeys(plain["current"], plain.get("previous", ""))

    def put_secret_value(self, SecretId: str, SecretString: str) -> dict[str, Any]:  # noqa: N803 - boto3's spelling
        assert SecretId == self.name
        self.wrote()
        self.secret = SecretString
        return {}

    def put_parameter(self, Name: str, Value: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        if Name.endswith("/OriginSecret"):
            assert Value in (self.keys().current, self.keys().previous), "functions would not know it"
            self.for_deployments = Value
            return {}
        return self.put_secret_value(Name, Value)

    def get_parameter(self, Name: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        assert Name == self.name
        return {"Parameter": {"Value": self.secret}}

    def update_function_configuration(self, FunctionName: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.wrote()
        self.accepted[FunctionName] = {key for key in (self.keys().current, self.keys().previous) if key}
        return {}

    def get_distribution_config(self, Id: str) -> dict[str, Any]:  # noqa: N803
        headers = [("X-Other", self.other_header), ("X-Origin-Verify", self.configured)]
        items = [{"HeaderName": name, "HeaderValue": value} for name, value in headers]
        origins = [{"Id": "site"}, {"Id": "api", "CustomHeaders": {"Quantity": 2, "Items": items}}]
        return {"ETag": str(self.etag), "DistributionConfig": {"Origins": {"Quantity": 2, "Items": origins}}}

    def get_distribution(self, Id: str) -> dict[str, Any]:  # noqa: N803
        if self.looks_until_deployed:
            self.looks_until_deployed -= 1
        if not self.looks_until_deployed:
            self.edges = {self.configured}
        assert self.nobody_is_refused()
        return {"Distribution": {"Status": "InProgress" if self.looks_until_deployed else "Deployed"}}

    def update_distribution(self, Id: str, DistributionConfig: Any, IfMatch: str) -> dict[str, Any]:  # noqa: N803
        self.wrote()
        if IfMatch != str(self.etag):
            raise refusal("PreconditionFailed", "UpdateDistribution")
        other, verify = DistributionConfig["Origins"]["Items"][1]["CustomHeaders"]["Items"]
        assert other["HeaderValue"] == self.other_header
        self.configured, self.etag = verify["HeaderValue"], self.etag + 1
        self.edges |= {self.configured}
        self.looks_until_deployed = self.slow
        return {}

    def stack(self, clock: VirtualClock | None = None, *, distribution: str = "E1") -> Stack:
        variables = {**SETTINGS, "ORIGIN_KEYS_SECRET": self.name}
        urls = {f"{word.upper()}_QUEUE_URL": word for word in QUEUES}
        configuration = {"Environment": {"Variables": variables | urls}, "RevisionId": "1"}
        services = {
            "lambda": SimpleNamespace(
                get_function_configuration=lambda **_: configuration,
                update_function_configuration=self.update_function_configuration,
                get_waiter=lambda _: Client({"wait": {}}),
            ),
            "secretsmanager": Client(
                {
                    "get_secret_value": lambda SecretId: {"SecretString": self.secret},  # noqa: N803
                    "put_secret_value": self.put_secret_value,
                }
            ),
            "ssm": Client({"get_parameter": self.get_parameter, "put_parameter": self.put_parameter}),
            "cloudfront": Client(
                {
                    "get_distribution": self.get_distribution,
                    "get_distribution_config": self.get_distribution_config,
                    "update_distribution": self.update_distribution,
                }
            ),
        }
        session = cast(boto3.Session, Client({"client": None}))
        session.client = lambda service, **_: services[service]  # type: ignore[method-assign,assignment]
        resources = Resources("api", "content", "site", {}, {}, {word: word for word in FUNCTIONS}, distribution)
        return Stack("prod", session, resources, "https://briefing.example.org", clock=clock or VirtualClock(NOW))


def test_cloudfront_shows_a_new_secret_and_the_old_one_stays_good() -> None:
    aws = Aws()

    turn_origin_secret(aws.stack(), stolen=False, now=NOW)

    assert aws.keys().previous == OLD
    assert aws.keys().current not in (OLD, "")
    assert aws.edges == {aws.keys().current}
    assert all(accepted == {OLD, aws.keys().current} for accepted in aws.accepted.values())


PLACES = ("origin-keys", "/fortnightly/prod/OriginKeys")


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("writes", range(STEPS))
def test_cut_off_anywhere_it_is_finished_by_the_next_run_with_the_same_secret(writes: int, name: str) -> None:
    aws = Aws(writes_left=writes, looks_until_deployed=0, name=name)
    if writes < STEPS - 1:
        with pytest.raises(CutOffError):
            turn_origin_secret(aws.stack(), stolen=False, now=NOW)
    else:
        aws.writes_left, aws.slow = 1000, 10**6  # the operator gives up while the edges learn
        with pytest.raises(CommandError, match="has not told all its edges yet"):
            turn_origin_secret(aws.stack(), stolen=False, now=NOW)
    made = aws.keys().current
    aws.writes_left, aws.slow, aws.looks_until_deployed = 1000, 3, min(aws.looks_until_deployed, 3)

    turn_origin_secret(aws.stack(), stolen=False, now=NOW)

    assert writes == 0 or aws.keys().current == made
    assert aws.keys().previous == OLD
    assert aws.edges == {aws.keys().current}
    assert aws.nobody_is_refused()
    assert aws.for_deployments == (aws.keys().current if name.startswith("/") else OLD)


def test_a_stolen_secret_is_good_no_longer_once_every_edge_shows_the_new_one() -> None:
    aws = Aws()

    turn_origin_secret(aws.stack(), stolen=True, now=NOW)

    assert aws.keys() == SigningKeys(aws.configured, "")
    assert all(accepted == aws.edges == {aws.configured} for accepted in aws.accepted.values())


def test_the_next_rotation_forgets_the_secret_before_the_last() -> None:
    aws = Aws()
    for _ in range(2):
        turn_origin_secret(aws.stack(), stolen=False, now=NOW)

    assert OLD not in {aws.keys().current, aws.keys().previous}


def test_a_change_by_somebody_else_at_the_same_moment_is_not_undone() -> None:
    aws = Aws()
    describe = aws.get_distribution_config

    def stale(Id: str) -> dict[str, Any]:  # noqa: N803
        described = copy.deepcopy(describe(Id))
        described["ETag"] = "0"
        return described

    aws.get_distribution_config = stale  # type: ignore[method-assign]
    with pytest.raises(CommandError, match="at the same moment"):
        turn_origin_secret(aws.stack(), stolen=False, now=NOW)

    assert aws.configured == OLD
    assert aws.edges == {OLD}


def test_it_waits_for_the_edges_and_not_for_ever() -> None:
    aws, clock = Aws(slow=10**6), VirtualClock(NOW)

    with pytest.raises(CommandError, match="Old and new secret are both good"):
        turn_origin_secret(aws.stack(clock), stolen=False, now=NOW)

    assert origin_secret.PATIENCE <= clock.now() - NOW <= 2 * origin_secret.PATIENCE


def test_without_cloudfront_there_is_nothing_to_turn() -> None:
    assert has_origin_secret(Aws().stack())
    assert not has_origin_secret(Aws().stack(distribution=""))


@pytest.fixture
def cloudfront(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, str]]:
    """A distribution of moto's, which checks each call against AWS's own description."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("cloudfront", region_name=REGION)
        header = {"HeaderName": "X-Origin-Verify", "HeaderValue": OLD}
        origin = {
            "Id": "api",
            "DomainName": "api.example.org",
            "CustomHeaders": {"Quantity": 1, "Items": [header]},
            "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
        }
        config = {
            "CallerReference": "tests",
            "Comment": "the archive",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {"TargetOriginId": "api", "ViewerProtocolPolicy": "https-only"},
        }
        made = client.create_distribution(DistributionConfig=config)
        yield client, made["Distribution"]["Id"]


def test_only_the_secret_changes_in_what_aws_itself_describes(cloudfront: tuple[Any, str]) -> None:
    client, distribution = cloudfront
    aws = Aws()
    stack = aws.stack(distribution=distribution)
    others = stack.session.client
    stack.session.client = lambda service, **_: client if service == "cloudfront" else others(service)  # type: ignore[method-assign,assignment]
    before = client.get_distribution_config(Id=distribution)["DistributionConfig"]

    turn_origin_secret(stack, stolen=False, now=NOW)

    after = client.get_distribution_config(Id=distribution)["DistributionConfig"]
    (header,) = after["Origins"]["Items"][0]["CustomHeaders"]["Items"]
    assert header["HeaderValue"] == aws.keys().current
    header["HeaderValue"] = OLD
    assert after == before
