"""The pictures of docs/plots: small, well-formed, and true to the figures that they are drawn from."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.svg import Bar, Curve, bars, curves

PLOTS = sorted((Path(__file__).resolve().parents[1] / "docs" / "plots").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"


def _read(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314  our own


@pytest.mark.parametrize("path", PLOTS, ids=lambda path: path.stem)
def test_a_committed_picture_is_small_and_can_be_read(path: Path) -> None:
    assert path.stat().st_size < 20_000
    assert _read(path.read_text(encoding="utf-8")).findtext(f"{SVG}title")


def test_what_meets_its_target_stands_left_of_the_line_and_what_is_short_right_of_it() -> None:
    drawn = _read(bars("a < b", [Bar("met", 0.5, "0.75 × (≤ 1.5)"), Bar("short", 2.0, "3.00 × (≤ 1.5)")]))
    middle = float(drawn.findall(f"{SVG}line")[-1].get("x1", ""))
    met, short = drawn.findall(f"{SVG}rect")[1:]
    assert float(met.get("x", "")) + float(met.get("width", "")) == pytest.approx(middle)
    assert float(short.get("x", "")) == pytest.approx(middle)
    assert met.get("width") == short.get("width"), "half and twice are as far from the line"
    assert met.get("fill") != short.get("fill")


def test_what_grows_with_n_is_a_straight_line_and_ten_times_as_much_a_decade_higher() -> None:
    drawn = _read(curves("growth", "n", "s", [Curve("linear", [(10, 1), (100, 10), (1000, 100)])]))
    points = drawn.findall(f"{SVG}polyline")[0].get("points", "").split()
    (x1, y1), (x2, y2), (x3, y3) = ([float(each) for each in point.split(",")] for point in points)
    assert (x2 - x1, y1 - y2) == pytest.approx((x3 - x2, y2 - y3), abs=0.2)
    assert y1 > y2 > y3, "upwards"
