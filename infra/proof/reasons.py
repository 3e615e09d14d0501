"""Reasons for what the rules would refuse, where they cannot stand beside it."""

# Why a statement of a role names more resources than one, by its `Sid`. Actions never have wildcards.
WILDCARDS = {
    "NetworkInterfaces": "Lambda makes and removes network interfaces, whose names nobody knows before",
    "SecretsInOneCall": "BatchGetSecretValue knows no resources; GetSecretValue says which may be read",
    "TextMessages": "a phone number has no ARN; every topic is excluded",
    "ExportFiles": "each export is a file of its own, in a bucket that holds nothing else",
    "OwnLog": "each container writes a stream of its own into its function's log",
}

# Why a migration that is applied, so that its text may not change, is safe. Newer ones say it themselves.
_EMPTY = "no version had been released: the table was empty, and no older code served"
MIGRATIONS = {
    "0005-sessions.sql": _EMPTY,
    "0006-catalogue.sql": _EMPTY,
    "0007-queue-figures.sql": _EMPTY,
    "0008-lead-desk.sql": f"{_EMPTY}; nothing had read the setting that it renames",
    "0009-leads-at-scale.sql": _EMPTY,
    "0010-alerts-told.sql": _EMPTY,
    "0012-webhooks.sql": "both constraints only allow more than before",
}
