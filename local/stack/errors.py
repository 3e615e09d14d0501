"""The one error of the stack: something a person has to know or do before it can run."""


class StackError(Exception):
    """The stack cannot run; the message says why and what to do, without a traceback."""
