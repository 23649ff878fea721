"""How other systems write their lists: what their columns are called, and what their words for a status mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from newsletter.readers.domain.takeover import ExternalStatus

FIELDS = (
    "email", "name", "lang", "status", "confirmed_at", "signed_up_at", "network", "left_at", "evidence", "tags",
    "rhythm",
)  # fmt: skip
"""What a column can be taken for."""

OWN = "this system"


@dataclass(frozen=True, slots=True)
class Vendor:
    """One system's export."""

    name: str
    signature: frozenset[str]
    """Columns that all stand in its export, and together in nobody else's; as `plain` writes them."""
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By field, the names its column goes by; for `name` all of them are joined."""
    reversed_status: bool = False
    """Whether `true` in its column of the status means that the person is out."""
    status: ExternalStatus = ExternalStatus.SUBSCRIBED
    """Of everybody in the file, where one file holds one kind of people."""
    words: str = ""
    """Where consent is from, if the file itself has evidence."""


VENDORS = (
    Vendor(
        OWN,
        frozenset({"email", "status", "consent_page", "consent_form_version"}),
        {
            "email": ("email",),
            "name": ("name",),
            "lang": ("lang",),
            "status": ("status",),
            "confirmed_at": ("confirmed_at",),
            "signed_up_at": ("signed_up_at",),
            "left_at": ("left_at",),
            "evidence": ("consent_page",),
            "tags": ("tags",),
            "rhythm": ("rhythm",),
        },
        words="another list of this system",
    ),
    # https://mailchimp.com/help/view-export-contacts/: three files, one for each kind of contact.
    Vendor(
        "Mailchimp (unsubscribed)",
        frozenset({"email_address", "unsub_time"}),
        {"email": ("email_address",), "left_at": ("unsub_time",)},
        status=ExternalStatus.LEFT,
    ),
    Vendor(
        "Mailchimp (cleaned)",
        frozenset({"email_address", "clean_time"}),
        {"email": ("email_address",), "left_at": ("clean_time",)},
        status=ExternalStatus.BOUNCED,
    ),
    Vendor(
        "Mailchimp",
        frozenset({"email_address", "confirm_time", "leid"}),
        {
            "email": ("email_address",),
            "name": ("first_name", "last_name"),
            "confirmed_at": ("confirm_time",),
            "signed_up_at": ("optin_time",),
            "network": ("confirm_ip", "optin_ip"),
            "tags": ("tags",),
        },
        words="export of Mailchimp, CONFIRM_TIME",
    ),
    # https://support.substack.com/hc/en-us/articles/360037466012: no confirmation is written.
    Vendor(
        "Substack",
        frozenset({"email", "active_subscription", "email_disabled"}),
        {"email": ("email",), "name": ("name",), "status": ("email_disabled",), "signed_up_at": ("created_at",)},
        reversed_status=True,
    ),
    # https://ghost.org/help/export-members/
    Vendor(
        "Ghost",
        frozenset({"email", "subscribed_to_emails", "created_at"}),
        {
            "email": ("email",),
            "name": ("name",),
            "status": ("subscribed_to_emails",),
            "signed_up_at": ("created_at",),
            "tags": ("labels",),
        },
    ),
    # https://listmonk.app/docs/, and the export itself: `uuid,email,name,attributes,status,created_at,updated_at`.
    Vendor(
        "listmonk",
        frozenset({"uuid", "email", "attributes", "status"}),
        {
            "email": ("email",),
            "name": ("name",),
            "status": ("status",),
            "signed_up_at": ("created_at",),
            "tags": ("attributes",),
        },
    ),
    # https://docs.buttondown.com/api-subscribers-introduction: `email` and `subscriber_type` before 2024.
    Vendor(
        "Buttondown",
        frozenset({"email_address", "type", "creation_date"}),
        {
            "email": ("email_address",),
            "status": ("type",),
            "signed_up_at": ("creation_date",),
            "network": ("ip_address",),
            "left_at": ("unsubscription_date",),
            "tags": ("tags",),
        },
    ),
    Vendor(
        "Buttondown",
        frozenset({"email", "subscriber_type", "creation_date"}),
        {
            "email": ("email",),
            "status": ("subscriber_type",),
            "signed_up_at": ("creation_date",),
            "network": ("ip_address",),
            "left_at": ("unsubscription_date",),
            "tags": ("tags",),
        },
    ),
)

PLAIN = Vendor(
    "plain",
    frozenset(),
    {
        "email": (
            "email",
            "e_mail",
            "email_address",
            "e_mail_address",
            "mail",
            "address",
            "e_mail_adresse",
            "adresse_e_mail",
            "correo",
        ),
        "name": ("name", "full_name", "first_name", "last_name", "vorname", "nachname", "prenom", "nom", "nombre"),
        "lang": ("lang", "language", "locale"),
        "status": ("status", "subscription_status", "state", "subscribed"),
        "confirmed_at": ("confirmed_at", "confirm_time", "confirmed", "confirmation_date", "double_optin_time"),
        "signed_up_at": ("signed_up_at", "subscribed_at", "created_at", "created", "optin_time", "opt_in_time", "date"),
        "network": ("confirm_ip", "ip", "ip_address", "optin_ip", "opt_in_ip"),
        "left_at": ("left_at", "unsubscribed_at", "unsub_time"),
        "evidence": ("consent", "consent_source", "source"),
        "tags": ("tags", "tag", "labels", "label", "etiketten", "etiquettes", "etiquetas"),
    },
    words="a list with the time of each confirmation",
)

PENDING = frozenset(
    {"unconfirmed", "pending", "unactivated", "not_confirmed", "waiting", "inactive", "transactional", "nonsubscribed"}
)
"""Never confirmed there. They are not taken over; a confirmation mail can ask them again."""

STATUS_WORDS = {
    **dict.fromkeys(
        ("", "subscribed", "active", "confirmed", "enabled", "true", "yes", "1", "regular", "premium", "gifted",
         "trialed", "paid", "past_due", "unpaid", "paused", "churned", "churning", "upcoming", "opted_in", "free"),
        ExternalStatus.SUBSCRIBED,
    ),
    **dict.fromkeys(
        ("unsubscribed", "left", "false", "no", "0", "removed", "disabled", "blocklisted", "blacklisted", "blocked",
         "opted_out", "deleted", "archived"),
        ExternalStatus.LEFT,
    ),
    **dict.fromkeys(("cleaned", "bounced", "undeliverable", "hard_bounce", "soft_bounces", "invalid"),
                    ExternalStatus.BOUNCED),
    "suppressed": ExternalStatus.SUPPRESSED,
    **dict.fromkeys(("complained", "complaint", "spam", "junk"), ExternalStatus.COMPLAINED),
}  # fmt: skip
"""The words of all systems, as `plain` writes them. Plans of payment say that somebody reads, whatever they pay."""


def plain(text: str) -> str:
    """Return a heading or a word as it is compared: `E-Mail Address` is `e_mail_address`."""
    return re.sub(r"[^0-9a-z]+", "_", text.strip().strip("\ufeff").lower()).strip("_")
