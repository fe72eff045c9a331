"""Ids: ordered in time, unlike each other, and secret where they must be."""

import threading
import time
from itertools import pairwise
from uuid import RFC_4122, UUID

from app.kit.ids import SystemIds, fingerprint


def test_uuids_are_version_7_and_strictly_increase() -> None:
    ids = SystemIds()
    made = [ids.uuid() for _ in range(5_000)]
    assert all(one.version == 7 and one.variant == RFC_4122 for one in made)
    assert all(earlier < later for earlier, later in pairwise(made))


def test_uuid_begins_with_the_milliseconds() -> None:
    before = time.time_ns() // 1_000_000
    stamp = SystemIds().uuid().int >> 80
    assert before <= stamp <= time.time_ns() // 1_000_000 + 1


def test_uuids_of_several_threads_differ() -> None:
    ids = SystemIds()
    made: list[UUID] = []
    threads = [threading.Thread(target=lambda: made.extend([ids.uuid() for _ in range(2_000)])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8_000


def test_tokens_are_256_bits_and_differ() -> None:
    made = {SystemIds().token() for _ in range(500)}
    assert len(made) == 500
    assert {len(token) for token in made} == {43}


def test_fingerprint_takes_any_text_a_client_may_send() -> None:
    assert len(fingerprint("\ud800é\0")) == 32
    assert fingerprint("a") != fingerprint("b")
