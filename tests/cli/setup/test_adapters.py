"""AWS as setting up sees it: on moto as far as that goes, on stubs of botocore where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from newsletter_cli.key_parameters import KeyParameters
from newsletter_cli.problems import UsageError
from newsletter_cli.setup.adapters.acm_certificates import AcmCertificates
from newsletter_cli.setup.adapters.aws_account import AwsAccount
from newsletter_cli.setup.adapters.checkout import longest_stack_name, read_template
from newsletter_cli.setup.adapters.cloudformation_stack import CloudFormationStack
from newsletter_cli.setup.adapters.files import SetupFiles, read_answers
from newsletter_cli.setup.adapters.route53_zones import Route53Zones
from newsletter_cli.setup.adapters.sam_deployment import SamDeployment
from newsletter_cli.setup.adapters.ses_senders import SesSenders
from newsletter_cli.setup.adapters.stack_parts import AwsStackParts
from newsletter_cli.setup.domain.regions import refused, remarks
from newsletter_cli.setup.domain.template import counted, defaults
from tests.moto_aws import REGION

DOMAIN = "society.example"
PAGES = f"briefing.{DOMAIN}"

SMALL = """
{"Resources": {
  "AddressesTable": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": {
    "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}]}},
  "WorkQueue": {"Type": "AWS::SQS::Queue"}},
 "Parameters": {"SenderEmail": {"Type": "String", "Default": "a@society.example"}},
 "Outputs": {"ArchiveUrl": {"Value": "https://x.example"}}}
