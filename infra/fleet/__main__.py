"""`python -m infra.fleet`: the tables of docs/operations.md, "Connections, timeouts and drain"; `--write`."""

import sys

from chalicelib.jobs.room import FULL_DEPTH
from infra.fleet import connections, drain, timeouts
from infra.package.target import PROJECT
from infra.stages import CONTAINER_CONNECTIONS, STAGES, Stage, load
from infra.tables import hold, table

DOCUMENT, COMMAND = PROJECT / "docs" / "operations.md", "python -m infra.fleet"


def report() -> str:
    """All tables, as Markdown."""
    return "\n\n".join((_connections(), _timeouts(), _drain(load("prod"))))


def _connections() -> str:
    stages = [load(name) for name in STAGES]
    by_stage = [(connections.containers(stage), connections.demand(stage)) for stage in stages]
    rows = [
        [name, *(f"{counts[name] * CONTAINER_CONNECTIONS}, {needs[name]}" for counts, needs in by_stage)]
        for name in by_stage[0][0]
    ]
    sums = [f"{sum(counts.values())}, **{sum(needs.values())}**" for counts, needs in by_stage]
    budget = [str(stage.database_connections) for stage in stages]
    return table(
        ["connections: to the proxy, of the server at once", *STAGES],
        [*rows, ["all", *sums], ["the server gives the proxy", *budget]],
    )


def _timeouts() -> str:
    api_s = connections.function_timeouts_s()["api_handler"]
    rows = [["API Gateway", f"{timeouts.GATEWAY_LIMIT_S}", "", ""]]
    rows += [["`api_handler`", f"{api_s}", "API Gateway", f"{timeouts.GATEWAY_LIMIT_S}"]]
    rows += [
        [f"`{each.name}`", f"{each.limit_s:g}", each.where, f"{each.within_s:g}"]
        for each in timeouts.limits()
    ]
    return table(["time limit", "s", "ends within", "s"], rows)


def _drain(stage: Stage) -> str:
    sinks = drain.sinks(stage)
    rows = [
        [f"{rate:,}", _jobs(rate), *(_minutes(drain.drain_s(sink, rate)) for sink in sinks)]
        for rate in drain.LEADS_A_MINUTE
    ]
    rows.append(["in 5 min up to", "", *(f"**{drain.most_leads_a_minute(sink)}**" for sink in sinks)])
    return table(["leads a minute", "rows waiting", *(sink.queue for sink in sinks)], rows)


def _jobs(leads_a_minute: int) -> str:
    """The rows that wait after the outage; from so many on, jobs that staff ask for are refused."""
    waiting = leads_a_minute * drain.OUTAGE_S // 60
    return f"{waiting:,}{', full' if waiting >= FULL_DEPTH else ''}"


def _minutes(found_s: float | None) -> str:
    return "over 4 h" if found_s is None else f"{found_s / 60:.1f} min"


def main() -> int:
    """Print the tables, and what does not fit; 1 where something does not."""
    text = report()
    print(text)
    if "--write" in sys.argv:
        hold(DOCUMENT, COMMAND, text)
    faults = [fault for name in STAGES for fault in connections.faults(load(name))] + timeouts.faults()
    print("\n".join(faults), file=sys.stderr)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
