"""Why a statement of a role names more resources than one, by its `Sid`. Actions never have wildcards."""

WILDCARDS = {
    "NetworkInterfaces": "Lambda makes and removes network interfaces, whose names nobody knows before",
    "SecretsInOneCall": "BatchGetSecretValue knows no resources; GetSecretValue says which may be read",
    "TextMessages": "a phone number has no ARN; every topic is excluded",
    "ExportFiles": "each export is a file of its own, in a bucket that holds nothing else",
    "OwnLog": "each container writes a stream of its own into its function's log",
}
