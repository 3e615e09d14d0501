"""Every library of the product imported at the top, as most projects do it, and one answer."""

import argon2
import cryptography.hazmat.primitives.serialization
import google.oauth2.service_account
import jinja2
import jwt
import phonenumbers
import psycopg
import psycopg_pool
import pydantic
import redis
import urllib3
from chalice.app import Chalice, Response

app = Chalice(app_name="eager", configure_logs=False)
IMPORTED = (
    argon2, cryptography.hazmat.primitives.serialization,
    google.oauth2.service_account, jinja2, jwt, phonenumbers, psycopg, psycopg_pool, pydantic, redis, urllib3,
)  # fmt: skip


@app.route("/service-categories")
def categories() -> Response:
    """Answer something."""
    return Response({"libraries": len(IMPORTED)})