"""


@pytest.fixture
def account(credentials: None) -> Iterator[boto3.Session]:  # noqa: ARG001 - sets the environment
    with mock_aws():
        yield boto3.Session(region_name=REGION)


def stub(service: Any) -> tuple[Any, Stubber]:
    session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)
    client = session.client(service)
    return client, Stubber(client)


# --- Route 53 ---


def test_the_nearest_public_zone_is_found(account: boto3.Session) -> None:
    client = account.client("route53")
    for name in (DOMAIN, f"mail.{DOMAIN}"):
        client.create_hosted_zone(Name=name, CallerReference=name)
    private = {"PrivateZone": True}
    client.create_hosted_zone(Name="inside.example", CallerReference="i", HostedZoneConfig=private)
    zones = Route53Zones(client)

    assert zones.zone_of(f"_dmarc.{DOMAIN}") != zones.zone_of(f"a.mail.{DOMAIN}") != ""
    assert zones.zone_of(f"bounce.{DOMAIN}") == zones.zone_of(DOMAIN)
    assert zones.zone_of("x.inside.example") == zones.zone_of("elsewhere.example") == ""


@pytest.mark.parametrize(
    ("kind", "content"),
    [("CNAME", "k1.dkim.amazonses.com"), ("TXT", "v=spf1 include:amazonses.com ~all"), ("MX", "10 feedback.example")],
)
def test_a_record_is_added_once_and_read_as_a_name_server_says_it(
    account: boto3.Session, kind: str, content: str
) -> None:
    client = account.client("route53")
    zone = client.create_hosted_zone(Name=DOMAIN, CallerReference="1")["HostedZone"]["Id"]
    zones, name = Route53Zones(client), f"x.{DOMAIN}"
    assert zones.find(zone, name, kind) == []

    zones.add(zone, name, kind, content)
    zones.add(zone, name, kind, "somebody was faster")

    assert zones.find(zone, name, kind) == [content]


# --- ACM ---


def test_a_certificate_is_requested_once_and_brings_its_record(account: boto3.Session) -> None:
    certificates = AcmCertificates(account.client("acm", region_name="us-east-1"), None)
    assert certificates.find(PAGES) is None

    certificates.request(PAGES)
    certificates.request(PAGES)
    found = certificates.find(PAGES)

    assert found is not None
    assert found.arn.startswith("arn:aws:acm:us-east-1:")
    assert found.status == "PENDING_VALIDATION"
    assert found.record_name
    assert found.record_content
    listed = account.client("acm", region_name="us-east-1").list_certificates()["CertificateSummaryList"]
    assert len(listed) == 1


def test_a_wildcard_covers_the_pages_and_a_certificate_elsewhere_does_not(account: boto3.Session) -> None:
    near, far = account.client("acm", region_name="us-east-1"), account.client("acm")
    far.request_certificate(DomainName=PAGES, ValidationMethod="DNS")
    certificates = AcmCertificates(near, far)

    assert certificates.find(PAGES) is None
    assert certificates.is_elsewhere(PAGES)

    near.request_certificate(DomainName=f"*.{DOMAIN}", ValidationMethod="DNS")
    found = certificates.find(PAGES)
    assert found is not None
    assert found.record_name
    assert certificates.find(DOMAIN) is None


# --- SES ---


def test_an_identity_is_registered_once(account: boto3.Session) -> None:
    senders = SesSenders(account.client("sesv2"))
    assert senders.find(DOMAIN) is None

    senders.register(DOMAIN)
    senders.register(DOMAIN)

    assert senders.find(DOMAIN) is not None


def test_an_identity_that_aws_says_exists_stays_as_it_is() -> None:
    client, stubber = stub("sesv2")
    stubber.add_client_error("create_email_identity", "AlreadyExistsException")
    with stubber:
        SesSenders(client).register(DOMAIN)
    stubber.assert_no_pending_responses()


def test_what_ses_says_of_an_identity_is_read() -> None:
    client, stubber = stub("sesv2")
    stubber.add_response(
        "get_email_identity",
        {
            "VerifiedForSendingStatus": True,
            "DkimAttributes": {
                "SigningEnabled": True, "Status": "SUCCESS", "Tokens": ["a", "b", "c"],
                "SigningAttributesOrigin": "AWS_SES", "SigningHostedZone": "dkim.eu-west-2.amazonses.com",
            },
            "MailFromAttributes": {
                "MailFromDomain": f"bounce.{DOMAIN}", "MailFromDomainStatus": "SUCCESS",
                "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
            },
        },
    )  # fmt: skip
    with stubber:
        found = SesSenders(client).find(DOMAIN)
    assert found is not None
    assert (found.verified, found.tokens) == (True, ("a", "b", "c"))
    assert (found.signing_zone, found.mail_from) == ("dkim.eu-west-2.amazonses.com", f"bounce.{DOMAIN}")


def test_the_two_calls_of_ses_that_moto_lacks_have_their_shape() -> None:
    client, stubber = stub("sesv2")
    stubber.add_response("put_email_identity_mail_from_attributes", {}, {
        "EmailIdentity": DOMAIN, "MailFromDomain": f"bounce.{DOMAIN}", "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
    })  # fmt: skip
    stubber.add_response("put_account_details", {}, {
        "ProductionAccessEnabled": True, "MailType": "MARKETING", "WebsiteURL": "https://x.example/",
        "ContactLanguage": "EN", "UseCaseDescription": "text", "AdditionalContactEmailAddresses": ["a@x.example"],
    })  # fmt: skip
    stubber.add_client_error("put_account_details", "ConflictException")
    with stubber:
        senders = SesSenders(client)
        senders.set_mail_from(DOMAIN, f"bounce.{DOMAIN}")
        senders.ask_for_production("https://x.example/", "text", "a@x.example")
        senders.ask_for_production("https://x.example/", "text", "a@x.example")
    stubber.assert_no_pending_responses()


# --- the account ---


def stubbed(**clients: Any) -> Any:
    """Return a session whose clients are these; `service_quotas` is that of service-quotas."""
    session: Any = boto3.Session(region_name=REGION)
    real = session.client
    session.client = lambda service, **more: clients.get(service.replace("-", "_")) or real(service, **more)
    return session


def test_the_account_says_how_ses_stands_to_it(credentials: None) -> None:
    client, stubber = stub("sesv2")
    stubber.add_response("get_account", {
        "ProductionAccessEnabled": False, "SendingEnabled": True, "EnforcementStatus": "PROBATION",
        "Details": {"MailType": "MARKETING", "WebsiteURL": "https://x.example",
                    "ReviewDetails": {"Status": "DENIED", "CaseId": "17"}},
    })  # fmt: skip
    with stubber:
        state = AwsAccount(stubbed(sesv2=client), "x").sending_state()
    assert (state.production, state.review, state.case, state.enforcement) == (False, "DENIED", "17", "PROBATION")


def test_room_is_read_from_lambda_and_asked_for_at_service_quotas(credentials: None) -> None:
    functions, said = stub("lambda")
    said.add_response("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": 10}, "AccountUsage": {}})
    quotas, asked = stub("service-quotas")
    quota = {"ServiceCode": "lambda", "QuotaCode": "L-B99A9384"}
    for status in ("APPROVED", "CASE_OPENED"):
        answer = {"RequestedQuotas": [{"Status": status}]}
        asked.add_response("list_requested_service_quota_change_history_by_quota", answer, quota)
    asked.add_response("request_service_quota_increase", {"RequestedQuota": {}}, {**quota, "DesiredValue": 1000.0})
    with said, asked:
        account = AwsAccount(stubbed(service_quotas=quotas, **{"lambda": functions}), "x")
        assert account.concurrency() == 10
        assert not account.concurrency_is_asked_for()
        assert account.concurrency_is_asked_for()
        assert account.ask_for_concurrency(1000) == ""
        asked.add_client_error("request_service_quota_increase", "DependencyAccessDeniedException")
        assert "AWS refused RequestServiceQuotaIncrease" in account.ask_for_concurrency(1000)
        asked.add_client_error("request_service_quota_increase", "ExpiredTokenException")
        with pytest.raises(ClientError):
            account.ask_for_concurrency(1000)
    asked.assert_no_pending_responses()


def test_neighbours_alarms_and_distributions_are_found(account: boto3.Session) -> None:
    cloudformation = account.client("cloudformation")
    for name in ("mine", "other"):
        cloudformation.create_stack(StackName=name, TemplateBody=SMALL)
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="a", EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold", Threshold=1,
        MetricName="m", Namespace="n", Period=60, Statistic="Sum",
    )  # fmt: skip
    here = AwsAccount(account, "mine")

    assert here.number() == "123456789012"
    assert here.stacks_sending_for("society.example") == ["other"]
    assert here.alarm_count() == 1
    assert here.distribution_at(PAGES) == ""


def test_a_distribution_with_the_domain_is_found_unless_it_is_our_own(credentials: None) -> None:
    front, listed = stub("cloudfront")
    own, resource = stub("cloudformation")
    found = {"Id": "E1", "Aliases": {"Quantity": 1, "Items": [PAGES]}}
    for physical in ("E2", "E1"):
        listed.add_response("list_distributions", {"DistributionList": _distributions(found)})
        resource.add_response("describe_stack_resource", {"StackResourceDetail": {
            "LogicalResourceId": "Distribution", "ResourceType": "AWS::CloudFront::Distribution",
            "LastUpdatedTimestamp": "2026-11-27T00:00:00Z", "ResourceStatus": "CREATE_COMPLETE",
            "PhysicalResourceId": physical,
        }})  # fmt: skip
    with listed, resource:
        account = AwsAccount(stubbed(cloudfront=front, cloudformation=own), "mine")
        assert account.distribution_at(PAGES) == "E1"
        assert account.distribution_at(PAGES) == ""


def _distributions(*items: dict[str, Any]) -> dict[str, Any]:
    nothing = {
        "ARN": "a", "Status": "Deployed", "LastModifiedTime": "2026-11-27T00:00:00Z", "DomainName": "d",
        "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "o"}]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
        "CacheBehaviors": {"Quantity": 0}, "CustomErrorResponses": {"Quantity": 0}, "Comment": "",
        "PriceClass": "PriceClass_100", "Enabled": True, "ViewerCertificate": {},
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
        "WebACLId": "", "HttpVersion": "http2", "IsIPV6Enabled": True, "Staging": False,
    }  # fmt: skip
    whole = [{**nothing, **each} for each in items]
    return {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": len(whole), "Items": whole}


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ("eu-west-2", ""),
        ("us-east-1", ""),
        ("ap-east-1", "has no Amazon SES"),
        ("cn-north-1", "partition of AWS of its own"),
        ("us-gov-west-1", "partition of AWS of its own"),
        ("eu-nowhere-1", "has no Amazon SES and no functions on arm64"),
    ],
)
def test_a_region_is_judged_by_what_the_sdk_knows(credentials: None, region: str, said: str) -> None:
    account = AwsAccount(boto3.Session(region_name=region), "x")
    assert (said in account.refusal()) if said else account.refusal() == ""


def test_a_region_without_inbound_email_is_only_remarked() -> None:
    assert remarks("eu-west-1") == []
    assert "leave InboundDomain empty" in remarks("af-south-1")[0]
    assert refused("af-south-1", sending=["af-south-1"], computing=["af-south-1"]) == ""


# --- the stack ---


class Terminable:
    """Moto's CloudFormation, with the protection of stacks that it lacks."""

    def __init__(self, client: Any) -> None:
        self._client, self._protected = client, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def update_termination_protection(self, StackName: str, EnableTerminationProtection: bool) -> None:  # noqa: N803
        self._protected = EnableTerminationProtection

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - boto3's names
        found = self._client.describe_stacks(StackName=StackName)
        return {"Stacks": [{**each, "EnableTerminationProtection": self._protected} for each in found["Stacks"]]}


