"""`newsletter`: every verb of the command line, and what they share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from newsletter.errors import NewsletterError
from newsletter_cli import editor, operator, people, sending, setup
from newsletter_cli.arguments import stack_first
from newsletter_cli.backend import Choice
from newsletter_cli.choosing import chosen
from newsletter_cli.problems import CommandError, UsageError, of_this_machine, sentence
from newsletter_cli.verbs import LazyGroup, commands_of

PANELS = tuple(wing.PANEL for wing in (setup, editor, sending, people, operator))


class AllVerbs(LazyGroup):
    """The command line as a whole."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands.update(commands_of(PANELS))


app = typer.Typer(
    name="newsletter",
    cls=AllVerbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # errors are sentences here, see `run`
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Write, send and look after a newsletter. Without --stack, the one on this machine.",
)


@app.callback()
def choose_stack(
    context: typer.Context,
    stack: Annotated[
        str, typer.Option("--stack", envvar="NEWSLETTER_STACK", help="A deployed stack, by its CloudFormation name.")
    ] = "",
    local: Annotated[bool, typer.Option("--local", help="The stack on this machine (make demo).")] = False,
    api: Annotated[
        str,
        typer.Option(
            "--api", envvar="FORTNIGHTLY_API", metavar="URL",
            help="A newsletter by its API, without AWS; its key is in FORTNIGHTLY_API_KEY.",
        ),
    ] = "",
    api_key_file: Annotated[
        Path | None,
        typer.Option(
            "--api-key-file", envvar="FORTNIGHTLY_API_KEY_FILE", help="A file with the key, readable by you alone."
        ),
    ] = None,
) -> None:  # fmt: skip
    """Remember which stack is meant, and the way to it; it is looked for when a command needs it."""
    if context.obj is None:  # a test may bring the stack itself
        context.obj = chosen(context, Choice(stack, local, api, api_key_file))


INTERRUPTED = 130
"""What Typer makes of Ctrl-C."""


def run() -> None:
    """Run a command: 0 done, 1 failed, 2 usage; an error is one sentence, never a traceback."""
    try:
        app(args=stack_first(sys.argv[1:]))
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _stop("Stopped.", 1)
        raise
    except UsageError as problem:
        _stop(str(problem), 2)
    except (CommandError, NewsletterError) as problem:
        _stop(str(problem), 1)
    except OSError as problem:
        _stop(of_this_machine(problem), 1)
    except Exception as problem:
        from botocore.exceptions import BotoCoreError, ClientError

        if not isinstance(problem, BotoCoreError | ClientError):
            raise
        _stop(sentence(problem), 1)


def _stop(why: str, code: int) -> NoReturn:
    from newsletter_cli.console import err

    err.print(why, markup=False, soft_wrap=not err.is_terminal)
    sys.exit(code)


if __name__ == "__main__":
    run()
