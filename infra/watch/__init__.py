"""
What is watched, and who is called: CloudWatch's dashboard and alarms, and the examples for Prometheus and
Grafana that ship beside them.

`graphs` and `limits` are tables that need no CDK; `construct` makes them CloudWatch's.
"""
