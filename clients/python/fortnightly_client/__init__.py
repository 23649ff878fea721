"""The API of a Fortnightly newsletter: `Client` has a method for each operation."""

from __future__ import annotations

from fortnightly_client.operations import Operations as Client
from fortnightly_client.transport import ApiError

__all__ = ["ApiError", "Client"]
