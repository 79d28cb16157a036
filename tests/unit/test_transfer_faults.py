"""Every fault of a publisher, against the real publisher and the real handlers.

Nothing wrong is ever stored, nothing right is ever refused, and the package arrives once the fault ends.
"""

import datetime as dt
import gzip
import hashlib
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.response import StreamingBody
from moto import mock_aws

from console.sample.server import Publisher, Shelf
from runtime import http
from runtime.buckets import AlreadyStored, Bucket, Head
from runtime.errors import ConfigError, TransientError
from runtime.transfer import handlers, service
from tests.unit.transfer_world import FIRST, SECOND, THIRD, World, make_world, package_bytes, tar_of

PACKAGES = {package: package_bytes(package) for package in (FIRST, SECOND, THIRD)}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher(Shelf.of_packages(PACKAGES)) as publisher:
        yield publisher


@pytest.fixture
def world(publisher: Any, monkeypatch: Any) -> Iterator[World]:
    with mock_aws():
        world = make_world(publisher)
        settle(monkeypatch, world, publisher.url)
        yield world
        handlers.clients_of.cache_clear()


def settle(monkeypatch: pytest.MonkeyPatch, world: World, source: str) -> None:
    """Tell the functions their environment, and let their pauses be noted instead of waited for."""
    for name, value in {
        "RAW_BUCKET": world.raw.name,
        "TRANSFERS_QUEUE_URL": world.queue.url,
        "SOURCE_URL": source,
        "CONTACT": "https://example.org/ted",
        "START_YEAR": "2019",
        "PACKAGE_PATH": "/packages/daily/{year}{issue:05d}",
        "CALENDAR_PATH": "/en/release-calendar/-/download/file/CSV/{year}",
        "REQUESTS_PER_MINUTE": "80",
        "MAX_RECEIVE_COUNT": "5",
        "BUCKET_OWNER": "123456789012",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(http, "REFUSAL_QUIET_SECONDS", 0.0)

    def pause_seconds(error: Exception, attempt: int, jitter: float) -> float:
        world.pauses.append(REAL_PAUSE(error, attempt, jitter))
        return 0.0

    monkeypatch.setattr(handlers, "pause_seconds", pause_seconds)
    handlers.clients_of.cache_clear()


REAL_PAUSE = handlers.pause_seconds


def test_mirrors_every_due_package_with_its_checksum_and_origin(world: World) -> None:
    assert world.job(run="first") == {
        "plan_key": "plans/first.json", "years": [2019, 2020], "planned": 3, "held": 0, "sent": 3, "unchecked": 0,
    }  # fmt: skip
    world.pump()
    assert world.packages() == {package.raw_key: data for package, data in PACKAGES.items()}
    head = world.raw.head(FIRST.raw_key)
    assert head.metadata["sha256"] == hashlib.sha256(PACKAGES[FIRST]).hexdigest()
    assert head.metadata["source-url"] == f"{world.publisher.url}/packages/daily/201900043"
    assert head.metadata["fetched-at"].endswith("+00:00")
    plan = world.raw.get_json("plans/first.json")
    assert plan["packages"] == [str(FIRST), str(SECOND), str(THIRD)]
    assert plan["years"] == [2019, 2020]
    assert {r.user_agent for r in world.publisher.requests} == {
        "Mozilla/5.0 (compatible; cca-ted/0.1.0; +https://example.org/ted)"
    }


@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        ("challenge", {}, "RefusedByFirewall"),
        ("empty", {}, "RefusedByFirewall"),
        ("missing", {}, "NotAtSource"),
        ("rate-limit", {"retry_after": "0"}, "RateLimited"),
        ("rate-limit", {}, "RateLimited"),
        ("error", {}, "SourceTrouble"),
        ("cut", {}, "SourceTrouble"),
        ("cut", {"share": 0.0}, "SourceTrouble"),
        ("wrong-length", {}, "SourceTrouble"),
        ("too-short", {}, "SourceTrouble"),
        ("web-page", {}, "SourceTrouble"),
        ("not-gzip", {}, "BadArchive"),
        ("spoilt", {}, "BadArchive"),
        ("other", {"instead": PACKAGES[SECOND]}, "WrongPackage"),
    ],
)
class TestFault:
    def test_stores_nothing_and_arrives_once_it_ends(
        self, world: World, kind: Any, options: dict[str, Any], error: str
    ) -> None:
        world.publisher.spoil(FIRST, kind, 3, **options)
        world.job(year=2019)
        for _ in range(3):
            assert len(world.process(world.receive())) == 1
            assert FIRST.raw_key not in world.packages()
        world.pump()
        assert world.packages() == {package.raw_key: PACKAGES[package] for package in (FIRST, SECOND)}
        assert world.failures() == {}
        assert world.dead_letters() == []

    def test_is_noted_and_dead_lettered_when_it_lasts_and_mended_by_the_next_job(
        self, world: World, kind: Any, options: dict[str, Any], error: str
    ) -> None:
        world.publisher.spoil(FIRST, kind, **options)
        world.job(year=2019)
        world.pump()
        failure = world.failures()[FIRST]
        assert (failure.stage, failure.error, failure.attempts) == ("transfer", error, 5)
        assert "2019" in failure.message
        assert "tried again" not in failure.message  # nobody will
        assert world.dead_letters() == [str(FIRST)]
        assert world.packages() == {SECOND.raw_key: PACKAGES[SECOND]}
        assert len(world.publisher.requests_for(FIRST)) == 5
        world.publisher.mend()
        assert world.job(year=2019)["sent"] == 1
        assert world.failures() == {}
        world.pump()
        assert world.packages()[FIRST.raw_key] == PACKAGES[FIRST]


