"""A sign-up: what the form said, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from newsletter.core.reader_fields.answers import Answers, read_answers
from newsletter.core.reader_fields.reader_field import FORM_PREFIX, LONGEST_VALUE, AskedOn, ReaderField
from newsletter.core.registered_form import UNKNOWN_FORM
from newsletter.core.text import one_line
from newsletter.errors import InvalidEmailError, PermanentError
from newsletter.readers.campaign import CAMPAIGN_FIELDS, with_campaign
from newsletter.readers.domain.limits import FULL, Verdict
from newsletter.readers.near_miss import suggested_address

if TYPE_CHECKING:
    from newsletter.readers.domain.subscriber import Subscriber
    from newsletter.readers.domain.suppression import Suppression

HONEYPOTS = ("reference", "website", "url", "honeypot")
"""The first is in our form, hidden from people; the others are what robots fill in by habit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """What the form said, and where it came from."""

    email: str
    name: str = ""
    answers: Answers = field(default_factory=Answers)
    """What it says about the publisher's fields."""
    source: str = ""
    """The page the form stood on, with the campaign that led there in its query."""
    lang: str = ""
    words: str = ""
    """What the form said above its fields; empty for a form that is not one of ours."""
    form_version: str = UNKNOWN_FORM
    """The id of the form, which is made of its words."""
    network: str = ""
    """The network address; only its keyed hash is kept."""
    proof: str = ""
    """The proof of work, as the script of the form sends it."""
    suggestion: str = ""
    """The address that was probably meant, if the domain that was typed has a slip; empty once they have chosen."""
    in_honeypot: bool = False
    """Whether a field was filled in that people do not see."""

    @property
    def has_to_choose(self) -> bool:
        """Whether somebody at a browser should first say which address they meant; a robot is told nothing."""
        return bool(self.suggestion) and not (self.in_honeypot or self.answers.problems)

    @classmethod
    def read(
        cls,
        fields: Mapping[str, str],
        *,
        lang: str,
        registered_forms: Mapping[str, str],
        network: str,
        reader_fields: Sequence[ReaderField] = (),
    ) -> SignUp:
        """Return what the fields of the form say.

        Args:
            fields: By name.
            lang: The language to write in.
            registered_forms: The words of each form of ours, by its id.
            network: The network address.
            reader_fields: What the publisher asks of readers.
        """
        named = fields.get("form", "")
        return cls(
            email=fields.get("email", ""),
            name=fields.get("name", ""),
            answers=read_answers(reader_fields, fields, asked_on=AskedOn.SIGN_UP, demanded=True),
            source=with_campaign(one_line(fields.get("source", "")), fields),
            lang=lang,
            words=registered_forms.get(named, ""),
            form_version=named if named in registered_forms else UNKNOWN_FORM,
            network=network,
            proof=fields.get("altcha", ""),
            suggestion="" if "meant" in fields else suggested_address(fields.get("email", "")),
            in_honeypot=any(fields.get(name) for name in HONEYPOTS),
        )


CARRIED = ("name", "source", "lang", "form", "altcha", *CAMPAIGN_FIELDS)
"""Fields that go with a sign-up from page to page."""


def asked_again(form: SignUp, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return what a page shows that asks whether another address was meant.

    Shape: the variables of the template `sign_up_suggestion`; `carried` is what its form sends besides.
    """
    carried = {name: text for name, text in fields.items() if name in CARRIED or name.startswith(FORM_PREFIX)}
    by_key = {f"{FORM_PREFIX}{key}": value for key, value in form.answers.values.items()}
    return {"typed": form.email.strip(), "suggestion": form.suggestion, "carried": {**by_key, **carried}}


def refused(form: SignUp, fields: Mapping[str, str], sign_up_error: PermanentError) -> dict[str, Any]:
    """Return what the page shows again, and what programs are told: every mistake at once.

    Shape: the variables of the template `sign_up_problem`, and `data`: {"errors": {field of the form: sentence}}.
    """
    problem = str(sign_up_error) if isinstance(sign_up_error, InvalidEmailError) else ""
    errors = {**({"email": problem} if problem else {}), **form.answers.problems}
    typed = {name: text[:LONGEST_VALUE] for name, text in fields.items() if name.startswith(FORM_PREFIX)}
    return {
        "data": {"errors": errors},
        "problem": problem,
        "problems": form.answers.problems,
        "typed": {**typed, **{f"{FORM_PREFIX}{key}": value for key, value in form.answers.values.items()}},
        "carried": {name: fields[name][:LONGEST_VALUE] for name in CAMPAIGN_FIELDS if name in fields},
        "email_value": form.email[:254],
        "name_value": form.name[:80],
    }


class SignUpWrite(Enum):
    """What became of the write of a sign-up."""

    WRITTEN = "written"
    LOST = "lost"
    """Somebody else wrote the record between our reading and our writing, or is writing it now."""
    TOO_MANY = "too many"
    """The address has had its share; nothing was written."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the tables say of an address at one moment."""

    subscriber: Subscriber | None
    suppression: Suppression | None
    counts: Mapping[str, int]
    """How much each counter has counted that was asked for."""

    @property
    def is_suppressed(self) -> bool:
        """Whether a sign-up must not be recorded."""
        return self.suppression is not None and not self.suppression.lifted_by_sign_up


@dataclass(frozen=True, slots=True)
class SignedUp:
    """What became of a sign-up. The answer says nothing that depends on whose address it is."""

    subscriber_id: str = ""
    """Empty for a robot: nothing was looked at."""
    verdict: Verdict | None = None
    late: bool = False
    """Whether SES takes nothing for more than a moment, so that the email may come a day later; everybody is told."""

    @property
    def refused(self) -> bool:
        """Whether nothing was recorded."""
        return self.verdict is None or not self.verdict.allowed

    @property
    def no_room(self) -> bool:
        """Whether nothing was recorded because we cannot mail anybody else within a day; whoever sent it is told."""
        return self.verdict is not None and self.verdict.reason == FULL

    @property
    def network_is_full(self) -> bool:
        """Whether nothing was recorded because too many came from this network; whoever sent it is told.

        It is decided before anybody looks at the address, so the answer tells nothing about who is on the list.
        """
        return self.verdict is not None and self.verdict.of_network

    @property
    def details(self) -> dict[str, Any]:
        """What the log says of it."""
        if self.verdict is None:
            return {"reason": "honeypot"}
        details = {"subscriber_id": self.subscriber_id, "lane": self.verdict.lane, "proof": self.verdict.proof}
        return {**details, "reason": self.verdict.reason} if self.refused else details
