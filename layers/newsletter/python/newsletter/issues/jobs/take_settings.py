"""A file of `settings/` was uploaded or removed: check it, and let every function speak and look like it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any, Literal

from newsletter.core.house_style import HouseStyle
from newsletter.core.races import LOST, Race, win
from newsletter.errors import NOTHING_NOW, InvalidPictureError, InvalidSettingsError, NewsletterError
from newsletter.issues.domain.issue import IssueStatus, Problem
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.problem_list import NOT_MAILED, problem_list
from newsletter.issues.domain.settings_file import (
    BRAND,
    EARLIER_FORMS,
    FEEDS,
    FIELDS,
    HEAVIEST_LOGO,
    KNOWN,
    NOTICE,
    SETTINGS,
    TALLEST_LOGO,
    WORDS,
    WantedLogo,
)
from newsletter.issues.domain.upload import SourceFile
from newsletter.issues.settings_ports import SettingsPorts

PATIENCE = 60
"""Seconds. Whoever uploads a folder uploads it in any order; a logo that is not there by then was forgotten."""

UNMAILED = "unmailed"
"""Beside the digests that were announced: which files are in use, but no email about them has left yet."""

MOST_UNSENT = 50
"""Issues that are rendered anew at once: two years of fortnights, written ahead."""


class SettingsResult(StrEnum):
    """In one word what came of an upload to `settings/`, for the log."""

    TAKEN = "taken"
    """Every function speaks and looks like it within a minute."""
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    """Its problems stand beside it, and the last good one stays."""
    WAITS = "waits"
    """For a logo that may be on its way."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What stands in `settings/`, and the style it makes."""

    style: HouseStyle
    sources: Mapping[str, SourceFile]
    refused: Mapping[str, InvalidSettingsError]

    @property
    def versions(self) -> dict[str, str]:
        return {key: source.version for key, source in self.sources.items()}


class _LogoMissingError(InvalidSettingsError):
    """The logo that `brand.yaml` names does not stand beside it."""


def take_settings(key: str, *, ports: SettingsPorts, patient: bool = True, quiet: bool = False) -> SettingsResult:
    """Make the house style of what stands in `settings/` now, whatever the event says; all of it can be repeated.

    Of a file that is refused the last good version stays in use.

    Args:
        key: Of the file that the event is about; of a logo, `brand.yaml` is looked at again.
        ports: What it touches.
        patient: Whether a logo that is not there yet may still be on its way.
        quiet: Mail nobody: a restore put the file there.

    Raises:
        SendThrottledError, SendingPausedError: All is done but that the editors hear of it: SES takes nothing now.
    """
    if key == NOTICE:
        ports.publish_queue.refresh_archive()  # which looks at it each time
        return SettingsResult.TAKEN
    look = win(lambda: _taken(key, ports), busy=f"{SETTINGS} is being changed at the same moment; it is tried again")
    if patient and isinstance(look.refused.get(BRAND), _LogoMissingError):
        ports.publish_queue.take_settings_again(BRAND, delay=PATIENCE)
        return SettingsResult.WAITS
    waiting = _put_problems(look, ports, quiet=quiet)
    digests, before = _digests(look.style), look.style.announced
    changed = [key for key in KNOWN if digests.get(key) != before.get(key)]
    unmailed = [key for key in KNOWN if key in changed or key in before.get(UNMAILED, "").split()]
    if changed and changed != [FEEDS]:  # which readers see nothing of
        _spread(changed, ports)
    if unmailed and not quiet:
        try:
            _show(look.style, unmailed, ports)
        except NOTHING_NOW as refusal:
            ports.style.put(replace(look.style, announced=digests | {UNMAILED: " ".join(unmailed)}))
            raise refusal from None
    if unmailed:
        ports.style.put(replace(look.style, announced=digests))
    if waiting is not None:
        raise waiting
    if key in look.refused or (key not in KNOWN and BRAND in look.refused):
        return SettingsResult.REFUSED
    return SettingsResult.TAKEN if unmailed else SettingsResult.UNCHANGED


