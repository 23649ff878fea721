"""Settings: every environment variable the functions read, as one type.

A test holds this type and `template.yaml` to the same names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, get_type_hints

from newsletter.core.team import Approval, Editor, read_approval, read_team

TRUTH = {"true": True, "false": False, "on": True, "off": False}
"""The words of template.yaml's parameters."""


def _truth(text: str) -> bool:
    if text not in TRUTH:
        raise ValueError(f"none of {', '.join(TRUTH)}")
    return TRUTH[text]


READERS: dict[Any, Callable[[str], Any]] = {
    date: date.fromisoformat,
    bool: _truth,
    Approval: read_approval,
    tuple[Editor, ...]: read_team,
}
"""How a text becomes what a setting is, where calling the type does not do it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration of one deployment; each field is the environment variable of the same name in capitals."""

    templates_dir: str
    newsletter_name: str
    sender_email: str
    editor_email: str
    editors: tuple[Editor, ...]
    """Empty if `editor_email` is the only one."""
    reply_to_email: str
    inbound_domain: str
    postal_address: str
    public_url: str
    feed_namespace: str
    distribution_id: str
    anchor_date: date
    period_weeks: int
    send_hour: int
    send_minute: int
    time_zone: str
    late_after_hours: int
    require_approval: Approval
    send_now_delay_minutes: int
    gather_seconds: int
    check_links: bool
    attachment_megabytes: int
    send_mode: str
    fan_out_shards: int
    unknown_grace_seconds: int
    unknown_policy: str
    settle_every_seconds: int
    unconfirmed_days: int
    reminder_after_days: int
    forget_after_days: int
    keep_receipts_years: int
    renew_consent_years: int
    forget_outcomes_after_days: int
    proof_of_work: bool
    slow_lane_seconds: int
    sign_ups_per_network: int
    confirmations_per_hour: int
    disposable_policy: str
    first_wave: int
    first_wave_minutes: int
    breaker_sample: int
    breaker_confirmation_sample: int
    breaker_bounces: int
    breaker_complaints: int
    engagement: str
    subscribers_table: str
    issues_table: str
    sends_table: str
    suppressions_table: str
    receipts_table: str
    limits_table: str
    team_table: str
    sessions_table: str
    activities_table: str
    reviews_table: str
    content_bucket: str
    site_bucket: str
    pictures_function: str
    desk_function: str
    publish_queue_url: str
    plan_queue_url: str
    batch_queue_url: str
    settle_queue_url: str
    greet_queue_url: str
    import_queue_url: str
    report_queue_url: str
    sign_in_queue_url: str
    all_well_queue_url: str
    feedback_topic_arn: str
    feedback_queue_url: str
    feedback_dead_letters_url: str
    inbound_topic_arn: str
    address_key_secret: str
    signing_keys_secret: str
    editor_keys_secret: str
    origin_keys_secret: str
    """How CloudFront proves itself to the API; empty without CloudFront."""
    issues_configuration_set: str
    confirmations_configuration_set: str

    @property
    def needs_approval(self) -> bool:
        """Whether only approved content is sent."""
        return self.require_approval is not Approval.OFF

    @property
    def team(self) -> tuple[Editor, ...]:
        """Whoever writes and releases issues; without a list, one person who may do everything."""
        return self.editors or (Editor("", self.editor_email),)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings.

        Raises:
            ValueError: A variable is missing or cannot be read; the message names it.
        """
        types = get_type_hints(cls)
        values: dict[str, Any] = {}
        for field in fields(cls):
            name = field.name.upper()
            if name not in env:
                raise ValueError(f"environment variable {name} is not set; template.yaml sets it in Globals")
            read = READERS.get(types[field.name], types[field.name])
            try:
                values[field.name] = read(env[name])
            except ValueError as exc:
                raise ValueError(f"environment variable {name} cannot be read: {env[name]!r}") from exc
        return cls(**values)
