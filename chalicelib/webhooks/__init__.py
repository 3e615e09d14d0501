"""
Webhooks: programs of ours that are told of leads, each event at least once, signed as Standard Webhooks wants
it.
"""