def _taken(key: str, ports: SettingsPorts) -> _Look | Literal[Race.LOST]:
    """Write the style of what stands there; lost if a file changed before the style was written.

    Whoever writes last looks last. So two that cross end with the style of the newest files.
    """
    before = ports.style.stored()
    look = _looked(key, before, ports)
    if look.style == before:
        return look
    ports.style.put(look.style)
    return look if {key: source.version for key, source in _sources(ports).items()} == look.versions else LOST


def _sources(ports: SettingsPorts) -> dict[str, SourceFile]:
    found = ((key, ports.content.newest(key)) for key in KNOWN)
    return {key: source for key, source in found if source is not None}


def _looked(key: str, before: HouseStyle, ports: SettingsPorts) -> _Look:
    sources, refused = _sources(ports), dict[str, InvalidSettingsError]()
    brand: Mapping[str, Any] = before.brand if BRAND in sources else {}
    fields = before.fields if FIELDS in sources else {}
    feeds = before.feeds if FEEDS in sources else {}
    words = {lang: before.words[lang] for name, lang in WORDS.items() if name in sources and lang in before.words}
    versions = {name: version for name, version in before.versions.items() if name in sources}
    for name, source in sources.items():
        # A logo is replaced under its name, and no version of brand.yaml tells.
        if versions.get(name) == source.version and not (name == BRAND and key not in KNOWN):
            continue
        try:
            if name == BRAND:
                brand = _brand(source, ports)
            elif name == FIELDS:
                fields = ports.reader.fields(source.body)
            elif name == FEEDS:
                feeds = ports.reader.feeds(source.body)
            else:
                words[WORDS[name]] = ports.reader.words(name, source.body)
            versions[name] = source.version
        except InvalidSettingsError as refusal:
            refused[name] = refusal
    style = replace(before, brand=brand, fields=fields, feeds=feeds, words=words, versions=versions)
    if (brand, words) != (before.brand, before.words):
        forms = {**before.earlier_forms, **ports.registered_forms()}
        style = replace(style, earlier_forms=dict(list(forms.items())[-EARLIER_FORMS:]))
    return _Look(style, sources, refused)


def _brand(file: SourceFile, ports: SettingsPorts) -> dict[str, Any]:
    brand, logo = ports.reader.brand(file.body)
    if not logo:
        return brand
    return {**brand, "logo": fitted_logo(logo, lambda name: ports.pictures.put("", name), ports.newsletter_name)}


def fitted_logo(logo: WantedLogo, put_picture: Callable[[str], Picture | None], newsletter_name: str) -> dict[str, Any]:
    """Return the logo as mails and pages show it.

    Args:
        logo: What `brand.yaml` says of it.
        put_picture: Makes a picture of `settings/` fit; None if there is none of this name.
        newsletter_name: What is read where pictures are off, unless the file says something else.

    Raises:
        InvalidSettingsError: It cannot be shown.
    """
    light = _picture(logo.light, logo, put_picture)
    dark = _picture(logo.dark, logo, put_picture) if logo.dark else None
    height = round(light.height * logo.width / light.width)
    if not 0 < height <= TALLEST_LOGO:
        what = f"“{logo.light}” is {height} pixels tall where it is {logo.width} wide."
        raise _refusal(logo, what, f"At most {TALLEST_LOGO} fit there: make `logo_width` smaller.")
    return {
        "alt": logo.alt or newsletter_name,
        "width": logo.width,
        "height": height,
        "light": light.path,
        "dark": dark.path if dark else "",
    }


