"""Settings: every environment variable the functions read, as one type.

A test holds this type and `template.yaml` to the same names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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

LISTS: dict[str, tuple[str, ...]] = {
    "NUMBERS": (
        "period_weeks",
        "send_hour",
        "send_minute",
        "late_after_hours",
        "send_now_delay_minutes",
        "gather_seconds",
        "attachment_megabytes",
        "fan_out_shards",
        "unknown_grace_seconds",
        "settle_every_seconds",
        "unconfirmed_days",
        "reminder_after_days",
        "forget_after_days",
        "keep_receipts_years",
        "renew_consent_years",
        "forget_outcomes_after_days",
        "slow_lane_seconds",
        "sign_ups_per_network",
        "confirmations_per_hour",
        "first_wave",
        "first_wave_minutes",
        "breaker_sample",
        "breaker_confirmation_sample",
        "breaker_bounces",
        "breaker_complaints",
    ),
    "SWITCHES": (
        "require_approval",
        "check_links",
        "send_mode",
        "unknown_policy",
        "proof_of_work",
        "disposable_policy",
        "check_mail_domains",
        "address_insights",
        "engagement",
        "ask_useful",
        "count_replies",
    ),
    "TABLES": (
        "subscribers_table",
        "issues_table",
        "sends_table",
        "suppressions_table",
        "receipts_table",
        "limits_table",
        "team_table",
        "sessions_table",
        "activities_table",
        "reviews_table",
        "webhooks_table",
    ),
    "QUEUES": (
        "publish_queue_url",
        "plan_queue_url",
        "batch_queue_url",
        "settle_queue_url",
        "greet_queue_url",
        "import_queue_url",
        "report_queue_url",
        "sign_in_queue_url",
        "feedback_queue_url",
        "feedback_dead_letters_url",
        "all_well_queue_url",
        "webhook_queue_url",
    ),
    "TOPICS": ("feedback_topic_arn", "inbound_topic_arn"),
    "SECRETS": ("address_key_secret", "signing_keys_secret", "editor_keys_secret", "origin_keys_secret"),
}
"""Variables that hold several settings, in this order: Lambda takes 4 KB of all variables together."""

NOTHING = "-"
"""In a list, what is empty."""


def written_out(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with each setting by itself; what has a variable of its own goes before a list.

    Raises:
        ValueError: A list is longer or shorter than it should be.
    """
    found: dict[str, str] = {}
    for name, settings in LISTS.items():
        if name not in env:
            continue
        words = env[name].split()
        if len(words) != len(settings):
            raise ValueError(f"environment variable {name} holds {len(words)} settings instead of {len(settings)}")
        found |= {setting.upper(): word for setting, word in zip(settings, _in_full(words), strict=True)}
    return found | dict(env)


def _in_full(words: list[str]) -> Iterator[str]:
    """Yield addresses and ids, each with the beginning that the first of them has: up to its last slash or colon.

    A path, which is the name of a parameter in Parameter Store, is whole.
    """
    beginning = words[0][: max(words[0].rfind("/"), words[0].rfind(":")) + 1]
    for word in words:
        if word == NOTHING:
            yield ""
        else:
            yield word if word.startswith((beginning, "/")) else beginning + word


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration of one deployment; each field is a variable of the same name in capitals, or in LISTS."""

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
    check_mail_domains: bool
    address_insights: bool
    first_wave: int
    first_wave_minutes: int
    breaker_sample: int
    breaker_confirmation_sample: int
    breaker_bounces: int
    breaker_complaints: int
    engagement: str
    ask_useful: bool
    count_replies: bool
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
    webhooks_table: str
    """Empty without webhooks, and so is their queue."""
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
    webhook_queue_url: str
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
        env = written_out(env)
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
