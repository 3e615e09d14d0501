"""
Work that must happen, exactly once as far as the sink allows: ledger and outbox in one table, queues as
wake-up calls.

`envelope` is what travels, `outbox` sends, `store` is the ledger, `batch` runs a Lambda batch against it,
`relay` sends what was not sent, `dead_letters` buries what cannot be done.
"""
