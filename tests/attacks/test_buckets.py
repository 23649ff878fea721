"""The buckets used to answer plain HTTP, and kept for ever what an editor had replaced or taken back."""

from __future__ import annotations

from typing import Any

import pytest

from local.package import read_template
from local.process import ROOT
from newsletter.feedback.adapters.s3_event_files import ARRIVED, FOLDER

RESOURCES: dict[str, dict[str, Any]] = read_template(ROOT / "template.yaml")["Resources"]
BUCKETS = sorted(name for name, each in RESOURCES.items() if each["Type"] == "AWS::S3::Bucket")


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_answers_nobody_who_speaks_plain_http(bucket: str) -> None:
    (policy,) = (
        each
        for each in RESOURCES.values()
        if each["Type"] == "AWS::S3::BucketPolicy" and each["Properties"]["Bucket"] == {"Ref": bucket}
    )

    assert "Condition" not in policy  # whether there is CloudFront or not
    assert policy["Properties"]["PolicyDocument"]["Statement"][0] == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [{"Fn::GetAtt": [bucket, "Arn"]}, {"Fn::Sub": f"${{{bucket}.Arn}}/*"}],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


@pytest.mark.parametrize(("bucket", "days"), [("ContentBucket", "OldIssuesDays"), ("SiteBucket", "OldPagesDays")])
def test_what_was_replaced_or_removed_is_forgotten_in_the_end(bucket: str, days: str) -> None:
    rules = RESOURCES[bucket]["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = (each for each in rules if not {"Filter", "Prefix"} & set(each))  # of everything in the bucket

    assert rule["Status"] == "Enabled"
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": {"Ref": days}}
    assert rule["ExpiredObjectDeleteMarker"] is True


def test_files_of_events_are_forgotten_a_day_after_they_are_recorded_and_after_two_weeks_if_they_never_are() -> None:
    """Their names are in a queue for 14 days: a file must be there as long as somebody may still read it."""
    rules = RESOURCES["ContentBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = (each for each in rules if each.get("Prefix") == FOLDER)
    kept = RESOURCES["FeedbackQueue"]["Properties"]["MessageRetentionPeriod"] // 86_400

    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", kept + 1)
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_the_stream_writes_where_files_of_events_are_read_and_its_rule_queues_their_names() -> None:
    stream = RESOURCES["EventStream"]["Properties"]["ExtendedS3DestinationConfiguration"]
    rule = RESOURCES["EventFilesRule"]["Properties"]
    (target,) = rule["Targets"]

    assert stream["Prefix"] == FOLDER
    assert stream["CompressionFormat"] == "GZIP"
    assert rule["EventPattern"]["detail"]["object"] == {"key": [{"prefix": FOLDER}]}
    assert target["InputTransformer"]["InputTemplate"] == f'{{"{ARRIVED}": <name>}}'


def test_reports_in_their_second_place_are_forgotten_after_a_month() -> None:
    rules = RESOURCES["ContentBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = (each for each in rules if each.get("Prefix") == "evidence/")

    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 30)
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
