"""`newsletter send repair`: rebuild what is on record about a send and cannot be read."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from newsletter_cli.console import out, show_json
from newsletter_cli.context import stack_of
from newsletter_cli.sending.options import Data, SendName

Apply = Annotated[bool, typer.Option("--apply", help="Do it; without this, it only says what would be done.")]


def repair(context: typer.Context, issue: SendName, apply: Apply = False, as_data: Data = False) -> None:
    """Find what cannot be read of a send, and with --apply rebuild it from what else is known."""
    found = stack_of(context).control("repair", slug=issue, apply=apply)
    if as_data:
        show_json(found)
        return
    for sentence in sentences(issue, found):
        out.print(sentence, markup=False)


def sentences(slug: str, found: dict[str, Any]) -> list[str]:
    """Return what a repair found, or did, as people say it."""
    said, rebuilt = [], "was rebuilt" if found["applied"] else "can be rebuilt"
    if found["header"]:
        said.append(f"The header cannot be read. It {rebuilt} from its batches and the record of the issue.")
    if found["batches"]:
        said.append(
            f"Batches that cannot be read: {', '.join(found['batches'])}. Each {rebuilt} from what SES reported;"
            f" {found['unknown']:,} of their readers are in doubt then, and are not mailed before that is settled."
        )
    if found["lost"]:
        said.append(
            f"Nobody knows any more who is in {', '.join(found['lost'])}."
            " Restore these items from the backup of the table `sends`; see docs/operate.md."
        )
    if found["readers"]:
        said.append(f"Records of readers that could not be read when their turn came: {', '.join(found['readers'])}.")
        said.append(
            "`newsletter subscribers repair ID` shows what can be saved of each; after that,"
            f" `newsletter send retry-failed {slug}` mails them."
        )
    if not said:
        return ["Everything on record about this send can be read."]
    if found["header"] or found["batches"]:
        again = f"`newsletter send resume {slug}` lets it go on." if found["applied"] else "Run it again with --apply."
        said.append(f"The send is held. {again}" if found["applied"] else f"Nothing was changed. {again}")
    return said