def test_a_stack_is_read_and_protected(account: boto3.Session) -> None:
    cloudformation, dynamodb = Terminable(account.client("cloudformation")), account.client("dynamodb")
    stack = CloudFormationStack(cloudformation, dynamodb, "small")
    assert (stack.status(), stack.outputs(), stack.progress().status) == ("", {}, "")

    cloudformation.create_stack(StackName="small", TemplateBody=SMALL)
    assert stack.status() == "CREATE_COMPLETE"
    assert stack.outputs() == {"ArchiveUrl": "https://x.example"}
    assert stack.deployed_parameters() == {"SenderEmail": "a@society.example"}
    assert not stack.is_protected()

    stack.protect()
    table = next(each["PhysicalResourceId"] for each in stack.resources() if "Table" in each["ResourceType"])
    assert dynamodb.describe_table(TableName=table)["Table"]["DeletionProtectionEnabled"]
    assert stack.is_protected()

    parts = AwsStackParts(stack, account.client("ses"))
    assert [(each.kind, each.name) for each in parts.remains()] == [("table", table), ("sender at SES", DOMAIN)]
    parts.release_inbound()

    stack.unprotect()
    assert not cloudformation.describe_stacks(StackName="small")["Stacks"][0]["EnableTerminationProtection"]
    assert not stack.is_protected()


