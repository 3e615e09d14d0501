"""
`make bench`: every benchmark in turn, each a table in Markdown here and a file in bench/results; at the end
the pictures of docs/plots are drawn from these files.

`make bench ARGS="requests cold"` runs only these. None of them fails a build: machines are noisy, and a
figure that is short of its target says so in its line.
"""

import subprocess
import sys
import time

from bench.measure import say

# In this order: the short ones first.
BENCHMARKS = ("components", "requests", "cold", "growth", "load", "rankings", "leads")


def main() -> int:
    """Run what was asked for, or everything."""
    wanted = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in wanted if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {unknown[0]}; there are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    return max(_run(name) for name in [*wanted, "plots"])


def _run(name: str) -> int:
    started = time.monotonic()
    code = subprocess.call([sys.executable, "-W", "ignore", "-m", f"bench.{name}"])
    say(f"{name} took {time.monotonic() - started:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
