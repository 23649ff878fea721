"""`newsletter protect`: what nobody may delete by mistake, once the first deployment has succeeded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import typer

from newsletter_cli.console import out
from newsletter_cli.context import stack_of


def protect(context: typer.Context) -> None:
    """Protect the tables and the stack against deletion. `make deploy` does so; twice does no harm."""
    stack = stack_of(context)
    tables = stack.resources.tables.values()
    protect_tables(stack.client("dynamodb"), tables)
    out.print(f"{len(tables)} tables are protected against deletion.")
    if not stack.is_local:
        stack.client("cloudformation").update_termination_protection(
            StackName=stack.name, EnableTerminationProtection=True
        )
        out.print("So is the stack.")


def protect_tables(dynamodb: Any, names: Iterable[str]) -> None:
    """Protect those tables that are not yet.

    The template cannot: what it protects from the moment it is made, CloudFormation could not take back when the rest
    of a first deployment fails.
    """
    for name in sorted(names):
        if not dynamodb.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
            dynamodb.update_table(TableName=name, DeletionProtectionEnabled=True)