def _picture(name: str, logo: WantedLogo, put_picture: Callable[[str], Picture | None]) -> Picture:
    try:
        picture = put_picture(name)
    except InvalidPictureError as exc:
        raise _refusal(logo, f"“{name}”: {exc.message}", exc.remedy) from exc
    if picture is None:
        problem = Problem(logo.line, f"There is no “{name}” in {SETTINGS}.", "Upload it beside brand.yaml.")
        raise _LogoMissingError(BRAND, [problem])
    if picture.weight > HEAVIEST_LOGO:
        what = f"“{name}” has {picture.weight:,} bytes, and is at the top of every email."
        raise _refusal(logo, what, f"{HEAVIEST_LOGO:,} are the most: save it smaller.")
    return picture


def _refusal(logo: WantedLogo, message: str, remedy: str) -> InvalidSettingsError:
    return InvalidSettingsError(BRAND, [Problem(logo.line, message, remedy)])


def _put_problems(look: _Look, ports: SettingsPorts, *, quiet: bool) -> NewsletterError | None:
    """Write beside each file what is wrong with it; the editors hear of each version once.

    Returns:
        What keeps an email to them, which keeps nothing else.
    """
    waiting: NewsletterError | None = None
    for key in KNOWN:
        about, refusal = ports.content.problems_of(key), look.refused.get(key)
        if refusal is None:
            if about:  # asked first: each removal leaves a mark in the bucket
                ports.content.clear_problems(key)
        elif about != look.sources[key].version:
            mailed_about = NOT_MAILED
            try:
                if not quiet:
                    ports.editors.tell("editors_problems", key=key, problems=refusal.problems)
                mailed_about = look.sources[key].version
            except NOTHING_NOW as nothing_now:
                waiting = nothing_now
            ports.content.put_problems(key, problem_list(key, refusal.problems), version=mailed_about)
    return waiting


def _digests(style: HouseStyle) -> dict[str, str]:
    """Return a digest of what each file says; of a file that says nothing, none."""
    words = {key: style.words.get(lang) for key, lang in WORDS.items()}
    parts = {BRAND: style.brand, FIELDS: style.fields, FEEDS: style.feeds, **words}
    texts = {key: json.dumps(part, sort_keys=True) for key, part in parts.items() if part}
    return {key: sha256(text.encode()).hexdigest()[:16] for key, text in texts.items()}


def _spread(changed: list[str], ports: SettingsPorts) -> None:
    """Have written anew what looks different now.

    An approved issue stays exactly as it was approved; one that nobody approved gets the new look, and a new preview.
    """
    if BRAND in changed or FIELDS in changed:  # a placeholder may name a field that is gone, or one that is there now
        for record in _unsent(ports):
            if not _is_approved(record, ports):
                ports.publish_queue.publish_again(record.slug)
    ports.publish_queue.refresh_archive()
    for year in ports.issues.years():
        ports.publish_queue.refresh_year(year)


def _show(style: HouseStyle, changed: list[str], ports: SettingsPorts) -> None:
    """Show the editors what is different."""
    mails = ports.editors.mails
    # The newsletter's own language first: it has no key where brand.yaml says nothing of it.
    langs = dict.fromkeys([WORDS.get(key, "") for key in changed if key not in (FIELDS, FEEDS)])
    samples = {lang: mails.mail("confirmation", lang=lang, confirm_url=f"{ports.public_url}/") for lang in langs}
    ports.editors.tell(
        "editors_settings",
        changed=changed,
        removed=[key for key in changed if key not in style.versions],
        fields=[each.label() for each in style.reader_fields] if FIELDS in changed else None,
        feeds=list(style.feeds.items()) if FEEDS in changed else None,
        samples=[(lang, mail.subject, mail.text) for lang, mail in samples.items()],
        approved=[record.slug for record in _unsent(ports) if BRAND in changed and _is_approved(record, ports)],
    )


def _is_approved(record: IssueRecord, ports: SettingsPorts) -> bool:
    return ports.needs_approval and record.approved == record.content_hash


def _unsent(ports: SettingsPorts) -> Iterable[IssueRecord]:
    found = [*ports.issues.with_status(IssueStatus.READY), *ports.issues.with_status(IssueStatus.DRAFT)]
    return [record for record in found if not record.withdrawn][:MOST_UNSENT]
