"""An account on this machine, empty until something is deployed into it: `python -m local.account`.

`newsletter setup --local` starts it, and walks the way from an account to the first email on it. It is a process of its
own, so that an interrupted setup finds it again: `account.json` in the home folder says where it is. As soon as
`parameters.json` appears there the template is deployed with these parameters, and from then on it is a stack like that
of `make demo`.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from local.claim import claim
from local.process import forget_account
from local.stack import HOME, PROBLEMS, Stack, end_on_signals, stay


def main() -> int:
    """Open the account, deploy what is asked for, and stay until told to end."""
    parser = argparse.ArgumentParser(prog="python -m local.account", description="An account on this machine.")
    parser.add_argument("--home", type=Path, default=HOME, help="folder for logs and files (default: .local)")
    given = parser.parse_args()
    home: Path = given.home
    forget_account()
    end_on_signals()
    try:
        with claim(home):
            stack = Stack(home)
            try:
                _put(home / "account.json", stack.open_account() | {"process": os.getpid()})
                stack.deploy(_awaited_parameters(home / "parameters.json", stack))
                stay(stack)
            finally:
                for file in ("account.json", "parameters.json"):
                    (home / file).unlink(missing_ok=True)
                stack.stop()
    except KeyboardInterrupt:
        return 0
    except PROBLEMS as problem:
        print(f"The account failed: {problem}", file=sys.stderr)
        return 1


def _awaited_parameters(file: Path, stack: Stack) -> dict[str, str]:
    while not file.exists():
        stack.check()
        time.sleep(0.1)
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _put(file: Path, description: dict[str, Any]) -> None:
    """Write in one step: whoever waits for the file must never read half of it."""
    unfinished = file.with_name(f"{file.name}.new")
    unfinished.write_text(json.dumps(description) + "\n", encoding="utf-8")
    unfinished.replace(file)


if __name__ == "__main__":
    sys.exit(main())
