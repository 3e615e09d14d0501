"""
May this call proceed? Rate limits, idempotency and the captcha, with PostgreSQL as the judge and Valkey as
the memory.
"""
