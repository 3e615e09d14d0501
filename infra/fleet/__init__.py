"""
Whether the parts of a fleet fit together: connections, time limits, and how long queues take to drain.

`python -m infra.fleet` prints the tables that docs/operations.md holds. All limits are read from the stages'
files, `.chalice/config.json`, `app.py` and the product itself; what is assumed of other people's systems is
named in `infra.fleet.assumed`.
"""
