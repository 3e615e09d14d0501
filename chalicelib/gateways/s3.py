"""
S3: a large object written in parts, a short-lived link to it, and its end.

Until all parts are put together nobody finds anything under the key; a part that is sent again replaces the
one of its number. Ten seconds a part, three for the rest, one attempt. Source: Amazon S3 API reference,
CreateMultipartUpload, UploadPart, CompleteMultipartUpload, AbortMultipartUpload, DeleteObject.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from chalicelib.gateways.aws import Refused, code_of, link_to, signed
from chalicelib.gateways.http import NoAnswer
from chalicelib.platform.settings import settings

PART_TIMEOUT_S = 10.0
TIMEOUT_S = 3.0
PART_AT_LEAST_BYTES = 5 * 1024 * 1024  # of every part but the last
_UPLOAD_ID = re.compile(rb"<UploadId>([^<]{1,1024})</UploadId>")


def _url_of(key: str) -> str:
    known = settings()
    if known.aws_endpoint_url_s3:
        return f"{known.aws_endpoint_url_s3.rstrip('/')}/{known.export_bucket}/{key}"
    return f"https://{known.export_bucket}.s3.{known.aws_region}.amazonaws.com/{key}"


def begin(key: str, *, media_type: str, file_name: str) -> str:
    """
    Begin to write *key* and return the upload's id; who downloads it gets it as *file_name*.

    Raises:
        NoAnswer, Refused: nothing is begun as far as we know.
    """
    headers = {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="{file_name}"'}
    reply = signed("POST", "s3", f"{_url_of(key)}?uploads=", b"", headers, timeout_s=TIMEOUT_S)
    found = _UPLOAD_ID.search(reply.body)
    if found is None:
        raise NoAnswer("what answered was not S3")
    return found[1].decode()


def put_part(key: str, upload_id: str, number: int, body: bytes) -> str:
    """
    Put part *number* (from 1) and return its tag.

    Raises:
        NoAnswer, Refused: it may be there; putting it again replaces it.
    """
    query = urlencode({"partNumber": number, "uploadId": upload_id})
    reply = signed("PUT", "s3", f"{_url_of(key)}?{query}", body, {}, timeout_s=PART_TIMEOUT_S)
    return reply.headers["ETag"]


def finish(key: str, upload_id: str, tags: Sequence[str]) -> None:
    """
    Put the parts together: from now on the object is there.

    Raises:
        NoAnswer: it may be there.
        Refused: it is not; an error may also come with a status of 200.
    """
    parts = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"
        for number, tag in enumerate(tags, start=1)
    )
    body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    url = f"{_url_of(key)}?{urlencode({'uploadId': upload_id})}"
    reply = signed("POST", "s3", url, body, {"Content-Type": "application/xml"}, timeout_s=PART_TIMEOUT_S)
    if b"<Error>" in reply.body:
        raise Refused(reply.status, code_of(reply))


def delete(key: str, upload_id: str) -> None:
    """
    Delete the object, and the parts of an upload that came to no end; what is not there is no error.

    Raises:
        NoAnswer, Refused: it may still be there.
    """
    signed("DELETE", "s3", _url_of(key), b"", {}, timeout_s=TIMEOUT_S)
    try:
        url = f"{_url_of(key)}?{urlencode({'uploadId': upload_id})}"
        signed("DELETE", "s3", url, b"", {}, timeout_s=TIMEOUT_S)
    except Refused as error:
        if error.code != "NoSuchUpload":
            raise


def link(key: str, *, valid_for_s: int) -> str:
    """A link by which anybody may read the object for so long; S3 is not asked."""
    return link_to(_url_of(key), valid_for_s=valid_for_s)
