"""What the letters say in both languages, how figures are written, and that nobody's text becomes markup."""

import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import figures, letters, render, words
from chalicelib.mail.letters import Letter
from tests.product.mail_samples import CALCULATOR, FURNITURE, Page, vnd

SITE = "https://plumbline.example"
ID = UUID("0b6f6c9e-35f1-4f0e-9c39-1f2f1d8f7f10")
AT = datetime(2026, 11, 22, 20, 5, tzinfo=UTC)
LINK = f"{SITE}/verify?token=0b6f.x-_"
NBSP = "\u00a0"
_HOSTILE = st.sampled_from(
    [
        "<script>alert(1)</script>", "<a href='https://evil.example'>", '" onmouseover="x', "</td></table>",
        "{{ 7*7 }}", "{% raw %}", "&lt;b&gt;", "<img src=x>", "]]>", "<!--", "{0}", "{total}", "\u202e",
        "\x00",
    ]
)  # fmt: skip
_TEXT = st.lists(_HOSTILE | st.text(max_size=20), min_size=1, max_size=5).map("".join)


def all_letters(language: str) -> Iterator[Letter]:
    """One of each kind."""
    yield letters.quotation(ID, CALCULATOR, language)
    yield letters.quotation(ID, FURNITURE, language)
    yield letters.confirmation(ID, language)
    yield letters.new_lead(f"{SITE}/admin/leads/{ID}", "QUOTE_FORM", AT, vnd(59_003_750), language)
    yield letters.new_lead(f"{SITE}/admin/leads/{ID}", "CONTACT_FORM", AT, None, language)
    yield letters.new_lead(f"{SITE}/admin/leads/{ID}", "FURNITURE_QUOTE", AT, vnd(1), language)
    yield letters.announcement("Lịch họp", "Lúc 9 giờ.\n\nTrân trọng", language)
    yield letters.confirm_address(LINK, AT, language)
    yield letters.password_reset(LINK, AT, language)
    yield letters.account_exists(f"{SITE}/login", language)


