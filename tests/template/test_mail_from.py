"""Bounces come back to the sender's own domain, and a missing DNS record stops no mail."""

from __future__ import annotations

import re

from tests.moto_aws import template

STACK = template()


def test_bounces_come_back_below_the_senders_domain_and_a_missing_record_stops_nothing() -> None:
    condition, mail_from, without = STACK["Resources"]["SenderIdentity"]["Properties"]["MailFromAttributes"]["Fn::If"]

    assert condition == "WithMailFrom"
    assert mail_from["BehaviorOnMxFailure"] == "USE_DEFAULT_VALUE"
    assert mail_from["MailFromDomain"]["Fn::Sub"][0] == "${MailFromSubdomain}.${Domain}"
    assert without == {"Ref": "AWS::NoValue"}


def test_the_two_records_that_dns_needs_are_in_an_output() -> None:
    output = STACK["Outputs"]["MailFromRecords"]

    assert output["Condition"] == "WithMailFrom"
    records = output["Value"]["Fn::Sub"][0].split(" ; ")
    assert records == [
        "${Name} MX 10 feedback-smtp.${AWS::Region}.amazonses.com",
        '${Name} TXT "v=spf1 include:amazonses.com ~all"',
    ]


def test_the_name_cannot_be_anything_but_a_part_of_a_domain() -> None:
    pattern = STACK["Parameters"]["MailFromSubdomain"]["AllowedPattern"]

    assert all(re.fullmatch(pattern, good) for good in ("", "bounce", "mail.news"))
    assert not any(re.fullmatch(pattern, bad) for bad in ("a b", "x@y", "bounce.", "-;"))
