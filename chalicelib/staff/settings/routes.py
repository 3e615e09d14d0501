"""`GET /admin/settings` for staff, `PUT /admin/settings/{key}` for administrators."""

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import NotFound
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation, Parameter
from chalicelib.platform.postgres import database
from chalicelib.staff.settings import service, store
from chalicelib.staff.settings.models import NewValue, SettingList, SettingView

api = ApiBlueprint(__name__)


@api.operation(
    Operation(
        method="GET",
        path="/admin/settings",
        summary="List every setting",
        answer=SettingList,
        status=200,
        refusals=(),
        guard=Admission("SIGNED_IN", roles=STAFF),
    )
)
def list_settings(_call: Call) -> Answer:
    """The settings, public or not."""
    return Answer.of(SettingList(items=[SettingView(**row) for row in store.list_all(database())]))


@api.operation(
    Operation(
        method="PUT",
        path="/admin/settings/{key}",
        address={"key": Parameter("The setting's name.", {"type": "string"}, "companyPhone")},
        summary="Change a setting",
        answer=SettingView,
        status=200,
        refusals=(NotFound,),
        guard=Admission("SIGNED_IN", roles=frozenset({"ADMIN"})),
        body=NewValue,
    )
)
def put_setting(call: Call, body: NewValue, key: str) -> Answer:
    """Give a setting another value."""
    return Answer.of(SettingView(**service.put(call, key, body.value)))
