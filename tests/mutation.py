"""
One change that breaks something which a test promises: a text of one file, that becomes another.

The text must stand in its file exactly once, which `tests/test_mutations.py` sees to.
"""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Mutation:
    """
    *old* becomes *new* in *file*, and then *test* (of pytest, or a file of the pages' tests; or several, with
    spaces between) fails. *proves* names the property, or the area of the core.
    """

    proves: str
    file: str
    old: str
    new: str
    test: str

    @property
    def tests(self) -> list[str]:
        """Those that ought to fail, one of them at least."""
        return self.test.split()

    def line(self, root: Path = ROOT) -> int:
        """
        The number of the line on which the text begins.

        Raises:
            LookupError: it does not stand there exactly once.
        """
        text = (root / self.file).read_text(encoding="utf-8")
        found = text.count(self.old)
        if found != 1:
            told = f"{found} times in {self.file}, and not once: {self.old!r}"
            raise LookupError(f"The text that would break {self.proves} stands {told}")
        return text[: text.index(self.old)].count("\n") + 1

    def where(self, root: Path = ROOT) -> str:
        """File and line, as editors open it."""
        return f"{self.file}:{self.line(root)}"

    def apply(self, root: Path) -> None:
        """Change the tree at *root*."""
        self.line(root)
        path = root / self.file
        path.write_text(path.read_text(encoding="utf-8").replace(self.old, self.new), encoding="utf-8")
