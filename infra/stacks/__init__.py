"""
What AWS is told: the data stack (network, database, Valkey, secrets) and the app stack (functions, queues,
API, firewall, site), in CDK.

`python -m infra.stacks <folder>` writes the templates of `STAGE`; it runs in `.venv/deploy`. `data` and `app`
are the two tables of contents. Nothing here is imported by the product, and the product's own files are
only read by Chalice, which lists its functions and routes.
"""
