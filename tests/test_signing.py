"""Our Signature Version 4 is botocore's, character for character, whatever is signed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock
from urllib.parse import quote, urlencode

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.platform.signing import Identity, signed_headers, signed_link

_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True).map(lambda name: f"X-{name}")
_IDENTITIES = st.builds(
    Identity,
    st.sampled_from(["us-east-1", "ap-southeast-1"]),
    st.from_regex(r"[A-Z0-9]{16,20}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9/+=]{1,40}", fullmatch=True),
    st.none() | st.from_regex(r"[A-Za-z0-9/+=]{1,100}", fullmatch=True),
)
_ORIGINS = st.sampled_from(
    ["https://sqs.us-east-1.amazonaws.com", "http://127.0.0.1:4566", "https://bucket.test:443", "http://x:80"]
)
_SEGMENTS = st.lists(_TEXT.filter(lambda text: text.strip(".")), max_size=3)
_PATHS = _SEGMENTS.map(lambda segments: "/" + "/".join(quote(segment, safe="") for segment in segments))
_QUERIES = st.lists(st.tuples(_TEXT.filter(bool), _TEXT), max_size=4).map(urlencode)


_OBJECTS = st.tuples(_ORIGINS, _PATHS).map("".join)
_URLS = st.tuples(_OBJECTS, _QUERIES).map(lambda parts: "?".join(filter(None, parts)))
# None of them differs from another by its case alone.
_HEADERS = st.dictionaries(_NAMES.map(str.title), _TEXT | st.just("  a   b "), max_size=4)


def _theirs(kind: Any, identity: Identity, request: Any, instant: str, *arguments: Any, **more: Any) -> Any:
    credentials = Credentials(identity.access_key_id, identity.secret_access_key, identity.session_token)
    at = datetime.strptime(instant, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=at):
        kind(credentials, *arguments, identity.region, **more).add_auth(request)
    return request


@given(
    identity=_IDENTITIES,
    service=st.sampled_from(["sqs", "sns", "ses", "s3", "secretsmanager"]),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    url=_URLS,
    body=st.binary(max_size=50),
    headers=_HEADERS,
)
def test_a_call_is_signed_as_botocore_signs_it(
    identity: Identity, service: str, method: str, url: str, *, body: bytes, headers: dict[str, str]
) -> None:
    ours = signed_headers(identity, method, service, url, body, headers)
    kind = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    request = AWSRequest(method, url, data=body, headers=headers)
    theirs = _theirs(kind, identity, request, ours["X-Amz-Date"], service)
    assert ours == dict(theirs.headers.items())


def test_the_instant_is_now() -> None:
    identity = Identity("us-east-1", "AKIDEXAMPLE", "the secret", None)
    sent = signed_headers(identity, "POST", "sqs", "http://x/", b"", {})
    at = datetime.strptime(sent["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - at) < timedelta(seconds=10)


@given(identity=_IDENTITIES, url=_OBJECTS, valid_for_s=st.integers(1, 604_800))
def test_a_link_is_signed_as_botocore_signs_it(identity: Identity, url: str, valid_for_s: int) -> None:
    ours = signed_link(identity, url, valid_for_s)
    instant = ours.partition("X-Amz-Date=")[2][:16]
    theirs = _theirs(
        botocore.auth.S3SigV4QueryAuth, identity, AWSRequest("GET", url), instant, "s3", expires=valid_for_s
    )
    assert ours == theirs.url


def test_the_secret_is_in_no_representation() -> None:
    identity = Identity("us-east-1", "AKIDEXAMPLE", "the secret", "the token")
    assert repr(identity) == "Identity('us-east-1')"
