"""What the notification queue's jobs do, save a new lead's own (`leads.jobs`)."""

from chalicelib.gateways import sns
from chalicelib.jobs.runner import OneByOne
from chalicelib.notifications import service

KINDS = {
    "announcement": OneByOne("announcement", service.tell_chosen, reserve_s=5.0),
    "in_app": OneByOne("in_app", service.keep_in_app, reserve_s=2.0, request_cost_s=0.03),
    "lead_overdue": OneByOne("lead_overdue", service.keep_in_app, reserve_s=2.0, request_cost_s=0.03),
    "sms": OneByOne("sms", service.send_text, reserve_s=sns.SMS_TIMEOUT_S + 1),
}
