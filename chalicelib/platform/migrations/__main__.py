"""Apply the migrations: `MIGRATION_DATABASE_URL=postgresql://… python -m chalicelib.platform.migrations`."""

import sys

from chalicelib.platform.migrations import MigrationError, migrate
from chalicelib.platform.settings import SettingsError, migration_database_url

try:
    for name in migrate(migration_database_url()):
        sys.stdout.write(f"applied {name}\n")
except (MigrationError, SettingsError) as error:
    sys.exit(str(error))
