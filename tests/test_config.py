"""Settings: every variable by name, and a sentence when one is missing."""

from __future__ import annotations

import datetime

import pytest

from newsletter.config import LISTS, Settings, written_out
from tests.functions.conftest import QUEUES, SETTINGS

ENV = SETTINGS | {f"{queue.upper()}_QUEUE_URL": "https://sqs.example.org" for queue in QUEUES}


def test_settings_have_types() -> None:
    settings = Settings.from_env(ENV)

    assert settings.anchor_date == datetime.date(2026, 12, 1)
    assert settings.period_weeks == 2
    assert settings.time_zone == "Europe/London"


@pytest.mark.parametrize("name", ENV)
def test_a_missing_variable_is_named(name: str) -> None:
    without = {key: value for key, value in ENV.items() if key != name}

    with pytest.raises(ValueError, match=f"{name} is not set"):
        Settings.from_env(without)


def test_a_variable_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match="SEND_HOUR cannot be read: 'nine'"):
        Settings.from_env(ENV | {"SEND_HOUR": "nine"})


def test_settings_that_share_a_variable_are_read_by_their_places() -> None:
    shared = {name: " ".join(ENV[each.upper()] or "-" for each in settings) for name, settings in LISTS.items()}
    alone = {each.upper() for settings in LISTS.values() for each in settings}

    assert Settings.from_env({k: v for k, v in ENV.items() if k not in alone} | shared) == Settings.from_env(ENV)


def test_in_a_list_the_first_address_is_written_in_full_and_the_others_without_what_they_share() -> None:
    queues = [f"queue-{number}" for number in range(len(LISTS["QUEUES"]))]
    found = written_out({"QUEUES": " ".join(["https://sqs.example.org/1/queue", *queues[1:]])})

    assert found["PUBLISH_QUEUE_URL"] == "https://sqs.example.org/1/queue"
    assert found["PLAN_QUEUE_URL"] == "https://sqs.example.org/1/queue-1"


def test_an_id_of_aws_ends_behind_its_last_colon_and_a_line_stands_for_nothing() -> None:
    found = written_out({"SECRETS": "arn:aws:secretsmanager:eu-west-2:1:secret:address signing editor -"})

    assert found["EDITOR_KEYS_SECRET"] == "arn:aws:secretsmanager:eu-west-2:1:secret:editor"
    assert found["ORIGIN_KEYS_SECRET"] == ""


def test_a_key_in_parameter_store_has_its_whole_name() -> None:
    address = "arn:aws:secretsmanager:eu-west-2:1:secret:address"
    found = written_out({"SECRETS": f"{address} /fortnightly/prod/SigningKeys editor -"})

    assert found["ADDRESS_KEY_SECRET"] == address
    assert found["SIGNING_KEYS_SECRET"] == "/fortnightly/prod/SigningKeys"
    assert found["EDITOR_KEYS_SECRET"] == "arn:aws:secretsmanager:eu-west-2:1:secret:editor"


def test_a_variable_of_its_own_goes_before_the_list() -> None:
    """As an older template set them, and as whoever tries something out on one function sets them."""
    numbers = " ".join("7" for _ in LISTS["NUMBERS"])

    assert written_out({"NUMBERS": numbers, "SEND_HOUR": "8"})["SEND_HOUR"] == "8"


def test_a_list_that_is_too_short_is_named() -> None:
    with pytest.raises(ValueError, match="TABLES holds 2 settings instead of 11"):
        Settings.from_env(ENV | {"TABLES": "subscribers issues"})
