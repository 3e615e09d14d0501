"""Do recorded erasures again, with the product's environment: `… -m chalicelib.staff.erasures < recorded`."""

import sys

from chalicelib.platform.settings import SettingsError, settings
from chalicelib.staff.erasures.service import replay

try:
    settings()
except SettingsError as error:
    sys.exit(str(error))
done = replay(sys.stdin)
sys.stdout.write(f"erased {done.erased}, forgotten already {done.forgotten}, kept {done.kept}\n")
if done.kept:
    sys.exit("Kept is the last account that can administer: make another, and run this again.")
