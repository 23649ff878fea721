"""`newsletter check`: what `publish` would say about a file, before it is uploaded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from newsletter_cli.console import err, out, show_json
from newsletter_cli.editor.findings import as_json, show_findings


def check(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Issues, with their translations beside them; or a folder of them."),
    ],
    links: Annotated[bool | None, typer.Option(help="Open the links too; as the stack does if left out.")] = None,
    as_data: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Check issue files as publishing does. Exit code 1 if one has errors; warnings are 0. Needs no stack."""
    from newsletter_cli.editor.desk import desk_of  # the libraries that render take a second to load
    from newsletter_cli.editor.editions import meant_by
    from newsletter_cli.editor.look import look

    desk = desk_of(context)
    meant = dict.fromkeys(file for path in files for file in meant_by(path))
    looks = [look(file, desk, check_links=desk.check_links if links is None else links) for file in meant]
    err.print(desk.settings)
    if as_data:
        show_json({"settings": desk.settings, "files": [as_json(each) for each in looks]})
    else:
        for each in looks:
            show_findings(each, out)
    if any(each.preflight.blocks for each in looks):
        raise typer.Exit(1)
