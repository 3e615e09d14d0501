"""A visitor, the quotes that the server keeps for one, and a reader of HTML as a mail client is one."""

import uuid
from html.parser import HTMLParser
from typing import Any

ADDRESS = "lan.nguyen@example.test"
NAME, PHONE, CONTENT = "Nguyễn Thị Lan", "+84912345678", "Xem https://evil.example ngay"


def vnd(amount: int) -> dict[str, str]:
    """Money as the server keeps it."""
    return {"amount": str(amount), "currency": "VND"}


CALCULATOR: dict[str, Any] = {
    "category": {"id": str(uuid.UUID(int=1)), "name": "Cải tạo nhà bếp", "coefficient": 1.15},
    "area": 45.5,
    "basePrice": vnd(40_875_000),
    "priceWithCoefficient": vnd(47_006_250),
    "materials": [
        {"id": str(uuid.UUID(int=2)), "name": "Gạch 60×60", "price": vnd(245_000), "cost": vnd(11_147_500)},
        {"id": str(uuid.UUID(int=3)), "name": "Len chân tường", "price": vnd(850_000), "cost": vnd(850_000)},
    ],
    "materialsTotal": vnd(11_997_500),
    "total": vnd(59_003_750),
}
FURNITURE: dict[str, Any] = {
    "items": [
        {
            "productId": str(uuid.UUID(int=4)),
            "name": "Tủ bếp gỗ sồi",
            "unitPrice": vnd(2_000_000),
            "calculatedPrice": vnd(4_800_000),
            "fitInFee": vnd(240_000),
            "quantity": 2,
            "lineTotal": vnd(10_080_000),
        },
        {
            "productId": str(uuid.UUID(int=5)),
            "unitPrice": vnd(3_200_000),
            "calculatedPrice": vnd(3_200_000),
            "fitInFee": vnd(0),
            "quantity": 1,
            "lineTotal": vnd(3_200_000),
        },
    ],
    "subtotal": vnd(12_800_000),
    "fitInFeesTotal": vnd(480_000),
    "fees": [{"name": "Vận chuyển", "amount": vnd(384_000)}],
    "total": vnd(13_664_000),
}


class Page(HTMLParser):
    """What a reader's mail client would make of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.language = ""
        self._texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what it is."""
        found = dict(attrs)
        self.tags.append(tag)
        self.attributes |= set(found)
        if tag == "html":
            self.language = found["lang"] or ""
        if "href" in found or "src" in found:
            self.links.append(found.get("href") or found.get("src") or "")

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        self._texts.append(data)

    @property
    def text(self) -> str:
        """All that is read, with single spaces."""
        return " ".join("".join(self._texts).split())
