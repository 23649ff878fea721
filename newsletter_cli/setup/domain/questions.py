"""The questions of `newsletter setup`: what each is about, what may be answered, and what is answered by default."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from newsletter.core.team import read_team
from newsletter.core.time_zones import time_zone

EMAIL = re.compile(r"[^@\s<>;,\"]+@[^@\s<>;,\"]+\.[^@\s<>;,\".]+")
"""As the template has it; whether mail arrives is found out by the first test."""

DOMAIN = re.compile(r"(?=.{4,64}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
"""A certificate's name has 64 letters at most."""

EXAMPLES = ("example.org", "example.com", "example.net")
"""Nobody's domains (RFC 2606). SES sends for none of them."""

TUESDAY = 1
EDITORS_MOST = 1000
"""Letters of the template's parameter Editors."""


class WrongAnswerError(ValueError):
    """An answer that cannot be used; the sentence says what would do."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an answer is judged by, besides itself."""

    today: date
    on_this_machine: bool = False
    """Where the domains of examples are as good as others."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that only a person can say."""

    key: str
    """In the file of answers."""
    text: str
    sentence: str
    """What the answer is used for."""
    checked: Callable[[str, Circumstances], str]
    """Returns the answer as it is kept. Raises WrongAnswerError."""
    default: Callable[[Mapping[str, str], Circumstances], str] = lambda answers, circumstances: ""  # noqa: ARG005
    """What is meant by no answer, from those given before."""
    optional: bool = False
    """Whether no answer is one too."""

    def judged(self, answer: str, circumstances: Circumstances) -> str:
        """Return the answer as it is kept.

        Raises:
            WrongAnswerError: It cannot be used.
        """
        answer = " ".join(answer.split())
        if not answer and self.optional:
            return ""
        if not answer:
            raise WrongAnswerError("This needs an answer.")
        return self.checked(answer, circumstances)


def _short(answer: str, circumstances: Circumstances) -> str:  # noqa: ARG001 - as all checks
    if len(answer) > 200:
        raise WrongAnswerError("That is too long; 200 letters are enough.")
    return answer


def _sender(answer: str, circumstances: Circumstances) -> str:
    if not EMAIL.fullmatch(answer):
        raise WrongAnswerError(f"{answer} is not an email address, such as briefing@your-domain.org.")
    domain = answer.rpartition("@")[2].lower()
    if domain in EXAMPLES and not circumstances.on_this_machine:
        raise WrongAnswerError(f"{domain} is everybody's example; use a domain whose DNS you can change.")
    return f"{answer.rpartition('@')[0]}@{domain}"


def _time_zone(answer: str, circumstances: Circumstances) -> str:  # noqa: ARG001
    try:
        return time_zone(answer).key
    except ValueError as exc:
        raise WrongAnswerError(
            f"There is no time zone {answer}. Write it like Europe/London or America/New_York."
        ) from exc


def first_day(answer: str) -> datetime:
    """Return the day and the local time of the first issue; 09:00 where only a day is named.

    Raises:
        WrongAnswerError: It is neither.
    """
    try:
        at = datetime.fromisoformat(answer if " " in answer or "T" in answer else f"{answer} 09:00")
    except ValueError as exc:
        raise WrongAnswerError(
            f"{answer} is no day that there is. Write it like 2026-12-01 or 2026-12-01 07:30."
        ) from exc
    if at.tzinfo is not None:
        raise WrongAnswerError("Leave the zone away; the time is local, in the zone of the question before.")
    return at


def _first_day(answer: str, circumstances: Circumstances) -> str:
    at = first_day(answer)
    if at.date() < circumstances.today and not circumstances.on_this_machine:
        raise WrongAnswerError(f"{at:%Y-%m-%d} is over. Name a day to come.")
    return f"{at:%Y-%m-%d %H:%M}"


def _domain(answer: str, circumstances: Circumstances) -> str:
    domain = answer.lower().removeprefix("https://").removeprefix("http://").rstrip("/.")
    if not DOMAIN.fullmatch(domain):
        raise WrongAnswerError(f"{answer} is not a domain, such as briefing.your-domain.org.")
    if domain.endswith(EXAMPLES) and not circumstances.on_this_machine:
        raise WrongAnswerError(f"{domain} is an example's; use a domain whose DNS you can change.")
    return domain


def _editors(answer: str, circumstances: Circumstances) -> str:  # noqa: ARG001
    if EMAIL.fullmatch(answer):
        return answer
    try:
        people = read_team(answer)
    except ValueError as exc:
        raise WrongAnswerError(f"{exc}. One address alone will do.".replace("'", "“", 1).replace("'", "”", 1)) from exc
    if not any(person.approves for person in people):
        raise WrongAnswerError("At least one of them has to be an approver.")
    if len(answer) > EDITORS_MOST:
        raise WrongAnswerError("That is too long; name the first ones, and invite the others at the desk.")
    return answer


def _readers(answer: str, circumstances: Circumstances) -> str:  # noqa: ARG001
    plain = answer.replace(",", "").replace("_", "").replace(" ", "")
    if not re.fullmatch(r"[1-9]\d{0,7}", plain):
        raise WrongAnswerError(f"{answer} is no number of people, such as 1000.")
    return plain


def _next_tuesday(answers: Mapping[str, str], circumstances: Circumstances) -> str:  # noqa: ARG001 - as all defaults
    """Return the first Tuesday that is at least a week away: AWS and the first issue both take some days."""
    soonest = circumstances.today + timedelta(days=7)
    return f"{soonest + timedelta(days=(TUESDAY - soonest.weekday()) % 7):%Y-%m-%d} 09:00"


QUESTIONS = (
    Question(
        "name", "What is the newsletter called?",
        "Readers see this name beside the sender, on the pages and in the feeds.",
        _short,
    ),
    Question(
        "postal_address", "What is your postal address?",
        "It stands at the foot of every issue; the law asks for it in many countries.",
        _short,
    ),
    Question(
        "sender", "From which address do the emails come?",
        "It has to be in a domain whose DNS you can change; it needs no mailbox.",
        _sender,
    ),
    Question(
        "time_zone", "In which time zone do your readers live?",
        "Issues go out by the clocks there, in summer and in winter.",
        _time_zone, lambda answers, circumstances: "Europe/London",  # noqa: ARG005
    ),
    Question(
        "first_day", "When does the first issue go out?",
        "Every second week follows on the same weekday, at the same time.",
        _first_day, _next_tuesday,
    ),
    Question(
        "domain", "At which address of your own do the pages live?",
        "Such as briefing.your-domain.org. Without one it is an address of CloudFront, and links in emails sent until "
        "you change it keep that.",
        _domain, optional=True,
    ),
    Question(
        "editors", "Who are the editors?",
        "One address, or several people as in: Ann Lee <ann@your-domain.org> approver; Ben <ben@your-domain.org> "
        "writer. The first approver is invited to the desk, owns it, and hears the alarms.",
        _editors, lambda answers, circumstances: answers.get("sender", ""),  # noqa: ARG005
    ),
    Question(
        "readers", "How many readers do you expect in the first year?",
        "Only for the bill, and for what we tell AWS.",
        _readers, lambda answers, circumstances: "1000",  # noqa: ARG005
    ),
)  # fmt: skip
"""Eight and no more: whatever else can be set has a default, and is in docs/data.md."""
