"""
A safe evaluator for price formulas: numbers, names, + − × ÷ and parentheses, on exact decimals.

Nothing of Python is evaluated. The grammar, with the usual precedence:
    sum = product (("+" | "-" | "−") product)*      product = factor (("*" | "×" | "/" | "÷") factor)*
    factor = ("-" | "−") factor | number | name | "(" sum ")"
"""

import re
from collections.abc import Mapping
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow

LENGTH_LIMIT = 500
_DEPTH_LIMIT = 50
_TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Z][A-Z0-9_]*)|(?P<sign>[-−+*×/÷()]))")
_EXACT = Context(prec=40, Emax=30, Emin=-60, traps=[InvalidOperation, DivisionByZero, Overflow])


class FormulaError(Exception):
    """The formula cannot be used; the text says what is wrong with it and where."""


class _Reader:
    def __init__(self, text: str, names: Mapping[str, Decimal]) -> None:
        self._tokens = _tokens(text)
        self._names = names
        self._at = 0
        self._depth = 0

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise FormulaError("The formula ends where a number, a name or '(' should follow.")
        self._at += 1
        return self._tokens[self._at - 1]

    def whole(self) -> Decimal:
        value = self._sum()
        if self._at < len(self._tokens):
            raise FormulaError(f"Nothing can be done with {self._peek()!r} here; an operator is missing.")
        return value

    def _sum(self) -> Decimal:
        value = self._product()
        while self._peek() in {"+", "-"}:
            _, sign = self._take()
            right = self._product()
            value = _EXACT.add(value, right) if sign == "+" else _EXACT.subtract(value, right)
        return value

    def _product(self) -> Decimal:
        value = self._factor()
        while self._peek() in {"*", "/"}:
            _, sign = self._take()
            right = self._factor()
            if sign == "/" and right == 0:
                raise FormulaError("The formula divides by zero.")
            value = _EXACT.multiply(value, right) if sign == "*" else _EXACT.divide(value, right)
        return value

    def _factor(self) -> Decimal:
        kind, text = self._take()
        if kind == "number":
            return Decimal(text)
        if kind == "name":
            if text not in self._names:
                raise FormulaError(
                    f"The formula uses {text}, but the unit prices are {', '.join(sorted(self._names))}."
                )
            return self._names[text]
        if text not in {"-", "("}:
            raise FormulaError(f"A number, a name or '(' should stand where {text!r} stands.")
        self._depth += 1
        if self._depth > _DEPTH_LIMIT:
            raise FormulaError("The formula is nested too deeply.")
        value = self._inner(text)
        self._depth -= 1
        return value

    def _inner(self, opening: str) -> Decimal:
        if opening == "-":
            return _EXACT.minus(self._factor())
        value = self._sum()
        if self._peek() != ")":
            raise FormulaError("A ')' is missing.")
        self._take()
        return value


def _tokens(text: str) -> list[tuple[str, str]]:
    if len(text) > LENGTH_LIMIT:
        raise FormulaError(f"The formula is longer than {LENGTH_LIMIT} characters.")
    found: list[tuple[str, str]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise FormulaError(
                f"{text[position:].strip()[:10]!r} cannot be read; use numbers, NAMES, + - * / and ()."
            )
        kind = match.lastgroup or ""
        written = match[kind].replace("−", "-").replace("×", "*").replace("÷", "/")
        found.append((kind, written))
        position = match.end()
    return found


def evaluate(formula: str, names: Mapping[str, Decimal]) -> Decimal:
    """
    The value of *formula* with *names* put in.

    Raises:
        FormulaError: it cannot be read, names an unknown price, divides by zero, or its value is out of
            range.
    """
    try:
        return _EXACT.plus(_Reader(formula, names).whole())
    except (InvalidOperation, DivisionByZero, Overflow):
        raise FormulaError("The formula's value is out of range.") from None
