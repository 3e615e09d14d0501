"""The schemas for the browser are made of the models, whole or not at all."""

from typing import Annotated

import pytest
from pydantic import Field

from chalicelib.leads.models import NewLead
from chalicelib.platform.models import Body
from infra.zod import NotSaid, module_of


def test_the_same_models_give_the_same_module() -> None:
    assert module_of((NewLead,)) == module_of((NewLead,))


def test_what_is_referred_to_stands_above() -> None:
    text = module_of((NewLead,))
    assert text.index("export const FurnitureItem") < text.index("export const FurnitureQuote")
    assert text.index("export const FurnitureQuote") < text.index("export const NewLead")
    assert '"consent": Consent,' in text
    assert '"locale": z.optional(' in text


class _Many(Body):
    steps: Annotated[int, Field(ge=0, le=10, multiple_of=2)]


class _Open(Body, extra="allow"):
    name: str


class _Either(Body):
    value: int | str


@pytest.mark.parametrize("model", [_Many, _Open, _Either])
def test_what_the_browser_could_not_judge_stops_the_build(model: type[Body]) -> None:
    with pytest.raises(NotSaid):
        module_of((model,))
