"""Who gets which letter, in which language and with which link, and who gets none."""

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.product.mail_samples import ADDRESS, CONTENT, FURNITURE, NAME, PHONE, Page, vnd
from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from local.stack import Stack
    from tests.product.conftest import Api
    from tests.product.mail_fixtures import Office

pytest_plugins = ("tests.product.mail_fixtures",)


def _holds_nothing_of_the_visitor(mail: dict[str, Any]) -> bool:
    words = (NAME, "Lan", PHONE, PHONE.removeprefix("+84"), CONTENT, "evil.example", ADDRESS)
    return not any(word in mail[part] for word in words for part in ("subject", "html", "text"))


def _token_in(mail: dict[str, Any], path: str) -> str:
    """The token of the mail's one link to *path*, which stands in its text too."""
    (link,) = {link for link in Page(mail["html"]).links if urlsplit(link).path == path}
    assert link in mail["text"]
    return parse_qs(urlsplit(link).query)["token"][0]


@pytest.mark.parametrize(
    ("locale", "subject", "word"),
    [
        ("en", "Your renovation quote: ₫59,003,750", "Here is your quote"),
        ("vi", "Báo giá cải tạo nhà của bạn: 59.003.750\u00a0₫", "Báo giá dành cho bạn"),
    ],
)
def test_a_visitor_gets_the_price_in_their_language_under_the_reference_that_the_page_showed(
    office: "Office", locale: str, subject: str, word: str
) -> None:
    lead_id = office.lead(locale=locale)
    mail = office.sent("quotation", lead_id)
    assert mail["to"] == [ADDRESS]
    assert mail["subject"] == subject
    assert mail["correlationId"] == "c-mail"
    assert Page(mail["html"]).language == locale
    for part in (Page(mail["html"]).text, mail["text"]):
        assert word in part
        assert str(lead_id) in part
    assert _holds_nothing_of_the_visitor(mail)


def test_a_merged_submission_is_answered_with_its_own_price_and_reference(office: "Office") -> None:
    primary = office.lead()
    merged = office.lead(merged_into=primary, quote=FURNITURE, source="FURNITURE_QUOTE")
    mail = office.sent("quotation", merged)
    assert mail["subject"] == "Your furniture quote: ₫13,664,000"
    assert str(merged) in mail["text"]
    assert str(primary) not in mail["text"]


@pytest.mark.parametrize(
    ("locale", "subject"),
    [("en", "We have your request"), ("vi", "Chúng tôi đã nhận được yêu cầu của bạn")],
)
def test_a_visitor_without_a_quote_is_told_that_we_have_the_request(
    office: "Office", locale: str, subject: str
) -> None:
    lead_id = office.lead(locale=locale, source="CONTACT_FORM", quote=None)
    mail = office.sent("notification", lead_id)
    assert (mail["to"], mail["subject"]) == ([ADDRESS], subject)
    assert str(lead_id) in mail["text"]
    assert _holds_nothing_of_the_visitor(mail)


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("en", "New lead: Quote calculator, ₫59,003,750"),
        ("vi", "Khách hàng mới: Báo giá cải tạo, 59.003.750\u00a0₫"),
    ],
)
def test_staff_hear_of_a_lead_with_its_price_and_find_the_person_on_its_page_only(
    office: "Office", parts: "Stack", locale: str, subject: str
) -> None:
    lead_id = office.lead()
    mail = office.sent("notification", lead_id, office.account(locale=locale, email="staff@example.test"))
    assert (mail["to"], mail["subject"]) == (["staff@example.test"], subject)
    address = f"{parts.environment['SITE_URL']}/admin/leads/{lead_id}"
    assert address in Page(mail["html"]).links
    assert address in mail["text"]
    assert _holds_nothing_of_the_visitor(mail)


def test_an_announcement_reaches_its_reader_as_staff_wrote_it(office: "Office") -> None:
    words = "Chào <b>bạn</b>,\n\nNghỉ 16/2.\nMở lại 23/2."
    announcement = office.announcement("Nghỉ Tết & xuân", words)
    mail = office.sent("notification", announcement, office.account(role="HOMEOWNER", locale="vi"))
    assert mail["subject"] == "Nghỉ Tết & xuân"
    assert words in mail["text"]
    page = Page(mail["html"])
    assert "Chào <b>bạn</b>, Nghỉ 16/2.Mở lại 23/2." in page.text
    assert "b" not in page.tags


@pytest.mark.parametrize(
    ("job_type", "purpose", "path", "subjects"),
    [
        ("welcome", "confirm", "/verify", ("Confirm your email address", "Xác nhận địa chỉ email của bạn")),
        ("password_reset", "password_reset", "/reset", ("Choose a new password", "Đặt mật khẩu mới")),
    ],
)
def test_a_link_leads_back_to_its_row_for_its_purpose_and_stands_in_nothing_but_the_mail(
    office: "Office", job_type: str, purpose: str, path: str, subjects: tuple[str, str]
) -> None:
    from chalicelib.guards.link_token import link_of  # noqa: PLC0415

    for locale, subject in zip(("en", "vi"), subjects, strict=True):
        user_id = office.account(locale=locale, confirmed_at=None)
        link_id = office.link(user_id, purpose)
        mail = office.sent(job_type, link_id)
        assert (mail["to"], mail["subject"]) == ([f"{user_id.hex}@example.test"], subject)
        token = _token_in(mail, path)
        assert link_of(token, purpose) == link_id
        assert {link_of(token, other) for other in ("confirm", "password_reset", "") if other != purpose} == {
            None
        }
        assert NAME not in mail["html"] + mail["text"]
        proof = token.rpartition(".")[2]
        for table in ("jobs", "job_events", "deliveries", "link_tokens", "alerts"):
            assert proof not in str(office.ledger.rows(f"SELECT * FROM {table}"))  # noqa: S608


