"""The table of contents: every Lambda function of Plumbline, one line each. No logic lives here."""

from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Rate, SQSEvent

from chalicelib.catalogue.routes import api as catalogue_api
from chalicelib.guards.jobs import forget_expired
from chalicelib.health.routes import api as health_api
from chalicelib.jobs import batch, relay
from chalicelib.leads.routes import api as leads_api
from chalicelib.platform.start import start
from chalicelib.quotes.routes import api as quotes_api
from chalicelib.sheets import jobs as sheets_jobs

start()
app = Chalice(app_name="plumbline", configure_logs=False)
for blueprint in (health_api, catalogue_api, quotes_api, leads_api):
    app.register_blueprint(blueprint)


@app.on_sqs_message(queue="plumbline-email", batch_size=10)
def email_worker(event: SQSEvent) -> dict[str, Any]:
    """E-mail; it has no job type yet, so whatever comes is dead-lettered with that reason."""
    return batch.run(event.to_dict(), event.context, "email", {})


@app.on_sqs_message(queue="plumbline-sync", batch_size=100, maximum_batching_window_in_seconds=1)
def sync_worker(event: SQSEvent) -> dict[str, Any]:
    """Bring leads to the Google Sheet."""
    work = {"google_sheets": sheets_jobs.sync}
    return batch.run(event.to_dict(), event.context, "sync", work)


@app.on_sqs_message(queue="plumbline-notification", batch_size=10)
def notification_worker(event: SQSEvent) -> dict[str, Any]:
    """Notifications; it has no job type yet, so whatever comes is dead-lettered with that reason."""
    return batch.run(event.to_dict(), event.context, "notification", {})


@app.schedule(Rate(1, unit=Rate.MINUTES))
def outbox_relay(event: CloudWatchEvent) -> None:
    """Send what was not sent."""
    sheets_jobs.promote_rewrites()
    relay.run(event.context)


@app.schedule(Rate(1, unit=Rate.HOURS))
def retention(event: CloudWatchEvent) -> None:
    """Delete what need not be kept any longer."""
    forget_expired(event.context)
