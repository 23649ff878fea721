"""A child process that ends when its parent does: `python -m local.child_process <module> <arguments>`.

A pipe from the parent is our standard input; the kernel closes it however the parent ends, also when it is
killed without a chance to clean up. So nothing of the laptop stack outlives the command that started it.
"""

import os
import runpy
import signal
import sys
import threading

GRACE = 5.0
"""Seconds a module gets to end by itself once its parent is gone."""


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    # A module that ignores the signal must not stay.
    threading.Timer(GRACE, os._exit, [1]).start()


def main() -> None:
    """Run the named module as if it had been started by itself, and end it with its parent."""
    module, *arguments = sys.argv[1:]
    sys.argv = [module, *arguments]
    threading.Thread(target=_end_with_parent, daemon=True, name="ends-with-parent").start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
