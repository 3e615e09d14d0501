"""
What each letter says: pure functions from what `store` found to a `Letter`, which `render` turns into a mail.

A letter to somebody who has not confirmed the address carries nothing that a visitor typed: no name, no
message, no phone number. Everything in a letter is plain text; only `render` makes HTML of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from chalicelib.mail.figures import factor, moment, money, square_metres
from chalicelib.mail.words import say


@dataclass(frozen=True)
class Line:
    """One line of a table: what it is, what it comes to, and how."""

    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True)
class Letter:
    """A letter in the order in which it is read; a paragraph may have line breaks of its own."""

    language: str
    subject: str
    preheader: str  # what a list of mails shows beside the subject
    heading: str
    paragraphs: Sequence[str]
    why: str  # why this person gets it
    lines: Sequence[Line] = ()
    total: Line | None = None
    button: Line | None = None  # its value is the address
    steps: Sequence[str] = ()
    reference: str = ""
    notes: Sequence[str] = ()


def quotation(lead_id: UUID, quote: Mapping[str, Any], language: str) -> Letter:
    """To the visitor: the price with all that it is made of."""
    t, total = partial(say, language), money(quote["total"], language)
    of_kind = ".furniture" if "items" in quote else ""
    return Letter(
        language=language,
        subject=t(f"quotation.subject{of_kind}", total=total),
        preheader=t("quotation.preheader"),
        heading=t("quotation.heading"),
        paragraphs=[t(f"quotation.opening{of_kind}")],
        lines=_furniture_lines(quote, language) if of_kind else _calculator_lines(quote, language),
        total=Line(t("price.total"), total),
        steps=[t("visitor.call"), t("quotation.then"), t("quotation.finally")],
        reference=str(lead_id),
        notes=[t("reply")],
        why=t("why.visitor"),
    )


def _calculator_lines(quote: Mapping[str, Any], language: str) -> list[Line]:
    """The work and each material; what is more than a price alone says how it came about."""
    area, category = square_metres(quote["area"], language), quote["category"]
    how = area
    if quote["basePrice"] != quote["priceWithCoefficient"]:
        base = money(quote["basePrice"], language)
        how += " · " + say(
            language, "price.times", amount=base, factor=factor(category["coefficient"], language)
        )
    lines = [Line(category["name"], money(quote["priceWithCoefficient"], language), how)]
    for material in quote["materials"]:
        price, cost = money(material["price"], language), money(material["cost"], language)
        how = "" if price == cost else say(language, "price.times", amount=price, factor=area)
        lines.append(Line(material["name"], cost, how))
    return lines


def _furniture_lines(quote: Mapping[str, Any], language: str) -> list[Line]:
    """Each piece with its fit-in, then the other fees; together they make the total."""
    t, lines = partial(say, language), []
    for number, item in enumerate(quote["items"], start=1):
        label = item.get("name") or t("price.item", number=number)
        how = price = money(item["calculatedPrice"], language)
        if Decimal(item["fitInFee"]["amount"]):
            how += " + " + t("price.fit_in", fee=money(item["fitInFee"], language))
        if item["quantity"] > 1:
            label = t("price.quantity", label=label, quantity=item["quantity"])
            how = t("price.each", price=how)
        how = "" if how == price else how
        lines.append(Line(label, money(item["lineTotal"], language), how))
    lines += [Line(fee["name"], money(fee["amount"], language)) for fee in quote["fees"]]
    return lines


def confirmation(lead_id: UUID, language: str) -> Letter:
    """To the visitor: we have the request."""
    t = partial(say, language)
    return Letter(
        language=language,
        subject=t("confirmation.subject"),
        preheader=t("confirmation.preheader"),
        heading=t("confirmation.heading"),
        paragraphs=[t("confirmation.opening")],
        steps=[t("visitor.call"), t("confirmation.then"), t("confirmation.finally")],
        reference=str(lead_id),
        notes=[t("reply")],
        why=t("why.visitor"),
    )


def new_lead(
    address: str, source: str, received_at: datetime, total: Mapping[str, str] | None, language: str
) -> Letter:
    """To staff: somebody waits for a call; who it is stands on the page at *address* only."""
    t, received = partial(say, language), moment(received_at, language)
    form, price = t(f"source.{source}"), money(total, language) if total else ""
    subject = t("lead.subject.priced", source=form, total=price) if total else t("lead.subject", source=form)
    return Letter(
        language=language,
        subject=subject,
        preheader=t("lead.preheader", received=received),
        heading=t("lead.heading"),
        paragraphs=[t("lead.opening")],
        lines=[
            Line(t("lead.source"), form),
            Line(t("lead.received"), received),
            *([Line(t("lead.price"), price)] if total else []),
        ],
        button=Line(t("lead.button"), address),
        notes=[t("lead.private")],
        why=t("why.lead"),
    )


def announcement(title: str, content: str, language: str) -> Letter:
    """To a person: what staff wrote, in its paragraphs."""
    heading = " ".join(title.split())
    paragraphs = [block.strip("\n") for block in _blocks(content)]
    return Letter(
        language=language,
        subject=heading,
        preheader=" ".join(content.split())[:120],
        heading=heading,
        paragraphs=paragraphs,
        why=say(language, "why.announcement"),
    )


def _blocks(content: str) -> list[str]:
    """What empty lines divide."""
    blocks: list[list[str]] = [[]]
    for line in content.splitlines():
        if line.strip():
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return ["\n".join(block) for block in blocks if block]


def confirm_address(address: str, expires_at: datetime, language: str) -> Letter:
    """To who signed up: the link that proves the address."""
    return _with_link("confirm", address, expires_at, "why.sign_up", language)


def password_reset(address: str, expires_at: datetime, language: str) -> Letter:
    """To an account's owner: the link to a new password."""
    return _with_link("reset", address, expires_at, "why.reset", language)


def _with_link(name: str, address: str, expires_at: datetime, why: str, language: str) -> Letter:
    t = partial(say, language)
    return Letter(
        language=language,
        subject=t(f"{name}.subject"),
        preheader=t(f"{name}.preheader"),
        heading=t(f"{name}.heading"),
        paragraphs=[t(f"{name}.opening")],
        button=Line(t(f"{name}.button"), address),
        notes=[t("until", until=moment(expires_at, language)), t(f"{name}.not_you")],
        why=t(why),
    )


def account_exists(address: str, language: str) -> Letter:
    """To the owner of an account whose address was signed up with again: nothing happened; how to sign in."""
    t = partial(say, language)
    return Letter(
        language=language,
        subject=t("exists.subject"),
        preheader=t("exists.preheader"),
        heading=t("exists.heading"),
        paragraphs=[t("exists.opening"), t("exists.how")],
        button=Line(t("exists.button"), address),
        notes=[t("exists.not_you")],
        why=t("why.sign_up"),
    )
