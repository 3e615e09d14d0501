"""
The parts of the running system as child processes: PostgreSQL, Valkey, the AWS emulator, the world and the
cloud.

`Stack` (supervisor) starts them in order and keeps them up; the other modules know one part each. `python
-m local` and the tests use the same class. It fails with `StackError`, whose message is a sentence for the
person at the keyboard.
"""

from local.stack.errors import StackError
from local.stack.supervisor import Stack

__all__ = ["Stack", "StackError"]
