"""A setting as staff see it, and its new value."""

from typing import Any, Literal

from pydantic import Field

from chalicelib.platform.models import Body, View


class NewValue(Body):
    """The body of `PUT /admin/settings/{key}`; the setting's own type says what it may be."""

    value: Any = Field(
        description="A text, a number or a boolean, as the setting's type says.",
        examples=["+84 24 3825 1234"],
        json_schema_extra={"type": ["string", "number", "boolean"]},
    )


class SettingView(View):
    """A setting, with what its value may be."""

    key: str = Field(examples=["companyPhone"])
    type: Literal["text", "integer", "number", "boolean"]
    value: str | bool | int | float = Field(examples=["+84 24 3825 1234"])
    is_public: bool
    validation: dict[str, Any]
    description: str = Field(examples=["The number that pages show."])


class SettingList(View):
    """Every setting."""

    items: list[SettingView]
    next_cursor: str | None = None
