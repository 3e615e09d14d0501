"""`python -m infra.cost`: the table of docs/operations.md, "What it costs"; `--write`: into it."""

import sys
from collections.abc import Sequence

from infra.cost.model import costs, resources, usage
from infra.package.target import PROJECT
from infra.proof.synthesis import Templates, synthesise_once
from infra.stages import load
from infra.tables import hold, table

DOCUMENT, COMMAND = PROJECT / "docs" / "operations.md", "python -m infra.cost"
STAGES = ("dev", "prod")
LEADS = (0, 1_000, 100_000, 10_000_000)


def report(written: Sequence[Templates]) -> str:
    """US dollars a month by service: each stage at rest, the last one by leads."""
    columns = []
    for each in written:
        has = resources(each.data(), each.app())
        volumes = LEADS if each is written[-1] else LEADS[:1]
        columns += [(each.stage, leads, costs(usage(load(each.stage), has, leads))) for leads in volumes]
    head = [f"{stage}, {f'{leads:,} leads' if leads else 'idle'}" for stage, leads, _ in columns]
    services = list(columns[0][2])
    rows = [[service, *(_dollars(found[service]) for *_, found in columns)] for service in services]
    sums = [(leads, sum(found.values())) for _, leads, found in columns]
    rows.append(["**all**", *(f"**{_dollars(total)}**" for _, total in sums)])
    rows.append(
        ["a thousand leads", *(_dollars(total / leads * 1000) if leads else "" for leads, total in sums)]
    )
    return table(["US dollars a month", *head], rows)


def _dollars(found: float) -> str:
    return f"{found:,.2f}" if found < 10 else f"{found:,.0f}"


def main() -> None:
    """Print the table."""
    text = report(synthesise_once(STAGES))
    print(text)
    if "--write" in sys.argv:
        hold(DOCUMENT, COMMAND, text)


if __name__ == "__main__":
    main()
