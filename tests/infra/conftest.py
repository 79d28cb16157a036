"""Instances that the tests look at; each is synthesised once."""

from collections.abc import Callable

import pytest

from tests.infra.synthesis import Synthesis, synthesize

QUICKSIGHT = "arn:aws:quicksight:eu-west-1:123456789012:user/default/jane"
CASES: dict[str, dict[str, str]] = {
    "dev": {"initials": "nfr"},
    "test": {"initials": "nfr", "stage": "test"},
    "prod": {"initials": "nfr", "stage": "prod", "ted:contact": "https://example.org/ted"},
    "other": {"initials": "abc"},
    "regional": {"initials": "nfr", "ted:bucket_names": "account-regional"},
    "direct": {"initials": "nfr", "ted:quicksight_principal": QUICKSIGHT},
    "options": {
        "initials": "nfr",
        "ted:kms": "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000",
        "ted:permissions_boundary": "developer-boundary",
        "ted:alarm_email": "ops@example.org",
        "ted:source_url": "s3://other-ted-mirror",
        "ted:schedule": "on",
        "ted:lambda_python": "3.13",
        "ted:lambda_architecture": "x86_64",
        "ted:bootstrap_kms": "arn:aws:kms:eu-west-1:123456789012:key/b0075742-0000-4000-8000-000000000000",
        "ted:glue_version": "5.0",
        "ted:glue_workers": "5",
        "ted:budget_usd": "0",
        "ted:sandbox": "on",
        "ted:sandbox_days": "14",
        "ted:quicksight_principal": QUICKSIGHT,
        "ted:quicksight_mode": "spice",
        "ted:account": "123456789012",
        "ted:region": "eu-west-1",
    },
}


@pytest.fixture(scope="session")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Synthesis]:
    """Synthesises a case, once a session."""
    made: dict[str, Synthesis] = {}

    def of(case: str) -> Synthesis:
        if case not in made:
            made[case] = synthesize(tmp_path_factory.mktemp("synth") / case, CASES[case])
        return made[case]

    return of


@pytest.fixture(scope="session")
def dev(synthesis: Callable[[str], Synthesis]) -> Synthesis:
    return synthesis("dev")


@pytest.fixture(scope="session")
def prod(synthesis: Callable[[str], Synthesis]) -> Synthesis:
    return synthesis("prod")


@pytest.fixture(scope="session")
def options(synthesis: Callable[[str], Synthesis]) -> Synthesis:
    return synthesis("options")


@pytest.fixture(scope="session")
def direct(synthesis: Callable[[str], Synthesis]) -> Synthesis:
    return synthesis("direct")


@pytest.fixture(scope="session", params=["dev", "prod", "options"])
def instance(request: pytest.FixtureRequest, synthesis: Callable[[str], Synthesis]) -> Synthesis:
    """Each of the instances for which a rule must hold."""
    return synthesis(request.param)
