"""
What a stage costs a month: list prices (`prices.json`) times what the templates have and what a lead uses.

`python -m infra.cost` prints the table of docs/operations.md, "What it costs". `facts` holds what was counted
in the product, and a test counts it again; `assumed` what nobody here can know. No free tier, discount,
support plan or tax is in it, and no data transfer between zones.
"""
