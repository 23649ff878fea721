"""The verbs: they find out whose account it is, and leave the rest to the jobs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter_cli.backend import not_by_api
from newsletter_cli.console import err
from newsletter_cli.context import goes_by_api
from newsletter_cli.problems import CommandError, UsageError
from newsletter_cli.setup.stopped import StoppedError, UnansweredError

if TYPE_CHECKING:
    from newsletter_cli.setup.adapters.files import SetupFiles

USUAL = "fortnightly-prod"
NAME = re.compile(r"[a-z][a-z0-9-]*")


def setup(
    context: typer.Context,
    answers: Annotated[
        Path | None, typer.Option("--answers", metavar="FILE", help="Answers in YAML or TOML, instead of questions.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Ask everything anew, with the old answers offered.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree to the bill, and to what AWS is told.")] = False,
    wait: Annotated[int, typer.Option(metavar="MINUTES", min=0, help="How long to wait for DNS or a click.")] = 20,
) -> None:
    """Take an account to the first email: eight questions, and everything that follows. Goes on where it stopped."""
    from newsletter_cli.setup.adapters.files import read_answers
    from newsletter_cli.setup.adapters.terminal import Terminal
    from newsletter_cli.setup.domain.questions import Circumstances
    from newsletter_cli.setup.jobs.ask import ask_all
    from newsletter_cli.setup.jobs.set_up import set_up
    from newsletter_cli.setup.wiring import aws_ports, files_of, laptop_ports

    stack_name, local = _meant(context)
    terminal = Terminal(agrees_to_all=yes or local)
    circumstances = Circumstances(datetime.now(UTC).date(), on_this_machine=local)
    with _in_sentences(terminal, stack_name, local=local):
        files = files_of(stack_name, local=local)
        brought = read_answers(answers) if answers else {}
        if not local:  # whoever has no credentials hears of it before eight questions, not after them
            ports = aws_ports(terminal, files, circumstances, stack_name, patience=60.0 * wait)
            ports.account.number()
        given = ask_all(terminal, files, circumstances, brought=brought, again=again)
        if local:
            ports = laptop_ports(terminal, files, circumstances, given, patience=60.0 * wait)
        set_up(ports, given)
        _say_what_next(terminal, files, stack_name, local=local)


def teardown(
    context: typer.Context,
    confirm: Annotated[
        str, typer.Option("--confirm", metavar="NAME", help="The name of the stack once more, for scripts.")
    ] = "",
) -> None:
    """Delete a newsletter: says what goes, what stays, and how to remove that too. Asks for the stack's name."""
    from newsletter_cli.setup.adapters.terminal import Terminal
    from newsletter_cli.setup.jobs.tear_down import tear_down
    from newsletter_cli.setup.wiring import aws_teardown_ports, files_of, laptop_teardown_ports

    stack_name, local = _meant(context)
    terminal = Terminal(agrees_to_all=False)
    with _in_sentences(terminal, stack_name, local=local, verb="teardown"):
        files = files_of(stack_name, local=local)
        ports = laptop_teardown_ports(terminal) if local else aws_teardown_ports(terminal, files, stack_name)
        tear_down(ports, stack_name, confirmed_name=confirm)
        files.forget()


def _meant(context: typer.Context) -> tuple[str, bool]:
    """Return the name of the stack, and whether it is the one on this machine.

    Raises:
        UsageError: No stack can have this name.
    """
    from newsletter_cli.setup.adapters.checkout import longest_stack_name
    from newsletter_cli.setup.adapters.laptop import STACK

    if goes_by_api(context):
        raise not_by_api(context.command_path)
    name = context.obj.stack
    if context.obj.local:
        return STACK, True
    name, longest = name or USUAL, longest_stack_name()
    if not NAME.fullmatch(name):
        raise UsageError(f"{name} cannot be a stack: small letters, digits and dashes, and a letter first.")
    if len(name) > longest:
        raise UsageError(f"{name} has {len(name)} letters; {longest} are the most, for the names that begin with it.")
    return name, False


@contextmanager
def _in_sentences(terminal: Any, stack_name: str, *, local: bool, verb: str = "setup") -> Iterator[None]:
    """Turn whatever stops the work into a sentence that says how it goes on."""
    from botocore.exceptions import BotoCoreError, ClientError

    from newsletter_cli.problems import sentence

    where = "--local" if local else f"--stack {stack_name}"
    go_on = f"What was done stays done. Go on with: newsletter {verb} {where}"
    try:
        yield
    except StoppedError as exc:
        raise CommandError(str(exc)) from exc
    except UnansweredError as exc:
        raise UsageError(
            f"Nobody is there to answer “{exc}”. Write it into a file (--answers FILE), and say --yes to agree to the "
            "rest. docs/deploy.md shows such a file."
        ) from exc
    except (ClientError, BotoCoreError) as exc:
        raise CommandError(f"{sentence(exc)}\n{go_on}") from exc
    except KeyboardInterrupt:
        terminal.close()
        err.print(f"\nStopped. {go_on}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    finally:
        terminal.close()


def _say_what_next(terminal: Any, files: SetupFiles, stack_name: str, *, local: bool) -> None:
    if local:
        from newsletter_cli.setup.wiring import laptop_inbox_url

        terminal.say(
            f"\nEvery email lies in {laptop_inbox_url()}\nIt runs until you end it: newsletter teardown --local"
        )
        return
    terminal.say(
        f"\nSettings are in {os.path.relpath(files.settings)}, which git ignores: keep a copy. AWS has asked the "
        "address for alarms to confirm; click the link in that email. What only a real account can tell:\n"
        f"  newsletter doctor --stack {stack_name} --first-day"
    )
