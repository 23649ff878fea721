"""`newsletter preview`: an issue as its readers will get it, in a browser, while it is written."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from newsletter_cli.console import err, out
from newsletter_cli.context import stack_of
from newsletter_cli.editor.findings import show_findings
from newsletter_cli.issue_names import slug_of


def preview(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The issue file; what it shows lies in <name>/.")],
    name: Annotated[str, typer.Option(help="The reader's name; if left out, a reader without one.")] = "",
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
    once: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the files into a folder instead, and end.")
    ] = None,
    revoke: Annotated[
        bool,
        typer.Option("--revoke", help="End the link to the preview page of this issue instead."),
    ] = False,
) -> None:
    """Show an issue as email, text and page, with what the checks find; it follows the file until Ctrl-C."""
    if revoke:
        answer = stack_of(context).control("end_preview", slug=slug_of(file.as_posix()))
        out.print("The link to its preview page has ended.")
        if answer["preview_url"]:
            out.print(f"The new one is {answer['preview_url']}", markup=False, soft_wrap=True)
        return

    from newsletter_cli.editor.desk import desk_of  # the libraries that render take a second to load
    from newsletter_cli.editor.look import look
    from newsletter_cli.editor.preview_files import write_files
    from newsletter_cli.editor.serve import serve
    from newsletter_cli.editor.showing import Showing

    desk = desk_of(context)
    showing = Showing(desk, look(file, desk), name=name)
    err.print(desk.settings)
    if once is not None:
        show_findings(showing.looked, err)
        for written in write_files(showing, once):
            out.print(str(written), markup=False, soft_wrap=True)
        if showing.looked.preflight.blocks:
            raise typer.Exit(1)
        return

    def opened(url: str) -> None:
        out.print(f"The preview is at {url} until you press Ctrl-C.", soft_wrap=True)
        if browser:
            webbrowser.open(url)

    serve(showing, when_open=opened)
