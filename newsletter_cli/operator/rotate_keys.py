"""`newsletter rotate-keys`: new keys for the links in emails; unsubscribe links keep working for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from newsletter.core.link_token import LIFETIME, Purpose
from newsletter_cli.console import confirm, err, out
from newsletter_cli.context import stack_of
from newsletter_cli.key_parameters import fresh_key
from newsletter_cli.operator.ages import age
from newsletter_cli.operator.old_links import leaving_answers
from newsletter_cli.operator.open_sends import open_sends
from newsletter_cli.operator.origin_secret import NO_CLOUDFRONT, has_origin_secret, turn_origin_secret
from newsletter_cli.operator.signing_keys import SIGNERS, VERIFIERS, Ring, read_ring, reload, write_ring
from newsletter_cli.problems import CommandError
from newsletter_cli.progress import progress
from newsletter_cli.stack import Stack

APART = LIFETIME[Purpose.CONFIRM] or timedelta(days=7)
"""Between two rotations: a confirmation link is good that long, and works with `current` and `previous` alone."""


def rotate_keys(
    context: typer.Context,
    stolen: Annotated[
        bool, typer.Option("--stolen", help="The key got out: confirmation and editors' links stop working at once.")
    ] = False,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="After an upgrade: editors' links in older emails keep working.")
    ] = False,
    cloudfront: Annotated[
        bool, typer.Option("--cloudfront", help="Only the secret of CloudFront; also finishes what was cut off.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Although a send is open or the last rotation is fresh.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Sign new links with a new key. No key is shown, and no old link to leave stops working."""
    stack, now = stack_of(context), datetime.now(UTC)
    if cloudfront:
        _turn_origin_secret_alone(stack, stolen=stolen, dry_run=dry_run, yes=yes, now=now)
        return
    ring = read_ring(stack)
    in_the_way = _in_the_way(stack, ring, stolen=stolen, now=now)
    if in_the_way and not force and not dry_run:
        raise CommandError(f"{in_the_way} Use --force to rotate all the same.")
    if in_the_way:
        err.print(in_the_way, markup=False)
    _say_what_happens(ring, stolen=stolen, adopt=adopt)
    out.print(_about_cloudfront(stack))
    if dry_run or not confirm("Rotate the keys?", yes=yes):
        return
    _rotate(stack, ring, stolen=stolen, adopt=adopt, now=now)
    _check(stack, ring, now=now)
    if has_origin_secret(stack):
        turn_origin_secret(stack, stolen=stolen, now=now)


def _turn_origin_secret_alone(stack: Stack, *, stolen: bool, dry_run: bool, yes: bool, now: datetime) -> None:
    out.print(_about_cloudfront(stack))
    if has_origin_secret(stack) and not dry_run and confirm("Turn the secret of CloudFront?", yes=yes):
        turn_origin_secret(stack, stolen=stolen, now=now)


def _about_cloudfront(stack: Stack) -> str:
    if not has_origin_secret(stack):
        return NO_CLOUDFRONT
    return "CloudFront shows the API a new secret; the old one stays good until every edge knows, and longer."


def _in_the_way(stack: Stack, ring: Ring, *, stolen: bool, now: datetime) -> str:
    """Return why this is not the moment; empty if nothing is in the way. A stolen key waits for nothing."""
    if stolen:
        return ""
    if ring.rotated_at and now - ring.rotated_at < APART:
        left = age(APART - (now - ring.rotated_at))
        return f"The keys were rotated less than {APART.days} days ago: confirmation links would break. Wait {left}."
    if going := open_sends(stack):
        return f"The send of {going[0]} is open: its links would meet functions with old keys. Wait until it is over."
    return ""


def _say_what_happens(ring: Ring, *, stolen: bool, adopt: bool) -> None:
    retired = len(ring.keys.retired) + bool(ring.keys.previous) + stolen
    out.print("A new key signs all links from now on.")
    if stolen:
        out.print("The stolen key is retired: it opens links to leave, whatever their date, and nothing else.")
        out.print("Confirmation links and editors' links in emails stop working; people have to ask for new ones.")
    else:
        out.print("The key that signs now stays as previous: every link in an email keeps working.")
    if adopt and not stolen:
        out.print("Editors' links signed with the readers' key work until the next rotation. Rotate again in a week:")
        out.print("until then the functions that sign editors' links know a key of readers.")
    out.print(f"Retired keys: {retired}; links to leave signed with them work for ever.")


def _rotate(stack: Stack, ring: Ring, *, stolen: bool, adopt: bool, now: datetime) -> None:
    """Write the keys, then make the functions read them.

    Cut off behind the write, nothing is lost: functions read the keys by themselves within hours, and both are good.
    """
    editors = read_ring(stack, stack.settings.editor_keys_secret)
    turned = editors.turned_beside(ring, fresh_key(), stolen=stolen, adopt=adopt, now=now)
    write_ring(stack, turned, stack.settings.editor_keys_secret)
    write_ring(stack, ring.turned(fresh_key(), stolen=stolen, now=now))
    with progress() as bar:
        for word in bar.track((*VERIFIERS, *SIGNERS), description="Functions read the new keys"):
            reload(stack, word, now=now)


def _check(stack: Stack, before: Ring, *, now: datetime) -> None:
    after = read_ring(stack).keys
    old = before.keys.current
    if old not in (after.previous, *after.retired):
        raise CommandError("The old key is not among those that were written. Put back the version before.")
    for what, key in (("new", after.current), ("old", old)):
        status = leaving_answers(stack, after, key, now=now)
        if status != 200:
            said = f"answers {status}" if status else "does not answer"
            raise CommandError(
                f"The keys are written, and a link to leave signed with the {what} key {said}. Run `newsletter doctor`."
            )
    out.print("Done. A link to leave signed with the old key was tried, and works.")