def test_leaves_no_unfinished_upload_behind(world: World) -> None:
    world.publisher.spoil(FIRST, "cut")
    world.job()
    world.pump()
    assert "Uploads" not in world.raw.client.list_multipart_uploads(Bucket=world.raw.name)


def test_takes_a_slow_package_that_arrives_in_time(world: World) -> None:
    world.publisher.spoil(FIRST, "slow", seconds=0.005)
    world.job(packages=[str(FIRST)])
    world.pump()
    assert world.packages() == {FIRST.raw_key: PACKAGES[FIRST]}


def test_gives_up_a_drip_before_its_own_time_is_over_and_tries_again(world: World) -> None:
    world.publisher.spoil(FIRST, "slow", 1, seconds=0.1, pieces=100)
    world.job(packages=[str(FIRST)])
    assert len(world.process(world.receive(), seconds=handlers.SPARE_SECONDS + 0.3)) == 1
    assert world.packages() == {}
    world.pump()
    assert world.packages() == {FIRST.raw_key: PACKAGES[FIRST]}


def test_takes_a_package_that_comes_in_chunks_without_a_length(world: World) -> None:
    world.publisher.spoil(FIRST, "no-length")
    world.job(packages=[str(FIRST)])
    world.pump()
    assert world.packages() == {FIRST.raw_key: PACKAGES[FIRST]}


def test_waits_as_long_as_the_source_asks(world: World) -> None:
    world.publisher.spoil(FIRST, "rate-limit", retry_after="120")
    world.job(packages=[str(FIRST)])
    world.process(world.receive())
    assert 120 < world.pauses[0] < 140


def test_waits_long_after_a_challenge_and_names_the_advice(world: World) -> None:
    world.publisher.spoil(FIRST, "challenge")
    world.job(packages=[str(FIRST)])
    world.pump()
    assert world.pauses == sorted(world.pauses)
    assert world.pauses[0] >= 150
    assert "helpdesk" in world.failures()[FIRST].message


def test_leaves_the_source_alone_for_a_while_after_a_refusal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "REFUSAL_QUIET_SECONDS", 60.0)
    world.publisher.spoil(FIRST, "challenge", 1)
    world.job(year=2019)
    assert len(world.process(world.receive())) == 2
    assert [r.status for r in world.publisher.requests if r.path.startswith("/packages")] == [202]


def test_is_refused_under_a_name_that_is_no_crawlers(publisher: Publisher) -> None:
    class Rude(http.Http):
        user_agent = "python-requests/2.32"

    with pytest.raises(http.RefusedByFirewall), Rude("x").get(f"{publisher.url}/packages/daily/201900043"):
        pass


