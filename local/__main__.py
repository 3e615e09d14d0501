"""
`make run`: start the stack, show one screen, wait for Ctrl-C, stop the stack.

Options: `--fresh` forgets all data first. PORT chooses the site's port (8000), APP_DIR the folder of
`app.py`.
"""

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from local.stack import Stack, StackError
from local.stack.environment import ACCOUNTS, SPREADSHEET_ID, overrides
from local.stack.supervisor import PROJECT

_DEFAULT_PORT = 8000
_PORTS = 65_536


def main() -> int:
    """Run until told to stop; the exit code is 1 where it could not start."""
    parser = argparse.ArgumentParser(prog="make run", description="Run Plumbline on this machine.")
    parser.add_argument("--fresh", action="store_true", help="forget all data in .local first")
    arguments = parser.parse_args()
    try:
        port = int(os.environ.get("PORT") or _DEFAULT_PORT)
        if not 0 < port < _PORTS:
            raise ValueError("no port has that number")
    except ValueError:
        print(f"PORT is {os.environ['PORT']!r}, which is no port: PORT=8001 make run", file=sys.stderr)
        return 1
    stack = Stack(
        Path(os.environ.get("DATA_DIR") or PROJECT / ".local"),
        port=port,
        app_dir=Path(os.environ.get("APP_DIR") or PROJECT),
        extra_environment=overrides(os.environ),
        announce=lambda line: print(f"  · {line}", flush=True),
    )
    stop = _stop_on_signals(stack)
    started = time.monotonic()
    try:
        if arguments.fresh:
            stack.wipe()
        stack.start()
        print(_screen(stack, time.monotonic() - started), flush=True)
        stop.wait()
        print("\n  · stopping", flush=True)
    except StackError as error:
        if not stop.is_set():
            print(f"\n{error}", file=sys.stderr)
            return 1
    finally:
        stack.stop()
    print("  · everything is stopped; the data stay in .local", flush=True)
    return 0


def _stop_on_signals(stack: Stack) -> threading.Event:
    """An event that is set by Ctrl-C and its relatives; the second time nothing is waited for."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            stack.kill_parts()
        stop.set()
        stack.request_stop()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    return stop


def _screen(stack: Stack, seconds: float) -> str:
    url, logs = stack.url, stack.logs
    site = (
        url
        if (PROJECT / "web" / "dist" / "index.html").exists()
        else f"{url}   (the pages are not built yet)"
    )
    return f"""
  Plumbline runs.   (started in {seconds:.1f} s)

    Site         {site}
    API          {url}/api/health      reference: {url}/api/openapi.json
    Behind it    {url}/dev             mail, SMS, alerts, the sheet, queues, schedules, faults, the clock
    Demo sheet   {url}/dev/sheets/{SPREADSHEET_ID}/page

    Accounts     {ACCOUNTS[0]}        {ACCOUNTS[1]}
                 {ACCOUNTS[2]}   {ACCOUNTS[3]}
    Password     {stack.secrets["demo_password"]}   (in .local/demo.json, too)

    Logs         {logs}
    Stop         Ctrl-C                (start over: make run ARGS=--fresh)
"""


if __name__ == "__main__":
    sys.exit(main())
