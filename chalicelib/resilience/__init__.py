"""
Ways to stay right while others fail: the Valkey client that never waits, locks, the breaker. It knows
nothing of leads.
"""