def test_fills_a_gap_inside_a_year_on_the_next_run(world: World) -> None:
    world.publisher.withdraw(FIRST)
    world.job(year=2019)
    world.pump()
    assert list(world.packages()) == [SECOND.raw_key]
    world.publisher.replace(FIRST, PACKAGES[FIRST])
    answer = world.job(year=2019)
    assert (answer["planned"], answer["held"], answer["sent"]) == (2, 1, 1)
    world.pump()
    assert list(world.packages()) == [FIRST.raw_key, SECOND.raw_key]


def test_does_nothing_when_all_is_held(world: World) -> None:
    world.job()
    world.pump()
    before = len(world.publisher.requests)
    answer = world.job()
    assert (answer["planned"], answer["held"], answer["sent"]) == (3, 3, 0)
    this_year = dt.datetime.now(dt.UTC).year  # the only calendar that may have grown
    assert {r.path[-4:] for r in world.publisher.requests[before:]} == {str(this_year)}


def test_fetches_a_package_again_whose_length_at_the_source_differs(world: World) -> None:
    world.job(year=2019)
    world.pump()
    newer = package_bytes(FIRST, notices=5)
    world.publisher.replace(FIRST, newer)
    assert world.job(year=2019)["sent"] == 1
    world.pump()
    assert world.packages()[FIRST.raw_key] == newer
    assert (world.versions(FIRST), world.versions(SECOND)) == (2, 1)


def test_refresh_makes_a_new_version_of_other_bytes_and_none_of_the_same(world: World) -> None:
    world.job(year=2019)
    world.pump()
    same_length = package_bytes(FIRST, word="words")
    world.publisher.replace(FIRST, same_length)
    assert world.job(year=2019, refresh=True, run="again")["sent"] == 2
    assert world.raw.get_json("plans/again.json")["again"] == [str(FIRST), str(SECOND)]
    world.pump()
    assert world.packages()[FIRST.raw_key] == same_length
    assert (world.versions(FIRST), world.versions(SECOND)) == (2, 1)


def test_keeps_a_held_package_that_the_source_took_back(world: World) -> None:
    world.job(year=2019)
    world.pump()
    world.publisher.withdraw(FIRST)
    answer = world.job(year=2019)
    assert (answer["sent"], answer["unchecked"]) == (0, 0)
    assert FIRST.raw_key in world.packages()


def test_says_how_many_packages_it_could_not_compare(world: World) -> None:
    world.job(year=2019)
    world.pump()
    world.publisher.spoil(FIRST, "challenge")
    assert world.job(year=2019)["unchecked"] == 2


def test_two_jobs_at_once_end_with_one_version_of_each_package(world: World) -> None:
    assert world.job(year=2019)["sent"] == 2
    assert world.job(year=2019)["sent"] == 2
    world.pump()
    assert [world.versions(package) for package in (FIRST, SECOND)] == [1, 1]
    assert len(world.publisher.requests_for(FIRST)) == 1


def test_loses_no_race_against_a_worker_that_stores_the_same_bytes_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = handlers.clients_of(handlers.load(handlers.TransferSettings))
    real_verify, now = service.verify, dt.datetime.now(dt.UTC)

    def verify_while_another_stores(*arguments: Any, **options: Any) -> int:
        found = real_verify(*arguments, **options)
        monkeypatch.setattr(service, "verify", real_verify)
        assert service.transfer(at.raw, at.source, FIRST, refresh=False, now=now).status == "stored"
        return found

    monkeypatch.setattr(service, "verify", verify_while_another_stores)
    assert service.transfer(at.raw, at.source, FIRST, refresh=False, now=now).status == "unchanged"
    assert world.versions(FIRST) == 1


