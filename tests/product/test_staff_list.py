"""Those to whom a lead can be given: `GET /admin/staff`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures",)


def test_managers_and_administrators_with_a_confirmed_address_are_listed_by_name(desk: "Desk") -> None:
    last = desk.account("MANAGER", name="Zương")
    desk.account("MANAGER", name="Chưa xác nhận", confirmed_at=None)
    listed = desk.get("/admin/staff")
    assert {each["id"] for each in listed["items"]} == {
        str(desk.ids["ADMIN"]),
        str(desk.ids["MANAGER"]),
        str(last),
    }
    assert listed["items"][-1] == {
        "id": str(last),
        "name": "Zương",
        "email": f"{last}@plumbline.test",
        "role": "MANAGER",
    }
    assert listed["nextCursor"] is None