def test_keys_in_parameter_store_stay_too_and_are_named(account: boto3.Session) -> None:
    cloudformation = account.client("cloudformation")
    cloudformation.create_stack(
        StackName="small",
        TemplateBody=SMALL.replace('"Parameters": {', '"Parameters": {"KeysIn": {"Type": "String"}, '),
        Parameters=[{"ParameterKey": "KeysIn", "ParameterValue": "parameters"}],
    )
    KeyParameters(account.client("ssm"), "small").make_missing()
    stack = CloudFormationStack(cloudformation, account.client("dynamodb"), "small")

    stays = [each for each in AwsStackParts(stack, account.client("ses")).remains() if each.kind == "parameter"]

    made = {each["Name"] for each in account.client("ssm").describe_parameters()["Parameters"]}
    assert {each.name for each in stays} == made
    assert all(each.commands == (f"aws ssm delete-parameter --name {each.name}",) for each in stays)


def event(name: str, status: str, reason: str = "", *, own: bool = False) -> dict[str, Any]:
    return {
        "StackId": "arn:s", "EventId": f"{name}{status}", "StackName": "s", "Timestamp": "2026-11-27T00:00:00Z",
        "LogicalResourceId": name, "PhysicalResourceId": "arn:s" if own else name, "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }  # fmt: skip


def test_progress_is_read_from_the_events_of_the_newest_operation() -> None:
    client, stubber = stub("cloudformation")
    stubber.add_response("describe_stacks", {"Stacks": [
        {"StackName": "s", "CreationTime": "2026-11-27T00:00:00Z", "StackStatus": "ROLLBACK_IN_PROGRESS"},
    ]})  # fmt: skip
    newest_first = [
        event("Queue", "CREATE_FAILED", "Resource creation cancelled"),
        event("Distribution", "CREATE_FAILED", "must be verified"),
        event("Table", "CREATE_COMPLETE"),
        event("s", "CREATE_IN_PROGRESS", own=True),
        event("Old", "CREATE_FAILED", "of an operation before"),
    ]
    stubber.add_response("describe_stack_events", {"StackEvents": newest_first})
    stubber.add_response("describe_stacks", {"Stacks": [
        {"StackName": "s", "CreationTime": "2026-11-27T00:00:00Z", "StackStatus": "ROLLBACK_COMPLETE"},
    ]})  # fmt: skip
    stubber.add_response("describe_stack_events", {"StackEvents": [event("Role", "CREATE_COMPLETE"), *newest_first[:1]],
                                                   "NextToken": "nobody reads on"})  # fmt: skip
    with stubber:
        stack = CloudFormationStack(client, None, "s")
        at, later = stack.progress(), stack.progress()
    assert (at.status, at.done) == ("ROLLBACK_IN_PROGRESS", 1)
    assert (later.status, later.done, later.failures) == ("ROLLBACK_COMPLETE", 2, at.failures)
    assert at.failures == ("Distribution: must be verified",)
    assert at.total > 100


class Quick(SamDeployment):
    """A deployment by another program."""

    def _command(self) -> list[str]:
        return ["python3", "-c", "import sys; print('Error: no such bucket'); sys.exit(1)"]


def test_what_the_program_said_last_explains_its_failure(account: boto3.Session, tmp_path: Path) -> None:
    quick = Quick(account.client("cloudformation"), account.client("dynamodb"), "none", tmp_path)
    quick.start({})
    quick.wait()
    at = quick.progress()
    assert (at.failed, at.working, at.status) == (True, False, "")
    assert "Error: no such bucket" in at.failures
    assert str(tmp_path / "none.log") in at.failures[-1]


# --- files and the template ---


def test_two_files_keep_everything_between_two_calls(tmp_path: Path) -> None:
    files = SetupFiles(tmp_path, "x", "eu-west-2")
    files.keep_answer("name", 'Ann "the" O’Hara')
    files.keep_done("invited ann")
    files.keep_parameters({"NewsletterName": 'Ann "the" O’Hara', "Editors": "A <a@x.example> approver; B"})

    again = SetupFiles(tmp_path, "x", "eu-west-2")
    assert (again.answers(), again.is_done("invited ann")) == ({"name": 'Ann "the" O’Hara'}, True)
    assert again.parameters()["NewsletterName"] == 'Ann "the" O’Hara'
    assert again.parameters()["Editors"] == "A <a@x.example> approver; B"

    again.forget()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_somebody_broke_is_named(tmp_path: Path) -> None:
    files = SetupFiles(tmp_path, "x", "")
    files.settings.write_text("this is = no settings file")
    with pytest.raises(UsageError, match=r"x\.toml cannot be read"):
        files.parameters()
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(UsageError, match=r"x\.json cannot be read"):
        SetupFiles(tmp_path, "x", "")


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.yaml", "name: A\nfirst_day: 2026-12-08\nreaders: 1000\ndomain:\n"),
     ("a.toml", 'name = "A"\nfirst_day = 2026-12-08\nreaders = 1000\ndomain = ""\n')],
)  # fmt: skip
def test_answers_are_read_from_yaml_and_from_toml(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    found = read_answers(tmp_path / name)
    assert found == {"name": "A", "first_day": "2026-12-08", "readers": "1000", "domain": ""}


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [", ""])
def test_a_file_without_answers_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(UsageError):
        read_answers(tmp_path / "a.yaml")


def test_resources_are_counted_by_the_conditions_of_the_template() -> None:
    template = read_template()
    known = defaults(template)
    front = counted(template, known, REGION), counted(template, {**known, "EnableCloudFront": "false"}, REGION)
    assert [each["AWS::CloudFront::Distribution"] for each in front] == [1, 0]
    assert counted(template, known, REGION)["AWS::Budgets::Budget"] == 0
    assert counted(template, {**known, "MonthlyBudget": "5"}, REGION)["AWS::Budgets::Budget"] == 1


def test_a_stacks_name_leaves_room_for_the_longest_name_that_begins_with_it() -> None:
    assert 20 < longest_stack_name() < 60