@pytest.mark.parametrize("in_one_go_bytes", [service.IN_ONE_GO_BYTES, 100])
@pytest.mark.parametrize("other", [False, True])
def test_loses_no_race_in_the_last_moment(
    world: World, monkeypatch: pytest.MonkeyPatch, in_one_go_bytes: int, other: bool
) -> None:
    at = handlers.clients_of(handlers.load(handlers.TransferSettings))
    now = dt.datetime.now(dt.UTC)
    monkeypatch.setattr(service, "IN_ONE_GO_BYTES", in_one_go_bytes)
    stored = package_bytes(FIRST, word="other") if other else PACKAGES[FIRST]
    real_head, heads = type(at.raw).head, []

    def head_before_another_stores(bucket: Bucket, key: str) -> Head | None:
        heads.append(real_head(bucket, key))
        if len(heads) == 2:
            bucket.put(key, stored, metadata={"sha256": hashlib.sha256(stored).hexdigest()})
        return heads[-1]

    monkeypatch.setattr(type(at.raw), "head", head_before_another_stores)
    if other:
        with pytest.raises(AlreadyStored):
            service.transfer(at.raw, at.source, FIRST, refresh=False, now=now)
    else:
        assert service.transfer(at.raw, at.source, FIRST, refresh=False, now=now).status == "unchanged"
    assert world.packages() == {FIRST.raw_key: stored}
    assert world.versions(FIRST) == 1
    assert "Uploads" not in world.raw.client.list_multipart_uploads(Bucket=world.raw.name)


@pytest.mark.parametrize("comes", ["before", "after"])
@pytest.mark.parametrize("moment", ["head", "put", "in_parts", "hide"])
def test_ends_the_same_after_being_killed_and_started_again(
    world: World, monkeypatch: pytest.MonkeyPatch, moment: str, comes: str
) -> None:
    """A function that dies deletes no message; the queue gives it out again."""
    monkeypatch.setattr(service, "IN_ONE_GO_BYTES", 100 if moment == "in_parts" else service.IN_ONE_GO_BYTES)
    world.job(year=2019)
    kind = type(world.queue) if moment == "hide" else type(world.raw)
    real, calls = getattr(kind, moment), []

    def die_once(*arguments: Any, **options: Any) -> Any | str | None:
        calls.append(moment)
        if calls == [moment] and comes == "before":
            raise KeyboardInterrupt
        result = real(*arguments, **options)
        if calls == [moment]:
            raise KeyboardInterrupt
        return result

    if moment == "hide":
        world.publisher.spoil(FIRST, "error", 1)
    monkeypatch.setattr(kind, moment, die_once)
    messages = world.receive()
    with pytest.raises(KeyboardInterrupt):
        world.process(messages)
    for message in messages:
        world.queue.client.change_message_visibility(
            QueueUrl=world.queue.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )
    world.pump()
    assert world.packages() == {package.raw_key: PACKAGES[package] for package in (FIRST, SECOND)}
    assert [world.versions(package) for package in (FIRST, SECOND)] == [1, 1]
    assert "Uploads" not in world.raw.client.list_multipart_uploads(Bucket=world.raw.name)


def test_stores_a_large_package_in_parts_with_its_metadata(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "IN_ONE_GO_BYTES", 1 << 20)
    noise = random.Random(1).randbytes(9 << 20)  # noqa: S311 noise
    large = gzip.compress(tar_of({"20190301_043/000001_2019.xml": noise}), 1)
    world.publisher.replace(FIRST, large)
    world.job(packages=[str(FIRST)])
    world.pump()
    assert world.raw.get(FIRST.raw_key) == large
    assert world.raw.client.head_object(Bucket=world.raw.name, Key=FIRST.raw_key)["ETag"].endswith('-2"')
    assert world.raw.head(FIRST.raw_key).metadata["sha256"] == hashlib.sha256(large).hexdigest()


def test_an_unreadable_calendar_fails_the_job_and_packages_can_be_named_by_hand(world: World) -> None:
    for kind in ("web-page", "challenge", "cut", "empty"):
        world.publisher.spoil(2019, kind, 1)
        with pytest.raises(TransientError):
            world.job(year=2019)
    assert world.queue.depth() == 0
    assert list(world.raw.keys("calendar/")) == []
    world.publisher.spoil(2019, "web-page")
    assert world.job(packages=[str(FIRST)])["sent"] == 1
    world.pump()
    assert list(world.packages()) == [FIRST.raw_key]


def test_one_bad_message_does_not_sink_its_batch(world: World) -> None:
    world.queue.send([{"no": "package"}, {"package_id": str(FIRST)}, {"package_id": "20190301"}])
    assert len(world.process(world.receive())) == 2
    assert list(world.packages()) == [FIRST.raw_key]


