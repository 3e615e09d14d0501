"""
Text in a cell of a spreadsheet, which must never run there.

What looks like the beginning of a formula, also in full width, is told to be text by an apostrophe before it
(ASVS 5.0, 1.2.10; OWASP, "CSV Injection"). A phone does look like one.
"""

_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")


def safe_text(value: object) -> str:
    """*value* as text that no spreadsheet takes for a formula; nothing is an empty one."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
