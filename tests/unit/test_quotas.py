"""`ted doctor` on the account's quota of functions at once: a new account has ten."""

from pathlib import Path
from typing import Any

import pytest

from console import doctor
from console.aws.launcher import EmbeddedAws
from console.quotas import lambda_concurrency
from console.target import Target
from stacks.names import Names
from stacks.settings import Settings


class Account:
    """A session whose Lambda tells these limits."""

    def __init__(self, quota: int, free: int) -> None:
        self.limit = {"ConcurrentExecutions": quota, "UnreservedConcurrentExecutions": free}

    def client(self, name: str) -> "Account":
        assert name == "lambda"
        return self

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": self.limit}


def found(quota: int, free: int | None = None, **settings: Any) -> tuple[str, str, str]:
    session: Any = Account(quota, quota if free is None else free)
    target = Target(session, Names("me", "dev"), "a test")
    (finding,) = lambda_concurrency(target, Settings(initials="me", **settings))
    return finding.state, finding.seen, finding.advice


def test_a_new_account_is_told_what_to_set_and_how_to_ask_for_more() -> None:
    state, seen, advice = found(10)
    assert (state, seen) == (
        "wrong",
        "10 functions at once; the settings ask for 14: 2 transfers, 10 extractions, 2 of runs",
    )
    assert advice.startswith("deploy with -c ted:extract_concurrency=6, or raise the quota: aws service-quotas ")
    assert "--service-code lambda --quota-code L-B99A9384 --desired-value 1000" in advice
    assert found(10, extract_concurrency=6)[0] == "ok"  # what is advised is well


def test_an_account_with_room_is_well() -> None:
    assert found(1000)[0] == "ok"
    assert found(14)[0] == "ok"
    assert found(13)[0] == "wrong"


def test_what_other_functions_reserve_is_taken_off() -> None:
    state, seen, advice = found(1000, 12)
    assert (state, seen.split(";")[0]) == ("wrong", "12 functions at once (1000 less what others reserve)")
    assert "ted:extract_concurrency=8" in advice


def test_where_no_setting_fits_the_quota_has_to_be_raised() -> None:
    assert found(5)[2].startswith("raise the quota, which is too small for any setting: aws service-quotas ")


def test_the_embedded_aws_has_no_answer(tmp_path: Path) -> None:
    session: Any = Account(10, 10)
    target = Target(session, Names("me", "dev"), "a test", EmbeddedAws("http://127.0.0.1:1", 1, tmp_path))
    (finding,) = lambda_concurrency(target, Settings(initials="me"))
    assert finding.state == "not known here"


def test_doctor_asks_for_it() -> None:
    assert lambda_concurrency in [check for _, check in doctor.CHECKS]


@pytest.mark.parametrize("setting", ["ted:transfer_concurrency=3", "ted:extract_concurrency=20"])
def test_more_at_once_asks_for_more(setting: str) -> None:
    name, value = setting.removeprefix("ted:").split("=")
    assert found(14, **{name: int(value)})[0] == "wrong"
