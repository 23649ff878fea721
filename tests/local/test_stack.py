from pathlib import Path

from local.package import read_template
from local.stack import laptop_parameters
from newsletter_cli.resources import described

ROOT = Path(__file__).resolve().parents[2]


def test_the_template_knows_every_parameter_of_the_laptop() -> None:
    declared = read_template(ROOT / "template.yaml")["Parameters"]

    assert set(laptop_parameters("http://127.0.0.1:1")) <= set(declared)


def test_resources_go_by_the_words_of_the_project() -> None:
    made = [
        ("AWS::ApiGatewayV2::Api", "Api", "abc"),
        ("AWS::S3::Bucket", "ContentBucket", "content-1"),
        ("AWS::S3::Bucket", "SiteBucket", "site-1"),
        ("AWS::DynamoDB::Table", "SendsTable", "sends-1"),
        ("AWS::SQS::Queue", "PlanQueue", "http://queue/plan"),
        ("AWS::SQS::Queue", "PlanDeadLetters", "http://queue/plan-dead"),
        ("AWS::Lambda::Function", "FanOut", "fortnightly-fan_out"),
        ("AWS::IAM::Role", "FanOutRole", "role"),
    ]

    deployment = described(
        {"ResourceType": kind, "LogicalResourceId": name, "PhysicalResourceId": made_as} for kind, name, made_as in made
    )

    assert deployment.tables == {"sends": "sends-1"}
    assert deployment.queues == {"plan": "http://queue/plan", "plan_dead_letters": "http://queue/plan-dead"}
    assert deployment.functions == {"fan_out": "fortnightly-fan_out"}
    assert (deployment.api_id, deployment.content_bucket) == ("abc", "content-1")
