"""A first day on AWS, rehearsed: the real template through `sam deploy` with nothing but defaults.

The emulator stands for the account. It takes back what a failed deployment made in the order and by the deletion
policies of CloudFormation. What it cannot show: how long that takes, whether AWS verified the account for CloudFront,
and whether a right to make or delete something is missing, since it deploys as the account's owner.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator import CLIENT, REGION, Emulator, session
from local.process import clean_environment, free_port
from local.reader import wait_for
from newsletter.config import written_out
from tests.moto_aws import TEMPLATE

ROOT = TEMPLATE.parent
SAM = ROOT / ".venv-sam/bin/sam"
STACK, SECOND = "fortnightly-dev", "fortnightly-second"
DOMAIN = "example.org"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not SAM.exists(), reason="the SAM CLI is not installed (make .venv-sam/.sam)"),
]


@dataclass(frozen=True)
class Account:
    """An account of AWS in which nothing of ours was ever made."""

    endpoint: str
    environment: Mapping[str, str]

    def client(self, service: Any) -> Any:
        return session().client(service, endpoint_url=self.endpoint, config=CLIENT)

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, command)), cwd=ROOT, env=dict(self.environment), capture_output=True, text=True, check=False
        )

    def sam_deploy(self) -> subprocess.CompletedProcess[str]:
        """Deploy as `make deploy` does, without the question."""
        return self.run(SAM, "deploy", "--config-env", "default", "--template", TEMPLATE, "--no-confirm-changeset",
                        "--no-progressbar")  # fmt: skip

    def state(self, stack: str = STACK) -> str:
        found: str = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        return found

    def update(self, **changed: str) -> None:
        """Deploy the same template with other values of parameters."""
        self.client("cloudformation").update_stack(
            StackName=STACK,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in changed.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        wait_for("the update", lambda: not self.state().endswith("IN_PROGRESS"), seconds=60)
        assert self.state() == "UPDATE_COMPLETE"

    def shown(self) -> str:
        """Return the secret that CloudFront shows the API."""
        resources = self.client("cloudformation").describe_stack_resource(
            StackName=STACK, LogicalResourceId="Distribution"
        )
        distribution = resources["StackResourceDetail"]["PhysicalResourceId"]
        config = self.client("cloudfront").get_distribution_config(Id=distribution)["DistributionConfig"]
        (header,) = (
            header for origin in config["Origins"]["Items"]
            for header in origin.get("CustomHeaders", {}).get("Items", ())
        )  # fmt: skip
        return str(header["HeaderValue"])

    def settings(self) -> dict[str, str]:
        """Return the settings of a function."""
        found = self.client("lambda").get_function_configuration(FunctionName=f"{STACK}-control")
        return written_out(found["Environment"]["Variables"])

    def outputs(self, stack: str = STACK) -> dict[str, str]:
        made = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
        return {each["OutputKey"]: each["OutputValue"] for each in made}

    def tables(self) -> list[str]:
        return list(self.client("dynamodb").list_tables()["TableNames"])

    def secrets(self) -> list[str]:
        return [each["Name"] for each in self.client("secretsmanager").list_secrets()["SecretList"]]

    def buckets(self) -> list[str]:
        named = [each["Name"] for each in self.client("s3").list_buckets()["Buckets"]]
        return [each for each in named if not each.startswith("aws-sam-cli-managed")]

    def identities(self) -> list[str]:
        return [each["IdentityName"] for each in self.client("sesv2").list_email_identities()["EmailIdentities"]]

    def protected(self) -> set[bool]:
        tables = [self.client("dynamodb").describe_table(TableName=name)["Table"] for name in self.tables()]
        return {bool(each.get("DeletionProtectionEnabled")) for each in tables}

    def gone(self, stack: str) -> bool:
        try:
            return self.state(stack) == "DELETE_COMPLETE"
        except ClientError:
            return True


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    home = tmp_path_factory.mktemp("account")
    emulator = Emulator(port=free_port(), ses_endpoint="", home=home)
    emulator.start()
    environment = clean_environment(home / "tmp") | {
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.5",
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    yield Account(emulator.endpoint, environment)
    emulator.part.stop()


@pytest.fixture(scope="module")
def failed(account: Account) -> subprocess.CompletedProcess[str]:
    """Deploy into an account in which somebody has registered the domain before."""
    account.client("sesv2").create_email_identity(EmailIdentity=DOMAIN)
    return account.sam_deploy()


@pytest.fixture(scope="module")
def again(account: Account, failed: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:  # noqa: ARG001
    """Remove what was in the way, and what CloudFormation keeps of a stack that was never made; then the same again."""
    account.client("sesv2").delete_email_identity(EmailIdentity=DOMAIN)
    account.client("cloudformation").delete_stack(StackName=STACK)
    wait_for("the end of the failed stack", partial(account.gone, STACK))
    return account.sam_deploy()


def test_a_first_deployment_that_failed_says_why_and_leaves_nothing(
    account: Account, failed: subprocess.CompletedProcess[str]
) -> None:
    assert failed.returncode == 1
    assert account.state() == "ROLLBACK_COMPLETE"
    pages = account.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=STACK)
    events = [each for page in pages for each in page["StackEvents"]]
    reasons = [each["ResourceStatusReason"] for each in events if each["ResourceStatus"] == "CREATE_FAILED"]
    assert any("already exists" in reason for reason in reasons), reasons
    assert (account.tables(), account.secrets(), account.buckets()) == ([], [], [])
    assert account.identities() == [DOMAIN]  # it is not ours to take back


def test_the_second_deployment_succeeds_with_nothing_but_defaults(
    account: Account, again: subprocess.CompletedProcess[str]
) -> None:
    assert again.returncode == 0, again.stdout[-3000:] + again.stderr[-3000:]
    assert account.state() == "CREATE_COMPLETE"
    assert account.identities() == [DOMAIN]
    assert account.outputs()["DkimRecords"].count(" -> ") == 3
    assert (len(account.tables()), len(account.secrets()), len(account.buckets())) == (10, 4, 2)


@pytest.mark.usefixtures("again")
def test_once_it_stands_nobody_deletes_a_table_or_the_stack_by_mistake(account: Account) -> None:
    assert account.protected() == {False}

    said = account.run("newsletter", "--stack", STACK, "protect")

    assert said.returncode == 0, said.stderr
    assert account.protected() == {True}
    with pytest.raises(ClientError, match="[Tt]ermination"):
        account.client("cloudformation").delete_stack(StackName=STACK)


@pytest.mark.usefixtures("again")
def test_a_second_stack_uses_the_identity_that_is_there_and_leaves_it_when_it_goes(account: Account) -> None:
    cloudformation = account.client("cloudformation")
    template = cloudformation.get_template(StackName=STACK, TemplateStage="Original")["TemplateBody"]
    s3 = account.client("s3")
    s3.create_bucket(Bucket="second", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="second", Key="template", Body=str(template).encode())
    cloudformation.create_stack(
        StackName=SECOND,
        TemplateURL=f"{account.endpoint}/second/template",
        Parameters=[{"ParameterKey": "CreateSenderIdentity", "ParameterValue": "false"}],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    wait_for("the second stack", lambda: account.state(SECOND) != "CREATE_IN_PROGRESS", seconds=60)
    assert account.state(SECOND) == "CREATE_COMPLETE"
    assert not {"DkimRecords", "MailFromRecords"} & set(account.outputs(SECOND))

    cloudformation.delete_stack(StackName=SECOND)
    wait_for("the end of the second stack", partial(account.gone, SECOND), seconds=60)
    assert account.identities() == [DOMAIN]
    assert len(account.tables()) == 20  # those of the second are kept as well: this was no first deployment


@pytest.mark.usefixtures("again")
def test_a_stack_that_made_the_identity_lets_go_of_it_and_it_stays(account: Account) -> None:
    account.update(CreateSenderIdentity="false")

    assert "DkimRecords" not in account.outputs()
    assert account.identities() == [DOMAIN]


@pytest.mark.usefixtures("again")
def test_the_keys_of_a_stack_in_use_move_to_parameter_store_and_their_secrets_stay(account: Account) -> None:
    before, shown = account.secrets(), account.shown()

    said = account.run("newsletter", "--stack", STACK, "move-keys", "--yes")
    assert said.returncode == 0, said.stderr
    account.update(CreateSenderIdentity="false", KeysIn="both")
    assert account.secrets() == before
    again = account.run("newsletter", "--stack", STACK, "move-keys", "--yes")
    assert again.stdout.count("aws secretsmanager delete-secret --secret-id") == 2
    account.update(CreateSenderIdentity="false", KeysIn="parameters")

    assert account.settings()["SIGNING_KEYS_SECRET"] == f"/fortnightly/{STACK}/SigningKeys"
    assert account.shown() == shown  # read in the other place, and the same: no request is refused
    gone = {name.split("-")[2] for name in set(before) - set(account.secrets())}
    assert gone == {"OriginKeys"}
