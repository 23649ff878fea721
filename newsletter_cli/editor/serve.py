"""Runs the preview until Ctrl-C."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

import uvicorn

from newsletter_cli.editor.preview_server import LOOPBACK, PreviewServer
from newsletter_cli.editor.showing import Showing


def serve(showing: Showing, *, when_open: Callable[[str], None]) -> None:
    """Serve the preview on a free port until Ctrl-C."""
    with socket.socket() as listening:
        listening.bind((LOOPBACK, 0))
        listening.listen()
        preview = PreviewServer(showing)
        server = _Server(
            uvicorn.Config(preview.app(), log_level="error", timeout_graceful_shutdown=2), before_exit=preview.stop
        )
        when_open(f"http://{LOOPBACK}:{listening.getsockname()[1]}/")
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """Ends the waiting pages first: uvicorn would wait for them, and they for news."""

    def __init__(self, config: uvicorn.Config, *, before_exit: Callable[[], None]) -> None:
        super().__init__(config)
        self._before_exit = before_exit

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._before_exit()
        await super().shutdown(sockets)
