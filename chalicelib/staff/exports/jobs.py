"""What exports do on the sync queue, and on schedule."""

from chalicelib.jobs.runner import OneByOne
from chalicelib.staff.exports.service import forget_over, write_slice

__all__ = ["KINDS", "forget_over"]
_RESERVE_S = 30.0  # two parts of the file, read and put, when all is slow

KINDS = {"lead_export": OneByOne("lead_export", write_slice, reserve_s=_RESERVE_S)}
