"""
The floor: what a lead cannot do without, and nothing else, on bare Chalice.

One Lua call, one siteverify, one statement, three sends in parallel, one pipeline; connections are kept. No
guard, no validation, no error is handled.
"""

import http.client
import json
import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import psycopg
import redis
from chalice.app import Chalice, Response

app = Chalice(app_name="floor", configure_logs=False)
_valkey = redis.Redis.from_url(os.environ["REDIS_URL"])
_count = _valkey.register_script("return redis.call('INCR', KEYS[1])")
_database = psycopg.connect(os.environ["DATABASE_URL"].partition("?")[0], autocommit=True)
_database.prepare_threshold = None
_threads = ThreadPoolExecutor(3)
_verify = urlsplit(os.environ["TURNSTILE_VERIFY_URL"])
_queue = urlsplit(os.environ["SYNC_QUEUE_URL"])
_captcha = http.client.HTTPConnection(_verify.netloc)
_queues = {
    name: http.client.HTTPConnection(_queue.netloc)
    for name in ("EMAIL_QUEUE_URL", "SYNC_QUEUE_URL", "NOTIFICATION_QUEUE_URL")
}
_HEADERS = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.SendMessage"}
_STORE = "INSERT INTO bench_leads (id, body) VALUES (%s, %s) RETURNING id"


def _send(name: str, lead_id: str) -> None:
    body = json.dumps({"QueueUrl": os.environ[name], "MessageBody": lead_id})
    _queues[name].request("POST", "/", body, _HEADERS)
    _queues[name].getresponse().read()


@app.route("/leads", methods=["POST"])
def leads() -> Response:
    """Take a lead."""
    body = app.current_request.json_body
    _count(keys=["bench:floor"])
    form = urlencode({"secret": os.environ["TURNSTILE_SECRET_KEY"], "response": body["turnstileToken"]})
    _captcha.request("POST", _verify.path, form, {"Content-Type": "application/x-www-form-urlencoded"})
    if not json.loads(_captcha.getresponse().read())["success"]:
        return Response({"code": "CAPTCHA_FAILED"}, status_code=400)
    lead_id = str(uuid.uuid4())
    _database.execute(_STORE, (lead_id, json.dumps(body))).fetchone()
    list(_threads.map(lambda name: _send(name, lead_id), _queues))
    pipeline = _valkey.pipeline(transaction=False)
    pipeline.set("bench:answer", lead_id, ex=60)
    pipeline.incr("bench:answers")
    pipeline.execute()
    return Response({"id": lead_id, "status": "RECEIVED"}, status_code=201)


@app.route("/service-categories")
def categories() -> Response:
    """Hand out what is cached: one GET."""
    return Response(_valkey.get("bench:categories"), headers={"Content-Type": "application/json"})
