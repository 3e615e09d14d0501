"""Who is one client: what the network says, never what a header claims without our CloudFront's proof."""

import ipaddress
import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.product.conftest import Api
from tests.product.profiles import PROFILE
from tests.product.test_rate_limit import a_call

SECRET = "only-our-distribution-adds-this"
FORGED = ("x-forwarded-for", "forwarded", "x-real-ip", "cloudfront-viewer-address", "x-plumbline-origin")


@pytest.fixture
def behind_cloudfront(api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The product as it stands behind its distribution: ORIGIN_SECRET is set."""
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    monkeypatch.setenv("ORIGIN_SECRET", SECRET)
    settings.cache_clear()
    yield api
    monkeypatch.undo()
    settings.cache_clear()


def test_rotating_forged_headers_fill_one_bucket(unhurried: Api) -> None:
    """R7.5, V4.1.3: 10,000 calls, each with other addresses in every header that has ever carried one."""
    statuses: list[int] = []
    for number in range(10_000):
        address = f"198.51.{number // 250}.{number % 250}"
        forged = {
            "X-Forwarded-For": f"{address}, 10.0.0.1",
            "Forwarded": f"for={address};proto=https",
            "X-Real-IP": address,
            "CloudFront-Viewer-Address": f"{address}:4711",
            "True-Client-IP": address,
            "X-Plumbline-Origin": f"guess-{number}",
        }
        statuses.append(unhurried.call("GET", "/service-categories", headers=forged).status)
    assert statuses == [200] * 300 + [429] * 9_700
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    assert valkey().command("KEYS", "rl:*") == [b"rl:READS:203.0.113.7"]


@PROFILE
@given(
    headers=st.dictionaries(st.sampled_from(FORGED), st.text(max_size=60), max_size=5),
    source=st.ip_addresses(v=4).map(str),
)
def test_no_header_changes_the_client_without_an_origin_secret(
    api: Api, headers: dict[str, str], source: str
) -> None:
    del api
    assert a_call(source, headers).client_address == source


@PROFILE
@given(network=st.integers(0, 2**64 - 1), one=st.integers(0, 2**64 - 1), other=st.integers(0, 2**64 - 1))
def test_ipv6_counts_by_64_and_a_mapped_address_as_ipv4(api: Api, network: int, one: int, other: int) -> None:
    del api
    from chalicelib.platform.http.call import network_of  # noqa: PLC0415

    neighbours = [str(ipaddress.IPv6Address(network << 64 | host)) for host in (one, other)]
    is_mapped = network == 0 and any(host >> 32 == 0xFFFF for host in (one, other))
    if not is_mapped:
        assert network_of(neighbours[0]) == network_of(neighbours[1])
        assert network_of(f"[{neighbours[0].upper()}]") == network_of(neighbours[0])
        stranger = str(ipaddress.IPv6Address((network ^ 1 << 20) << 64 | one))
        assert network_of(stranger) != network_of(neighbours[0])
    v4 = ipaddress.IPv4Address(one & 0xFFFFFFFF)
    assert network_of(f"::ffff:{v4}") == network_of(str(v4)) == str(v4)


@PROFILE
@given(text=st.text(max_size=60))
def test_whatever_stands_where_an_address_should_is_one_client_and_no_error(api: Api, text: str) -> None:
    del api
    from chalicelib.platform.http.call import network_of  # noqa: PLC0415

    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        assert network_of(text) == "unknown"


@PROFILE
@given(viewer=st.ip_addresses(), port=st.integers(1, 65535))
def test_behind_cloudfront_the_viewer_counts_and_not_the_edge(
    behind_cloudfront: Api, viewer: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int
) -> None:
    del behind_cloudfront
    from chalicelib.platform.http.call import network_of  # noqa: PLC0415

    headers = {"x-plumbline-origin": SECRET, "cloudfront-viewer-address": f"{viewer}:{port}"}
    assert a_call("64.252.0.1", headers).client_address == network_of(str(viewer))


@pytest.mark.parametrize("shown", [None, "", "guess", SECRET[:-1], SECRET + "x", "Ünï", "\ud800"])
def test_behind_cloudfront_a_call_without_the_secret_is_refused(
    behind_cloudfront: Api, shown: str | None
) -> None:
    viewer = {"CloudFront-Viewer-Address": "198.51.100.10:4711"}
    headers = viewer if shown is None else {**viewer, "X-Plumbline-Origin": shown}
    refused = behind_cloudfront.call("GET", "/service-categories", headers=headers)
    assert (refused.status, refused.json["code"]) == (403, "FORBIDDEN")
    assert SECRET not in refused.body


def test_behind_cloudfront_each_viewer_has_a_bucket_and_forwarded_headers_none(
    behind_cloudfront: Api,
) -> None:
    def left(viewer: str, number: int) -> str:
        headers = {
            "X-Plumbline-Origin": SECRET,
            "CloudFront-Viewer-Address": viewer,
            "X-Forwarded-For": f"198.51.100.{number}",
        }
        answer = behind_cloudfront.call("GET", "/service-categories", headers=headers)
        return answer.headers["X-RateLimit-Remaining"]

    viewers = ["203.0.113.1:1000", "203.0.113.2:1000", "203.0.113.1:2000", "2001:db8::1:443", "2001:db8::2:9"]
    found = [left(viewer, number) for number, viewer in zip(itertools.count(), viewers)]
    assert found == ["299", "299", "298", "299", "298"]


def test_while_the_secret_is_rotated_the_new_one_and_the_old_one_open_and_nothing_else_does(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some edges of CloudFront show the new one minutes before the others do (docs/runbooks.md)."""
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    monkeypatch.setenv("ORIGIN_SECRET", f"the-new-one {SECRET}")
    settings.cache_clear()
    try:
        shown = {"the-new-one": 200, SECRET: 200, f"the-new-one {SECRET}": 403, " ": 403, "": 403, "the": 403}
        assert {
            secret: api.call("GET", "/service-categories", headers={"x-plumbline-origin": secret}).status
            for secret in shown
        } == shown
    finally:
        monkeypatch.undo()
        settings.cache_clear()
