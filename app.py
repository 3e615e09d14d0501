"""The table of contents: every Lambda function of Plumbline, one line each. No logic lives here."""

from dataclasses import asdict
from functools import partial
from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Cron, Rate, SQSEvent

from chalicelib.accounts import jobs as accounts_jobs
from chalicelib.accounts.routes import apis as accounts_apis
from chalicelib.alerts import service as alerts
from chalicelib.catalogue.routes import api as catalogue_api
from chalicelib.guards.jobs import forget_expired, repeat_invalidations
from chalicelib.health.metrics import service as figures
from chalicelib.health.metrics.routes import api as metrics_api
from chalicelib.health.routes import api as health_api
from chalicelib.jobs import batch, dead_letters, dispatch, relay
from chalicelib.leads import jobs as leads_jobs
from chalicelib.leads.routes import api as leads_api
from chalicelib.mail import jobs as mail_jobs
from chalicelib.notifications import jobs as notification_jobs
from chalicelib.notifications.routes import api as notifications_api
from chalicelib.platform.start import start
from chalicelib.platform.steps import run_each
from chalicelib.quotes.routes import api as quotes_api
from chalicelib.rankings import jobs as rankings_jobs
from chalicelib.rankings.routes import api as rankings_api
from chalicelib.resilience import flusher
from chalicelib.sheets import jobs as sheets_jobs
from chalicelib.staff.erasures import service as erasures
from chalicelib.staff.exports import jobs as exports_jobs
from chalicelib.staff.leads.erasure import jobs as erasure_jobs
from chalicelib.staff.queues import health as queue_health
from chalicelib.staff.routes import apis as staff_apis
from chalicelib.webhooks import jobs as webhooks_jobs

start()
app = Chalice(app_name="plumbline", configure_logs=False)
visitors_apis = (health_api, metrics_api, catalogue_api, quotes_api, leads_api, rankings_api)
for blueprint in (*visitors_apis, *accounts_apis, notifications_api, *staff_apis):
    app.register_blueprint(blueprint)
app.register_middleware(flusher.after_request, "http")
app.register_middleware(flusher.after_event, "sqs")
app.register_middleware(flusher.after_event, "scheduled")
telling = {**notification_jobs.KINDS, **leads_jobs.KINDS}
dispatch.offer({**mail_jobs.KINDS, **telling})


@app.on_sqs_message(queue="plumbline-email", batch_size=10)
def email_worker(event: SQSEvent) -> dict[str, Any]:
    """Send mail."""
    return batch.run(event.to_dict(), event.context, "email", mail_jobs.KINDS)


@app.on_sqs_message(queue="plumbline-sync", batch_size=100, maximum_batching_window_in_seconds=1)
def sync_worker(event: SQSEvent) -> dict[str, Any]:
    """Bring leads to the Google Sheet, and to files."""
    return batch.run(event.to_dict(), event.context, "sync", {**sheets_jobs.KINDS, **exports_jobs.KINDS})


@app.on_sqs_message(queue="plumbline-notification", batch_size=10)
def notification_worker(event: SQSEvent) -> dict[str, Any]:
    """Tell people, in the app and by text message."""
    return batch.run(event.to_dict(), event.context, "notification", telling)


@app.on_sqs_message(queue="plumbline-webhook", batch_size=10)
def webhook_worker(event: SQSEvent) -> dict[str, Any]:
    """Tell other programs."""
    return batch.run(event.to_dict(), event.context, "webhook", webhooks_jobs.KINDS)


@app.schedule(Rate(1, unit=Rate.MINUTES))
def outbox_relay(event: CloudWatchEvent) -> None:
    """Send what was not sent, and see how the queues do."""
    sending = (partial(relay.run, event.context), partial(dead_letters.drain, event.context))
    watching = (queue_health.watch, alerts.tell_untold, figures.tell_cloudwatch)
    run_each(sheets_jobs.promote_rewrites, repeat_invalidations, *sending, *watching)


@app.schedule(Rate(1, unit=Rate.MINUTES))
def lead_sla(event: CloudWatchEvent) -> None:
    """Call people to leads that nobody has looked at."""
    leads_jobs.watch(event.context)


@app.schedule(Rate(1, unit=Rate.HOURS))
def retention(event: CloudWatchEvent) -> None:
    """Delete what need not be kept any longer."""
    people = (forget_expired, accounts_jobs.forget_over, erasure_jobs.forget_over, exports_jobs.forget_over)
    forgetting = [partial(forget, event.context) for forget in (*people, webhooks_jobs.forget_old)]
    run_each(*forgetting, sheets_jobs.forget_old)


@app.schedule(Rate(6, unit=Rate.HOURS))
def rankings(event: CloudWatchEvent) -> None:
    """Judge every contractor anew."""
    rankings_jobs.recalculate(event.context)


@app.schedule(Cron(0, 19, "*", "*", "?", "*"))
def reconcile(event: CloudWatchEvent) -> None:  # noqa: ARG001  what every schedule is handed
    """Hold the sheet against the ledger, at two in the night of Vietnam."""
    sheets_jobs.reconcile_nightly()


@app.lambda_function(name="migrate")
def migrate(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Bring the database up to this version, before any other function of it runs."""
    from chalicelib.platform.migrations import deployment  # noqa: PLC0415  it alone needs psycopg at once

    return deployment.run(event, context.log_stream_name)


@app.lambda_function(name="repeat_erasures")
def repeat_erasures(event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ARG001  what Lambda hands
    """Do recorded erasures again, after a restore from a backup; a person runs it (docs/runbooks.md)."""
    return asdict(erasures.replay(event["lines"]))
