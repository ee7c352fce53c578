"""Many calls of a bucket, which are asked again where it has no time."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.errors import StudioError
from studio.store import at_once as module
from studio.store import bucket as bucket_module
from studio.store.at_once import at_once, patiently
from studio.store.bucket import Bucket, key_of
from studio.store.bucket_errors import Away, Refused
from studio.store.place import Place
from tests.services import radosgw


def test_what_is_away_is_asked_again_a_few_times(monkeypatch) -> None:
    monkeypatch.setattr(module, "PAUSES_S", (0.0, 0.0, 0.0))
    asked = list[int]()

    def comes_back(times: int) -> int:
        asked.append(times)
        if asked.count(times) < times:
            raise Away("It has no time.")
        return times

    assert at_once(comes_back, [1, 3, 4]) == [1, 3, 4]
    assert sorted(asked) == [1, 3, 3, 3, 4, 4, 4, 4]
    with pytest.raises(Away):
        patiently(lambda: comes_back(5))
    assert asked.count(5) == 4


@pytest.mark.parametrize("kind", [Refused, StudioError])
def test_what_is_refused_is_asked_once(kind: type[StudioError]) -> None:
    asked = list[int]()

    def refused(number: int) -> None:
        asked.append(number)
        raise kind("No.")

    with pytest.raises(kind, match="No"):
        at_once(refused, [7])
    assert asked == [7]


@pytest.mark.slow
def test_a_server_that_hung_a_while_ends_nothing(
    in_s3: Place, gateway: radosgw.Gateway, monkeypatch
) -> None:
    monkeypatch.setattr(bucket_module, "READ_S", 1)
    bucket = Bucket(in_s3)
    digests = [bucket.put(f"picture {number}".encode()) for number in range(20)]
    with ThreadPoolExecutor(1) as aside:
        with gateway.stopped():
            asked = aside.submit(at_once, bucket.digest, [key_of(one) for one in digests])
            time.sleep(3)
        assert asked.result() == digests
