"""
Passwords as Argon2id hashes, with OWASP's parameters (Password Storage Cheat Sheet): 19 MiB, two passes,
one lane.

One verification takes some tens of milliseconds on purpose, also for nobody's password, so that time does
not tell which addresses have an account.
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# The hash of 32 random bytes that were thrown away: what is verified where there is no account.
NOBODYS_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$3So6KiJsPmwk2snFNJteWg$iS8+U6Pf+9k69f55Lx41q4pZYSisa771j1pitWpt2vI"
)


@cache
def hasher() -> "PasswordHasher":
    """Hashes and verifies, with the parameters above."""
    from argon2 import PasswordHasher  # noqa: PLC0415  only sign-in pays for it

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_of(password: str) -> str:
    """A fresh hash of *password*, with its salt and parameters."""
    return hasher().hash(password)


def is_right(password: str, password_hash: str | None) -> bool:
    """Whether *password* belongs to *password_hash*; nobody's (None) is verified as long, and never right."""
    from argon2.exceptions import VerifyMismatchError  # noqa: PLC0415  only sign-in pays for it

    try:
        hasher().verify(password_hash or NOBODYS_HASH, password)
    except VerifyMismatchError:
        return False
    return password_hash is not None
