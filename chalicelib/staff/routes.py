"""Every blueprint of the staff desk."""

from chalicelib.staff.alerts.routes import api as alerts_api
from chalicelib.staff.announcements.routes import api as announcements_api
from chalicelib.staff.audit.routes import api as audit_api
from chalicelib.staff.catalogue.routes import api as catalogue_api
from chalicelib.staff.exports.routes import api as exports_api
from chalicelib.staff.leads.routes import api as leads_api
from chalicelib.staff.leads.work.routes import api as lead_work_api
from chalicelib.staff.overview.routes import api as overview_api
from chalicelib.staff.people.routes import api as people_api
from chalicelib.staff.queues.routes import api as queues_api
from chalicelib.staff.rankings.routes import api as rankings_api
from chalicelib.staff.rate_limits.routes import api as rate_limits_api
from chalicelib.staff.settings.routes import api as settings_api
from chalicelib.staff.sheets.routes import api as sheets_api
from chalicelib.staff.webhooks.routes import api as webhooks_api

apis = (
    leads_api,
    exports_api,
    lead_work_api,
    overview_api,
    people_api,
    queues_api,
    rate_limits_api,
    announcements_api,
    audit_api,
    alerts_api,
    rankings_api,
    catalogue_api,
    settings_api,
    sheets_api,
    webhooks_api,
)
