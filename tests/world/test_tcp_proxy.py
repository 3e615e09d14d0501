"""The proxy as a library: it counts round trips on the wire, however the bytes are cut."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from local.world.tcp_proxy import counting_proxy


def ask(sock: socket.socket, *pieces: bytes) -> bytes:
    for piece in pieces:
        sock.sendall(piece)
    lines = b"".join(pieces).count(b"\n")
    answer = b""
    while answer.count(b"\n") < lines:
        answer += sock.recv(65536)
    return answer


def test_a_round_trip_is_a_question_after_an_answer(line_server: Any) -> None:
    with counting_proxy(line_server.server_address[1]) as proxy:
        with socket.create_connection(("127.0.0.1", proxy.listen_port), timeout=5) as sock:
            for _ in range(3):
                assert ask(sock, b"one\n") == b"+one\n"
        assert (proxy.round_trips, proxy.connections) == (3, 1)


def test_a_pipeline_is_one_round_trip(line_server: Any) -> None:
    with counting_proxy(line_server.server_address[1]) as proxy:
        with socket.create_connection(("127.0.0.1", proxy.listen_port), timeout=5) as sock:
            assert ask(sock, b"".join(b"%d\n" % n for n in range(50))).count(b"+") == 50
            assert ask(sock, b"ha", b"lf\n") == b"+half\n"
        assert proxy.round_trips == 2


def test_connections_are_counted(line_server: Any) -> None:
    with counting_proxy(line_server.server_address[1]) as proxy:
        for _ in range(4):
            with socket.create_connection(("127.0.0.1", proxy.listen_port), timeout=5) as sock:
                ask(sock, b"x\n")
        assert (proxy.connections, proxy.round_trips) == (4, 4)


def test_a_dead_upstream_is_a_reset_connection() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with (
            counting_proxy(unused.getsockname()[1]) as proxy,
            pytest.raises(ConnectionResetError),
            socket.create_connection(("127.0.0.1", proxy.listen_port), timeout=5) as sock,
        ):
            ask(sock, b"x\n")
