"""
The staff desk (MANAGER, ADMIN), a folder for each of its subjects: leads with their journey, queues with
their dead letters, announcements, the audit log, alerts.

It reads other subjects' tables; whatever it changes is audited in the statement or transaction that changes
it.
"""
