"""Faults of containers from outside: a worker is held in the middle of its next job, and let go."""

import json
import time
from collections.abc import Callable, Iterator
from functools import partial

import psutil
import pytest

from local.cloud.faults import ContainerFaults
from local.stack import Stack
from local.stack.http import get_json, request
from local.stack.ministack import call_sqs, queue_url

_QUIET_S = 0.3


@pytest.fixture
def stack(running_with_world: Stack) -> Iterator[Stack]:
    """The copy with nothing broken and nothing in its queue, not even what a killed worker had."""
    port = running_with_world.ports["ministack"]
    call_sqs(port, "PurgeQueue", {"QueueUrl": queue_url(port, "plumbline-sync")})
    yield running_with_world
    mend(running_with_world)


def break_worker(stack: Stack, mode: str, **more: object) -> None:
    body = json.dumps({"target": "worker", "mode": mode, **more}).encode()
    status, answer = request("POST", f"{stack.url}/dev/faults", body=body)
    assert status == 201, answer


def mend(stack: Stack) -> None:
    assert request("DELETE", f"{stack.url}/dev/faults")[0] == 204


def send_job(stack: Stack, name: str) -> None:
    port = stack.ports["ministack"]
    call_sqs(port, "SendMessage", {"QueueUrl": queue_url(port, "plumbline-sync"), "MessageBody": name})


def workers(stack: Stack) -> dict[int, str]:
    """The pids of the sync worker's containers, and how the kernel calls their state."""
    containers = get_json(f"{stack.url}/dev/cloud/health")["containers"]
    return {
        one["pid"]: psutil.Process(one["pid"]).status()
        for one in containers
        if one["name"].startswith("sync_worker") and one["pid"] and psutil.pid_exists(one["pid"])
    }


def frozen(stack: Stack) -> list[int]:
    return [pid for pid, state in workers(stack).items() if state == psutil.STATUS_STOPPED]


def is_one_gone(stack: Stack, before: set[int]) -> bool:
    return len(before - set(workers(stack))) == 1


def is_acknowledged(stack: Stack) -> bool:
    """Whether SQS has no message any more, neither waiting nor with a worker."""
    port = stack.ports["ministack"]
    wanted = {"QueueUrl": queue_url(port, "plumbline-sync"), "AttributeNames": ["All"]}
    found = call_sqs(port, "GetQueueAttributes", wanted)["Attributes"]
    kinds = ("", "NotVisible", "Delayed")
    return not any(int(found[f"ApproximateNumberOfMessages{kind}"]) for kind in kinds)


def wait_for(condition: Callable[[], object], timeout_s: float = 15) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_frozen_worker_holds_its_job_until_everything_is_mended(stack: Stack) -> None:
    break_worker(stack, "freeze", queue="sync", seconds=60)
    send_job(stack, "held")
    wait_for(lambda: frozen(stack))
    (pid,) = frozen(stack)
    assert get_json(f"{stack.url}/dev/faults")["items"] == []
    time.sleep(_QUIET_S)
    assert not is_acknowledged(stack)
    assert frozen(stack) == [pid]
    mend(stack)
    wait_for(lambda: is_acknowledged(stack))
    assert pid in workers(stack)
    assert frozen(stack) == []


def test_a_freeze_ends_after_its_seconds(stack: Stack) -> None:
    break_worker(stack, "freeze", seconds=0.6)
    send_job(stack, "held for a while")
    wait_for(lambda: frozen(stack))
    wait_for(lambda: not frozen(stack), 3)
    wait_for(lambda: is_acknowledged(stack))


def test_a_fault_of_another_queue_leaves_this_ones_worker_alone(stack: Stack) -> None:
    break_worker(stack, "crash", queue="email", count=3)
    before = set(workers(stack))
    send_job(stack, "unharmed")
    wait_for(lambda: is_acknowledged(stack))
    assert set(workers(stack)) == before
    (item,) = get_json(f"{stack.url}/dev/faults")["items"]
    assert item == {"target": "worker", "mode": "crash", "count": 3, "queue": "email"}


def test_a_crash_kills_a_worker_so_many_times(stack: Stack) -> None:
    break_worker(stack, "crash", queue="sync", count=2)
    for left in (1, 0):
        before = set(workers(stack))
        send_job(stack, "killed")
        wait_for(partial(is_one_gone, stack, before))
        assert sum(item["count"] for item in get_json(f"{stack.url}/dev/faults")["items"]) == left
    before = set(workers(stack))
    send_job(stack, "the third")
    wait_for(lambda: "the third" in (stack.data_dir / "records").read_text())
    assert before <= set(workers(stack))


def test_a_crash_that_found_no_job_within_its_seconds_is_over() -> None:
    faults = ContainerFaults()
    faults.put({"target": "worker", "mode": "crash", "seconds": 0.05})
    assert [item["mode"] for item in faults.list_items()] == ["crash"]
    time.sleep(0.1)
    assert faults.list_items() == []
    assert faults.take("worker", "email") is None


def test_a_second_fault_of_a_target_replaces_the_first() -> None:
    faults = ContainerFaults()
    faults.put({"target": "worker", "mode": "crash", "queue": "email", "count": 5})
    faults.put({"target": "worker", "mode": "freeze", "seconds": 1})
    faults.put({"target": "api", "mode": "crash"})
    assert faults.list_items() == [
        {"target": "worker", "mode": "freeze", "count": 1, "seconds": 1.0},
        {"target": "api", "mode": "crash", "count": 1},
    ]


def test_the_clock_waits_for_workers_that_are_about_to_finish_but_not_for_long(stack: Stack) -> None:
    before = get_json(f"{stack.url}/dev/clock")["offsetSeconds"]
    for seconds, is_waited_for in ((1, True), (60, False)):
        break_worker(stack, "freeze", queue="sync", seconds=seconds)
        send_job(stack, "at work while the clock moves")
        wait_for(lambda: frozen(stack))
        status, answer = request("POST", f"{stack.url}/dev/clock", body=b'{"advanceSeconds": 5}')
        before += 5
        assert (status, json.loads(answer)) == (200, {"offsetSeconds": before})
        assert (frozen(stack) == []) is is_waited_for
    request("POST", f"{stack.url}/dev/clock", body=b'{"advanceSeconds": -10}')
