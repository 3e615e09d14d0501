"""
The ground floor: settings, clock, errors, HTTP edge, PostgreSQL, migrations and logs. It imports nothing
above it.
"""