def test_wrong_input_lists_every_fault_before_any_work(world: World) -> None:
    with pytest.raises(ConfigError) as raised:
        world.job(year=1999, month=13, colour="red")
    assert len(raised.value.attributes["faults"]) == 3
    assert world.publisher.requests == []


def test_a_second_instance_fills_itself_from_the_first_without_asking_the_publisher(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.job()
    world.pump()
    asked = len(world.publisher.requests)
    second = make_world(world.publisher, "you-cca-ted-raw-test")
    settle(monkeypatch, second, f"s3://{world.raw.name}")
    assert second.job()["sent"] == 3
    second.pump()
    assert second.packages() == world.packages()
    assert len(world.publisher.requests) == asked
    metadata = second.raw.head(FIRST.raw_key).metadata
    assert metadata["source-url"] == f"{world.publisher.url}/packages/daily/201900043"
    assert metadata["copied-from"] == f"s3://{world.raw.name}/{FIRST.raw_key}"


def test_a_second_instance_follows_a_package_that_the_first_fetched_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.job(year=2019)
    world.pump()
    second = make_world(world.publisher, "you-cca-ted-raw-test")
    settle(monkeypatch, second, f"s3://{world.raw.name}")
    second.job(year=2019)
    second.pump()
    newer = package_bytes(FIRST, notices=5)
    world.raw.put(FIRST.raw_key, newer, metadata={"sha256": hashlib.sha256(newer).hexdigest()})
    world.raw.delete([SECOND.raw_key])
    assert second.job(year=2019)["sent"] == 1
    second.pump()
    assert second.packages() == {FIRST.raw_key: newer, SECOND.raw_key: PACKAGES[SECOND]}


def test_a_copy_that_breaks_off_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.job(year=2019)
    world.pump()
    second = make_world(world.publisher, "you-cca-ted-raw-test")
    settle(monkeypatch, second, f"s3://{world.raw.name}")
    second.job(packages=[str(FIRST)])
    broken: list[int | None] = []

    def read_once_broken(stream: Any, size: int | None = None) -> bytes | None:
        if not broken:
            broken.append(size)
            raise ConnectionResetError("peer went away")
        return real(stream, size)

    real = StreamingBody.read
    monkeypatch.setattr(StreamingBody, "read", read_once_broken)
    assert len(second.process(second.receive())) == 1
    assert second.packages() == {}
    second.pump()
    assert second.packages() == {FIRST.raw_key: PACKAGES[FIRST]}


def test_a_copy_whose_checksum_differs_is_not_stored(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.job()
    world.pump()
    world.raw.put(FIRST.raw_key, package_bytes(FIRST, word="other"), metadata={"sha256": "00" * 32})
    second = make_world(world.publisher, "you-cca-ted-raw-test")
    settle(monkeypatch, second, f"s3://{world.raw.name}")
    second.job()
    second.pump()
    assert set(second.packages()) == {SECOND.raw_key, THIRD.raw_key}
    assert second.failures()[FIRST].error == "ChecksumMismatch"


def test_a_copy_of_what_the_first_instance_lacks_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    second = make_world(world.publisher, "you-cca-ted-raw-test")
    settle(monkeypatch, second, f"s3://{world.raw.name}")
    with pytest.raises(http.NotAtSource, match=r"calendar/2019\.csv"):
        second.job(year=2019)
    second.job(packages=[str(FIRST)])
    second.pump()
    assert second.failures()[FIRST].error == "NotAtSource"


def test_logs_name_the_package_and_metrics_count_it(
    world: World, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    world.job(year=2019)
    world.publisher.spoil(SECOND, "challenge", 1)
    world.process(world.receive())
    stored: Any = next(record for record in caplog.records if record.message == "stored")
    assert (stored.package_id, stored.members, stored.size_bytes) == (str(FIRST), 3, len(PACKAGES[FIRST]))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    metrics = lines[-1]
    assert metrics["PackagesStored"] == [1.0]
    assert metrics["BytesStored"] == [len(PACKAGES[FIRST])]
    assert metrics["FirewallRefusals"] == [1.0]
