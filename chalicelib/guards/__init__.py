"""
May this call proceed? Rate limits, who calls, idempotency and failed sign-ins, with PostgreSQL as the judge
and Valkey as the memory.
"""
