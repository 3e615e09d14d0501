"""SNS: one alert to the engineers' topic. That it fails is logged; the alert itself stands in PostgreSQL."""

from urllib.parse import urlencode

from chalicelib.gateways.aws import signed_post
from chalicelib.platform.settings import settings

TIMEOUT_S = 2.0


def publish(topic_arn: str, subject: str, body: str) -> None:
    """
    Publish *body* under *subject* (at most 100 ASCII characters, as SNS wants it).

    Raises:
        NoAnswer, Refused: the topic has not taken it as far as we know.
    """
    known = settings()
    endpoint = known.aws_endpoint_url_sns or f"https://sns.{known.aws_region}.amazonaws.com"
    clean = subject.encode("ascii", "replace").decode()[:100]
    form = {
        "Action": "Publish",
        "Version": "2010-03-31",
        "TopicArn": topic_arn,
        "Subject": clean,
        "Message": body,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    signed_post("sns", f"{endpoint}/", urlencode(form).encode(), headers, timeout_s=TIMEOUT_S)
