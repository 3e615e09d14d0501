"""
Which resource of the API a path belongs to, by API Gateway's rules: literal segments win over parameters.

Path parameters stay percent-encoded, as API Gateway hands them on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from local.cloud.describe import RouteSpec


@dataclass(frozen=True)
class Match:
    """A resource and the values of its parameters."""

    route: RouteSpec
    parameters: Mapping[str, str]

    @property
    def allowed(self) -> str:
        """Its methods for an Allow header."""
        return ", ".join(sorted({*self.route.methods, "OPTIONS"}))


class RouteTable:
    """The resources of an API."""

    def __init__(self, routes: Iterable[RouteSpec]) -> None:
        self._literal: dict[str, RouteSpec] = {}
        self._patterns: list[tuple[list[str], RouteSpec]] = []
        for route in routes:
            if "{" in route.pattern:
                self._patterns.append((route.pattern.strip("/").split("/"), route))
            else:
                self._literal[route.pattern.rstrip("/") or "/"] = route
        self._patterns.sort(key=lambda item: [segment.startswith("{") for segment in item[0]])

    def find(self, path: str) -> Match | None:
        """The resource of the raw *path* (without stage), or None; a slash at its end does not matter."""
        route = self._literal.get(path.rstrip("/") or "/")
        if route is not None:
            return Match(route, {})
        segments = path.strip("/").split("/")
        for pattern, candidate in self._patterns:
            parameters = _fit(pattern, segments)
            if parameters is not None:
                return Match(candidate, parameters)
        return None


def _fit(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    parameters: dict[str, str] = {}
    for expected, given in zip(pattern, segments, strict=True):
        if expected.startswith("{"):
            if not given:
                return None
            parameters[expected[1:-1]] = given
        elif expected != given:
            return None
    return parameters
