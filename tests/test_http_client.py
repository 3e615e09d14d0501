"""The one HTTP client of all gateways, over plain sockets that answer as they are told."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from chalicelib.gateways import http
from chalicelib.gateways.http import NoAnswer

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Answer = Callable[[socket.socket], None]


class Server:
    """Answers each request on each connection with *answer*, and keeps what it saw."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/path?query=1"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            while head := _request(connection):
                self.requests.append(head)
                self.answer(connection)

    def close(self) -> None:
        self._listener.close()


def _request(connection: socket.socket) -> bytes:
    """One request with its body of four bytes."""
    found = b""
    while not found.endswith(b"body"):
        more = connection.recv(65536)
        if not more:
            return b""
        found += more
    return found


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Server]]:
    servers: list[Server] = []

    def start(answer: Answer) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def _post(server: Server, timeout_s: float = 2.0) -> http.Reply:
    return http.post(server.url, b"body", {"X-Ours": "1"}, timeout_s=timeout_s)


def test_a_connection_serves_one_call_after_the_other(serve: Callable[[Answer], Server]) -> None:
    server = serve(lambda connection: connection.sendall(_OK))
    replies = [_post(server) for _ in range(3)]
    assert [(reply.status, reply.body) for reply in replies] == [(200, b"ok")] * 3
    assert server.connections == 1
    assert server.requests[0].startswith(b"POST /path?query=1 HTTP/1.1\r\n")
    assert b"\r\nX-Ours: 1\r\n" in server.requests[0]


def test_a_connection_that_its_server_left_is_replaced(serve: Callable[[Answer], Server]) -> None:
    def answer_and_leave(connection: socket.socket) -> None:
        connection.sendall(_OK)
        connection.shutdown(socket.SHUT_RDWR)

    server = serve(answer_and_leave)
    for number in range(1, 4):
        assert _post(server).body == b"ok"
        time.sleep(0.05)  # until the end of the connection has come
        assert server.connections == number


def test_a_connection_that_lay_idle_for_long_is_not_trusted(
    serve: Callable[[Answer], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway on the way may have forgotten it, and would swallow the call."""
    server = serve(lambda connection: connection.sendall(_OK))
    _post(server)
    now_s = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: now_s() + 59)
    _post(server)
    assert server.connections == 1
    monkeypatch.setattr(time, "monotonic", lambda: now_s() + 59 + 60)
    _post(server)
    assert server.connections == 2


def test_a_server_that_says_so_is_not_asked_twice_on_one_connection(
    serve: Callable[[Answer], Server],
) -> None:
    closing = _OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    server = serve(lambda connection: connection.sendall(closing))
    assert [_post(server).body for _ in range(2)] == [b"ok", b"ok"]
    assert server.connections == 2


def test_calls_that_were_begun_together_wait_together(serve: Callable[[Answer], Server]) -> None:
    """Each answer comes only when all three calls have arrived: one wait for them all, in one thread."""
    all_there = threading.Barrier(3, timeout=5)

    def answer(connection: socket.socket) -> None:
        all_there.wait()
        connection.sendall(_OK)

    server = serve(answer)
    for _ in range(2):
        begun = [http.begin("POST", server.url, b"body", {}, timeout_s=5) for _ in range(3)]
        assert [exchange.reply().body for exchange in begun] == [b"ok"] * 3
    assert server.connections == 3, "and their connections are kept"


def test_one_that_is_silent_does_not_cost_the_others_their_answers(
    serve: Callable[[Answer], Server],
) -> None:
    silent, server = serve(lambda _: None), serve(lambda connection: connection.sendall(_OK))
    started = time.monotonic()
    first, second = (http.begin("POST", each.url, b"body", {}, timeout_s=0.3) for each in (silent, server))
    with pytest.raises(NoAnswer) as found:
        first.reply()
    assert found.value.was_sent
    assert second.reply().body == b"ok", "it had come long before"
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("also", [b"", b"Connection: close\r\n"])
def test_a_silence_after_the_head_ends_with_the_whole_time(
    serve: Callable[[Answer], Server], also: bytes
) -> None:
    def begin_late(connection: socket.socket) -> None:
        time.sleep(0.8)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + also + b"Content-Length: 2\r\n\r\n")

    server = serve(begin_late)
    started = time.monotonic()
    with pytest.raises(NoAnswer):
        _post(server, timeout_s=1.0)
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf", b"what is this\r\n\r\n"]
)
def test_a_broken_answer_is_no_answer(serve: Callable[[Answer], Server], answer: bytes) -> None:
    def break_off(connection: socket.socket) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)

    server = serve(break_off)
    with pytest.raises(NoAnswer) as found:
        _post(server)
    assert found.value.was_sent
    server.answer = lambda connection: connection.sendall(_OK)
    assert _post(server).body == b"ok", "and the connection is not used again"


def test_what_found_no_connection_was_certainly_not_sent() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        port = nobody.getsockname()[1]
        with pytest.raises(NoAnswer) as found:
            http.post(f"http://127.0.0.1:{port}/", b"body", {}, timeout_s=2)
    assert not found.value.was_sent


def test_what_found_no_trust_was_certainly_not_sent(serve: Callable[[Answer], Server]) -> None:
    server = serve(lambda _: None)
    with pytest.raises(NoAnswer) as found:
        http.post(server.url.replace("http:", "https:"), b"body", {}, timeout_s=0.3)
    assert not found.value.was_sent
    assert not server.requests