def test_a_mail_that_is_sent_again_carries_the_same_link(office: "Office") -> None:
    link_id = office.link(office.account(), "password_reset")
    tokens = {_token_in(office.sent("password_reset", link_id), "/reset") for _ in range(2)}
    assert len(tokens) == 1


@pytest.mark.parametrize(
    ("locale", "subject"),
    [("en", "You already have an account with us"), ("vi", "Bạn đã có tài khoản tại Plumbline")],
)
def test_who_signs_up_again_is_told_that_there_is_an_account_and_gets_no_token(
    office: "Office", parts: "Stack", locale: str, subject: str
) -> None:
    mail = office.sent("welcome", office.account(locale=locale))
    assert mail["subject"] == subject
    site = parts.environment["SITE_URL"]
    assert set(Page(mail["html"]).links) == {site, f"{site}/login"}
    assert "token" not in mail["html"] + mail["text"]


def test_a_link_that_is_of_no_use_any_more_is_not_sent(office: "Office") -> None:
    user_id = office.account(confirmed_at=None)
    for job_type, purpose in (("welcome", "confirm"), ("password_reset", "password_reset")):
        expired, used = office.link(user_id, purpose, minutes=0), office.link(user_id, purpose, used=True)
        assert office.unsent(job_type, expired) == "not sent: the link has expired"
        over = "not sent: the link was used already, or a later one took its place"
        assert office.unsent(job_type, used) == over
        assert office.unsent(job_type, uuid.uuid4()) == "not sent: the link or its account is gone"
        gone = office.account()
        link_id = office.link(gone, purpose)
        office.ledger.rows("DELETE FROM users WHERE id = %s", gone)
        assert office.unsent(job_type, link_id) == "not sent: the link or its account is gone"
    confirmed = office.link(office.account(), "confirm")
    assert office.unsent("welcome", confirmed) == "not sent: the address is confirmed already"


def test_a_link_of_another_purpose_is_never_sent(office: "Office") -> None:
    user_id = office.account()
    assert office.unsent("password_reset", office.link(user_id, "confirm")).endswith("gone")
    assert office.unsent("welcome", office.link(user_id, "password_reset")).endswith("gone")
    assert office.unsent("password_reset", user_id) == "a password reset needs a link"


def test_nobody_is_written_to_about_an_erased_lead(office: "Office") -> None:
    now = office.clock.now()
    for fields in ({"erased_at": now, "email": None}, {"erased_at": now}, {"email": None}):
        lead_id = office.lead(**fields)
        for job_type in ("quotation", "notification"):
            assert office.unsent(job_type, lead_id) == "not sent: the lead is erased, or has no address"
    erased = office.lead(erased_at=now)
    assert office.unsent("notification", erased, office.account()) == "not sent: the lead is erased"


def test_only_confirmed_staff_are_told_of_leads_and_only_confirmed_people_of_announcements(
    office: "Office",
) -> None:
    lead_id, announcement = office.lead(), office.announcement("A", "B")
    former, stranger = office.account(role="CONTRACTOR"), office.account(confirmed_at=None)
    assert office.unsent("notification", lead_id, former) == "not sent: the account is not staff's any more"
    for subject in (lead_id, announcement):
        assert office.unsent("notification", subject, stranger) == "not sent: the address is not confirmed"
        assert office.unsent("notification", subject, uuid.uuid4()) == "not sent: the account is gone"


def test_a_job_about_what_never_was_is_dead_at_once(office: "Office") -> None:
    wrong = [
        office.job("quotation", uuid.uuid4()),
        office.job("quotation", office.lead(quote=None)),
        office.job("notification", uuid.uuid4()),
        office.job("notification", uuid.uuid4(), office.account()),
        office.job("password_reset", office.account()),
    ]
    assert office.work() == []
    assert [(office.one(job_id)["state"], office.one(job_id)["attempts"]) for job_id in wrong] == [
        ("dead", 1)
    ] * 5
    assert office.mails() == []


def test_a_price_of_every_currency_is_mailed_as_it_was_computed(office: "Office") -> None:
    quote = {**FURNITURE, "total": {"amount": "1234.50", "currency": "USD"}, "fees": [], "items": []}
    assert office.sent("quotation", office.lead(quote=quote))["subject"].endswith("$1,234.50")
    assert office.sent("quotation", office.lead(quote={**quote, "total": vnd(7)}))["subject"].endswith("₫7")


@given(link_id=st.uuids(), data=st.data())
@PROFILE
def test_no_token_but_the_very_one_is_taken(api: "Api", link_id: uuid.UUID, data: st.DataObject) -> None:
    """One changed character, another row, another purpose or anything else is refused."""
    del api
    from chalicelib.guards.link_token import link_of, token_of  # noqa: PLC0415

    token = token_of(link_id, "confirm")
    assert link_of(token, "confirm") == link_id
    assert link_of(token, "password_reset") is None
    others = data.draw(st.text("0af9AZ-_.", min_size=len(token), max_size=len(token)))
    for place, other in enumerate(others):
        forged = token[:place] + other + token[place + 1 :]
        assert link_of(forged, "confirm") == (link_id if forged == token else None)
    assert link_of(data.draw(st.text()), "confirm") is None
    stolen = f"{data.draw(st.uuids()).hex}.{token.rpartition('.')[2]}"
    assert link_of(stolen, "confirm") in (None, link_id if stolen == token else None)