@pytest.mark.parametrize("key", sorted(words.WORDS))
def test_both_languages_say_the_same_with_the_same_figures(key: str) -> None:
    english, vietnamese = words.WORDS[key]
    assert english.strip()
    assert vietnamese.strip()
    filled = [
        sorted(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in words.WORDS[key]
    ]
    assert filled[0] == filled[1]


def test_no_sentence_is_kept_that_no_letter_says(monkeypatch: pytest.MonkeyPatch) -> None:
    said: set[str] = set()

    class Listening(dict[str, tuple[str, str]]):
        def __getitem__(self, key: str) -> tuple[str, str]:
            said.add(key)
            return super().__getitem__(key)

    monkeypatch.setattr(words, "WORDS", Listening(words.WORDS))
    for letter in all_letters("vi"):
        render.to_html(letter, SITE)
        render.to_text(letter, SITE)
    assert set(words.WORDS) - said == set()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_html_and_text_of_every_letter_say_the_same(language: str) -> None:
    for letter in all_letters(language):
        page = Page(render.to_html(letter, SITE))
        text = " ".join(render.to_text(letter, SITE).split())
        said = [
            letter.heading,
            *letter.paragraphs,
            *letter.steps,
            *letter.notes,
            letter.reference,
            letter.why,
        ]
        for line in (*letter.lines, letter.total, letter.button):
            said += [line.label, line.value, line.detail] if line else []
        for sentence in said:
            assert " ".join(sentence.split()) in page.text
            assert " ".join(sentence.split()) in text
        assert page.language == language
        assert letter.preheader in page.text
        assert set(page.links) == {SITE, *([letter.button.value] if letter.button else [])}
        assert not {"script", "img", "link", "iframe", "form"} & set(page.tags)
        assert not [name for name in page.attributes if name.startswith("on")]


def test_a_quote_is_taken_apart_so_that_its_lines_make_the_total() -> None:
    english = letters.quotation(ID, CALCULATOR, "en")
    assert english.subject == "Your renovation quote: ₫59,003,750"
    assert [(line.label, line.value, line.detail) for line in english.lines] == [
        ("Cải tạo nhà bếp", "₫47,006,250", f"45.5{NBSP}m² · ₫40,875,000 × 1.15"),
        ("Gạch 60×60", "₫11,147,500", f"₫245,000 × 45.5{NBSP}m²"),
        ("Len chân tường", "₫850,000", ""),
    ]
    furniture = letters.quotation(ID, FURNITURE, "vi")
    assert furniture.subject == f"Báo giá nội thất của bạn: 13.664.000{NBSP}₫"
    assert [(line.label, line.value, line.detail) for line in furniture.lines] == [
        (
            f"Tủ bếp gỗ sồi{NBSP}×{NBSP}2",
            f"10.080.000{NBSP}₫",
            f"4.800.000{NBSP}₫ + lắp đặt 240.000{NBSP}₫, mỗi cái",
        ),
        ("Sản phẩm 2", f"3.200.000{NBSP}₫", ""),
        ("Vận chuyển", f"384.000{NBSP}₫", ""),
    ]
    for letter in (english, furniture):
        amounts = [int(re.sub(r"\D", "", line.value)) for line in letter.lines]
        assert letter.total is not None
        assert sum(amounts) == int(re.sub(r"\D", "", letter.total.value))


def test_figures_stand_below_each_other_in_plain_text() -> None:
    text = render.to_text(letters.quotation(ID, CALCULATOR, "vi"), SITE)
    rows = [line for line in text.splitlines() if line.endswith(f"{NBSP}₫")]
    assert len(rows) == 4
    assert len({len(row) for row in rows}) == 1


def test_a_label_too_long_for_its_line_leaves_the_figures_where_they_are() -> None:
    quote = {**CALCULATOR, "materials": [{**CALCULATOR["materials"][1], "name": "Rất dài " * 20}]}
    rows = [
        line
        for line in render.to_text(letters.quotation(ID, quote, "vi"), SITE).splitlines()
        if line.endswith("₫")
    ]
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize(
    ("value", "english", "vietnamese"),
    [
        (vnd(12_345_678), "₫12,345,678", f"12.345.678{NBSP}₫"),
        (vnd(0), "₫0", f"0{NBSP}₫"),
        ({"amount": "1234.50", "currency": "USD"}, "$1,234.50", f"1.234,50{NBSP}$"),
        ({"amount": "9999999.99", "currency": "EUR"}, "€9,999,999.99", f"9.999.999,99{NBSP}€"),
    ],
)
def test_money_is_written_as_people_write_it(value: dict[str, str], english: str, vietnamese: str) -> None:
    assert figures.money(value, "en") == english
    assert figures.money(value, "vi") == vietnamese


@given(
    st.integers(0, 10**17),
    st.sampled_from([("VND", 0), ("USD", 2), ("EUR", 2)]),
    st.sampled_from(["en", "vi"]),
)
def test_no_digit_of_an_amount_is_lost_or_added(minor: int, currency: tuple[str, int], language: str) -> None:
    name, digits = currency
    amount = f"{minor // 10**digits}.{minor % 10**digits:0{digits}d}" if digits else str(minor)
    written = figures.money({"amount": amount, "currency": name}, language)
    assert re.sub(r"\D", "", written) == amount.replace(".", "")


def test_areas_and_instants_are_written_as_people_write_them() -> None:
    assert [figures.square_metres(45.0, language) for language in words.LANGUAGES] == [f"45{NBSP}m²"] * 2
    assert figures.square_metres(1234.125, "vi") == f"1.234,125{NBSP}m²"
    assert figures.factor(1.0, "en") == "1"
    assert figures.factor(10, "en") == "10"
    assert figures.factor(1.15, "vi") == "1,15"
    assert figures.moment(AT, "en") == "23 November 2026, 03:05"
    assert figures.moment(AT, "vi") == "03:05 ngày 23/11/2026"


def _plain(text: str) -> str:
    """*text* with the same lines, but nothing in it that could be markup."""
    return "".join(character if character.isspace() else "x" for character in text)


@given(title=_TEXT, content=_TEXT, language=st.sampled_from(words.LANGUAGES))
def test_whatever_staff_write_is_text_and_never_markup(title: str, content: str, language: str) -> None:
    page = Page(render.to_html(letters.announcement(title, content, language), SITE))
    plain = Page(render.to_html(letters.announcement(_plain(title), _plain(content), language), SITE))
    assert page.tags == plain.tags
    assert page.attributes == plain.attributes
    assert page.links == [SITE]
    for written in (title, content):
        assert " ".join(written.split()).replace("\x00", "\ufffd") in page.text.replace("\x00", "\ufffd")


@given(names=st.tuples(_TEXT, _TEXT, _TEXT), language=st.sampled_from(words.LANGUAGES))
def test_no_name_of_the_catalogue_becomes_markup(names: tuple[str, str, str], language: str) -> None:
    def quotes(category: str, material: str, piece: str) -> Iterator[dict[str, Any]]:
        first: Any = {**CALCULATOR, "category": {**CALCULATOR["category"], "name": category}}
        first["materials"] = [{**CALCULATOR["materials"][0], "name": material}]
        yield first
        yield {
            **FURNITURE,
            "items": [{**FURNITURE["items"][0], "name": piece}],
            "fees": [{"name": material, "amount": vnd(1)}],
        }

    for quote, plain in zip(quotes(*names), quotes("x", "x", "x"), strict=True):
        page = Page(render.to_html(letters.quotation(ID, quote, language), SITE))
        expected = Page(render.to_html(letters.quotation(ID, plain, language), SITE))
        assert (page.tags, page.attributes, page.links) == (expected.tags, expected.attributes, [SITE])


def test_paragraphs_and_lines_of_an_announcement_are_kept() -> None:
    content = "Chào các bạn,\r\n\r\n\r\nNghỉ từ 16/2.\nMở lại 23/2.\n\n"
    letter = letters.announcement("Nghỉ  Tết\t2027", content, "vi")
    assert letter.subject == "Nghỉ Tết 2027"
    assert letter.paragraphs == ["Chào các bạn,", "Nghỉ từ 16/2.\nMở lại 23/2."]
    assert '<p style="margin:0 0 16px">Nghỉ từ 16/2.<br>Mở lại 23/2.</p>' in render.to_html(letter, SITE)
    assert "Chào các bạn,\n\nNghỉ từ 16/2.\nMở lại 23/2.\n\n" in render.to_text(letter, SITE)
