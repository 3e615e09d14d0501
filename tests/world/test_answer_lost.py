"""`answerLost`: each mail whose sender did not, or probably did not, hear that it was accepted, and no other.

Clients are plain sockets, so that they can be left, reset and killed at any point; one of them is a process.
"""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from local.world.delivery import HANGS_UP_WITHIN_S
from tests.world.sending import AwsWorld, Connection, mail, running, until

if TYPE_CHECKING:
    from pathlib import Path

_PROCESS = """
import json, sys, urllib3
pool = urllib3.HTTPConnectionPool("127.0.0.1", int(sys.argv[1]), retries=False)
is_read = sys.argv[3] == "read"
answer = pool.request("POST", "/v2/email/outbound-emails", body=sys.argv[2], preload_content=is_read)
print("sent", flush=True)
sys.stdin.read()
"""


def died_later(aws: AwsWorld, since: float) -> None:
    assert aws.world.call("POST", "/dev/world/deaths", {"since": since})[0] == 204


def test_mails_on_a_kept_connection_are_not_marked(aws: AwsWorld) -> None:
    with Connection(aws) as connection:
        for _ in range(20):
            connection.send()
            connection.read()
        died_later(aws, 0)
        assert [item["answerLost"] for item in aws.items("mail")] == [False] * 20
    until(lambda: connection.is_marked() is True)
    assert [item["answerLost"] for item in aws.items("mail")] == [False] * 19 + [True]


def test_a_client_that_keeps_its_connection_longer_has_processed_the_answer(aws: AwsWorld) -> None:
    connection = Connection(aws)
    connection.send()
    connection.read()
    time.sleep(HANGS_UP_WITHIN_S + 0.1)
    connection.socket.close()
    with Connection(aws) as another:
        another.send()
        another.read()
        assert connection.is_marked() is False


def test_a_client_that_asks_for_the_close_and_reads_the_answer_is_not_marked(aws: AwsWorld) -> None:
    with Connection(aws) as connection:
        connection.send("Connection: close")
        connection.read()
        assert connection.socket.recv(1) == b""
    with Connection(aws) as another:
        another.send()
        another.read()
        assert connection.is_marked() is False


def test_a_swallowed_answer_is_marked_as_soon_as_the_mail_is_accepted(aws: AwsWorld) -> None:
    aws.fault("email", "commit-then-timeout", count=1)
    with Connection(aws) as victim, Connection(aws) as other:
        victim.send()
        victim.wait_until_accepted()
        assert victim.is_marked() is True
        other.send()
        other.read()
        assert other.is_marked() is False
        aws.mend()
        assert victim.socket.recv(1) == b""
        assert victim.is_marked() is True


def test_a_client_that_gives_up_on_a_slow_answer_is_marked(aws: AwsWorld) -> None:
    with Connection(aws) as connection:
        aws.fault("email", "slow", delaySeconds=30)
        connection.send()
        connection.wait_until_accepted()
        assert connection.is_marked() is False
        connection.socket.close()
        until(lambda: connection.is_marked() is True)


@pytest.mark.parametrize("mode", ["refuse", "reset", "timeout"])
def test_a_fault_after_the_answer_was_relayed_does_not_mark(aws: AwsWorld, mode: str) -> None:
    with Connection(aws) as connection:
        connection.send()
        connection.read()
        aws.fault("email", mode)
        aws.mend()
        assert connection.is_marked() is False


def test_an_answer_that_comes_late_is_not_lost(aws: AwsWorld) -> None:
    with Connection(aws) as connection:
        aws.fault("email", "slow", delaySeconds=0.2, count=1)
        connection.send()
        connection.read()
        aws.fault("email", "slow", delaySeconds=30, count=1)
        connection.send()
        connection.wait_until_accepted()
        aws.mend()
        connection.read()
        assert connection.is_marked() is False


@pytest.mark.parametrize("mode", ["refuse", "reset", "timeout"])
def test_a_fault_while_the_emulator_works_marks_what_it_then_accepts(aws: AwsWorld, mode: str) -> None:
    aws.pause_emulator()
    try:
        with Connection(aws) as connection:
            connection.send()
            until(aws.emulator_has_a_call)
            aws.fault("email", mode)
            aws.resume_emulator()
            connection.wait_until_accepted()
            until(lambda: connection.is_marked() is True)
    finally:
        aws.resume_emulator()


def test_a_client_that_leaves_before_the_acceptance_is_marked(aws: AwsWorld) -> None:
    aws.pause_emulator()
    try:
        connection = Connection(aws)
        connection.send()
        until(aws.emulator_has_a_call)
        connection.socket.close()
        aws.resume_emulator()
        connection.wait_until_accepted()
        until(lambda: connection.is_marked() is True)
    finally:
        aws.resume_emulator()


@pytest.mark.parametrize("waits_s", [0, HANGS_UP_WITHIN_S + 0.2], ids=["at once", "later"])
def test_a_client_that_dies_with_the_answer_unread_is_marked_whenever_that_is(
    aws: AwsWorld, waits_s: float
) -> None:
    connection = Connection(aws)
    connection.send()
    connection.wait_until_accepted()
    assert connection.socket.recv(1, socket.MSG_PEEK)
    time.sleep(waits_s)
    connection.socket.close()  # with data unread the kernel resets, as for a killed process
    until(lambda: connection.is_marked() is True)


def test_a_client_that_resets_the_connection_is_marked(aws: AwsWorld) -> None:
    connection = Connection(aws)
    connection.send()
    connection.read()
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.socket.close()
    until(lambda: connection.is_marked() is True)


@pytest.mark.parametrize("reads", ["read", "unread"])
def test_a_process_killed_right_after_the_acceptance_is_marked(aws: AwsWorld, reads: str) -> None:
    port = str(aws.world.listen["email"])
    command = [sys.executable, "-c", _PROCESS, port, json.dumps(mail("killed@example.com")), reads]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"sent\n"
        assert [item["answerLost"] for item in aws.items("mail")] == [False]
        process.kill()
    until(lambda: [item["answerLost"] for item in aws.items("mail")] == [True])


def test_a_death_that_the_cloud_reports_marks_what_the_dead_invocation_had_sent(aws: AwsWorld) -> None:
    earlier, during = Connection(aws), Connection(aws)
    earlier.send()
    earlier.read()
    since = time.time()
    during.send()
    during.read()
    time.sleep(HANGS_UP_WITHIN_S + 0.1)
    earlier.socket.close()
    during.socket.close()
    died_later(aws, since)
    assert during.is_marked() is True
    assert earlier.is_marked() is False
    assert aws.world.call("POST", "/dev/world/deaths", {"since": "now"})[0] == 422


def test_a_world_that_is_killed_before_it_answers_finds_the_mail_marked(tmp_path: Path) -> None:
    with running(tmp_path) as aws, Connection(aws) as heard, Connection(aws) as unheard:
        heard.send()
        heard.read()
        aws.fault("email", "slow", delaySeconds=30)
        unheard.send()
        unheard.wait_until_accepted()
        aws.world.kill()
        aws.world.start()
        assert (heard.is_marked(), unheard.is_marked()) == (False, True)
