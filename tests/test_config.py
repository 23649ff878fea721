"""Settings: every variable by name, and a sentence when one is missing."""

from __future__ import annotations

import datetime

import pytest

from newsletter.config import Settings
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
