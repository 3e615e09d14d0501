"""What a note about a lead says, in the reader's language, read from the lead itself when it is shown."""

from typing import Any

_TITLES = {
    "en": {
        "CONTACT_FORM": "New message",
        "QUOTE_FORM": "New quote request",
        "FURNITURE_QUOTE": "New furniture request",
    },
    "vi": {
        "CONTACT_FORM": "Tin nhắn mới",
        "QUOTE_FORM": "Yêu cầu báo giá mới",
        "FURNITURE_QUOTE": "Yêu cầu nội thất mới",
    },
}
_OVERDUE = {"en": "Nobody has called back yet", "vi": "Chưa ai gọi lại cho khách"}
_ERASED = {"en": "The person's data were erased.", "vi": "Dữ liệu của người này đã được xóa."}


def words_of(note: dict[str, Any]) -> tuple[str, str]:
    """Title and content of *note* (a row of `store.list_of`)."""
    if note["lead_id"] is None:
        return note["title"], note["content"]
    locale = note["locale"]
    title = _OVERDUE[locale] if note["is_overdue"] else _TITLES[locale][note["source"]]
    if note["lead_name"] is None:
        return title, _ERASED[locale]
    total = note["total"]
    price = f" · {total['amount']} {total['currency']}" if total else ""
    return title, f"{note['lead_name']}{price}"
