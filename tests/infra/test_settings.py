"""The settings: read from text, checked together."""

import dataclasses
import json
from pathlib import Path

import pytest

from console.aws import launcher
from stacks.settings import EMULATED_ACCOUNT, KEYS, PREFIX, Settings, SettingsError, describe, read_settings

PRINCIPAL = "arn:aws:quicksight:eu-west-1:123456789012:user/default/jane"
NOWHERE = Path("/nonexistent/cdk.context.local.json")


def read(context: dict[str, object], environment: dict[str, str] | None = None, file: Path = NOWHERE) -> Settings:
    return read_settings(context, environment=environment or {}, local_file=file)


def faults_of(context: dict[str, object]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read(context)
    return caught.value.faults


def test_needs_initials_only() -> None:
    settings = read({"initials": "nfr"})
    assert (settings.stage, settings.keeps_data, settings.has_schedule) == ("dev", False, False)
    assert settings.contact == "nfr-cca-ted-dev"


def test_every_key_has_a_field_and_every_field_a_key() -> None:
    fields = {field.name for field in dataclasses.fields(Settings)}
    assert {field for field, _ in KEYS.values()} - {"destroy_data"} == fields - {"initials", "stage"}


def test_missing_initials_are_told_with_all_ways_to_give_them() -> None:
    with pytest.raises(SettingsError) as caught:
        read({})
    message = str(caught.value)
    assert "initials are missing" in message
    for way in ("-c initials=nfr", "CCA_TED_INITIALS", "cdk.context.local.json"):
        assert way in message


def test_tells_all_faults_at_once() -> None:
    faults = faults_of(
        {
            "initials": "Nf-R",
            "stage": "production",
            "ted:start_yaer": "2011",
            "ted:keep_data": "no",
            "ted:glue_workers": "1",
            "ted:kms": "my-key",
        }
    )
    assert len(faults) == 6
    assert any("ted:start_yaer is no key: did you mean ted:start_year?" in fault for fault in faults)
    assert any("ted:keep_data is 'no': expected true or false" in fault for fault in faults)


@pytest.mark.parametrize(
    ("initials", "is_right"),
    [
        ("ab", True),
        ("a1234567", True),
        ("a", False),
        ("a12345678", False),
        ("1ab", False),
        ("AB", False),
        ("a_b", False),
    ],
)
def test_initials_are_two_to_eight_characters(initials: str, is_right: bool) -> None:
    if is_right:
        assert read({"initials": initials}).initials == initials
    else:
        assert "initials" in faults_of({"initials": initials})[0]


def test_initials_come_from_context_then_environment_then_file(tmp_path: Path) -> None:
    file = tmp_path / "local.json"
    file.write_text(json.dumps({"initials": "file", "ted:contact": "me@example.org"}))
    assert read({}, file=file).initials == "file"
    assert read({}, file=file).contact == "me@example.org"
    assert read({}, {"CCA_TED_INITIALS": "env"}, file).initials == "env"
    assert read({"initials": "nfr"}, {"CCA_TED_INITIALS": "env"}, file).initials == "nfr"


@pytest.mark.parametrize("content", ["{", "[]"])
def test_an_unreadable_local_file_is_a_fault(tmp_path: Path, content: str) -> None:
    file = tmp_path / "local.json"
    file.write_text(content)
    with pytest.raises(SettingsError, match=r"local\.json"):
        read({"initials": "nfr"}, file=file)


def test_text_is_parsed() -> None:
    settings = read({"initials": "nfr", "ted:keep_data": "true", "ted:schedule": "on", "ted:glue_workers": "7"})
    assert (settings.keeps_data, settings.has_schedule, settings.glue_workers) == (True, True, 7)
    assert read({"initials": "nfr", "stage": "test", "ted:keep_data": "false"}).keeps_data is False
    assert read({"initials": "nfr", "ted:keep_data": True}).keeps_data is True  # from a JSON file


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("account", "123456789012", "1234"),
        ("region", "eu-west-1", "Europe"),
        ("bucket_names", "account-regional", "global"),
        ("start_year", "2014", "12"),
        ("contact", "https://example.org", ""),
        ("alarm_email", "ops@example.org", "ops"),
        ("schedule", "off", "false"),
        ("permissions_boundary", "arn:aws:iam::123456789012:policy/edge", "a b"),
        ("keep_data", "false", "0"),
        ("athena_scan_limit_gib", "5", "0"),
        ("sandbox", "on", "true"),
        ("sandbox_days", "7", "0"),
        ("lambda_python", "3.12", "3.10"),
        ("lambda_architecture", "x86_64", "amd64"),
        ("source_url", "http://127.0.0.1:8080", "ted.europa.eu"),
        ("package_path", "/x/{year}/{issue}", "/x/{year}"),
        ("calendar_path", "/c/{year}", "/c/{jahr}"),
        ("rates_url", "http://127.0.0.1:8080/rates.zip", "s3://bucket/rates.zip"),
        ("poll_seconds", "40", "0"),
        ("glue_version", "5.0", "4.0"),
        ("bootstrap_kms", "arn:aws:kms:eu-west-1:123456789012:key/0a1b", "alias/key"),
        ("glue_workers", "2", "two"),
        ("glue_minutes", "30", "1"),
        ("glue_concurrency", "1", "-1"),
        ("transfer_concurrency", "3", "4"),
        ("extract_concurrency", "20", "1"),
        ("transfer_seconds", "60", "901"),
        ("extract_seconds", "60", "2.5"),
        ("requests_per_minute", "10", "0"),
        ("kms", "arn:aws:kms:eu-west-1:123456789012:key/0a1b", "alias/key"),
        ("budget_usd", "0", "ten"),
        ("quicksight_principal", PRINCIPAL, "jane"),
        ("quicksight_mode", "spice", "SPICE"),
        ("destroy_data", "nfr-cca-ted-dev", ""),
    ],
)
def test_every_key_takes_right_values_and_names_wrong_ones(key: str, right: str, wrong: str) -> None:
    together = {"ted:account": "123456789012", "ted:region": "eu-west-1"} if key in ("account", "region") else {}
    together |= {"ted:quicksight_principal": PRINCIPAL} if key == "quicksight_mode" else {}
    read({"initials": "nfr", **together, PREFIX + key: right})
    assert any(fault.startswith(f"ted:{key} is") for fault in faults_of({"initials": "nfr", PREFIX + key: wrong}))


def test_no_pace_that_ted_blocks_can_be_set() -> None:
    """The workers' requests, and those of two planning jobs that ask like two workers each."""
    hasty: dict[str, object] = {"initials": "nfr", "ted:requests_per_minute": "86", "ted:transfer_concurrency": "3"}
    (fault,) = faults_of(hasty)
    assert fault.startswith("ted:requests_per_minute is 86: 602 requests a minute in all, expected at most 600")
    assert read({**hasty, "ted:requests_per_minute": "85"}).requests_per_minute == 85
    assert read({**hasty, "ted:source_url": "http://127.0.0.1:8080"}).requests_per_minute == 86


def test_checks_that_would_fill_a_runs_history_are_for_the_embedded_aws() -> None:
    hasty: dict[str, object] = {"initials": "nfr", "ted:poll_seconds": "39"}
    for account in ({}, {"CDK_DEFAULT_ACCOUNT": "123456789012"}):
        with pytest.raises(SettingsError, match=r"ted:poll_seconds is 39: expected 40 or more.* 25,000 events"):
            read(hasty, account)
    assert read(hasty, {"CDK_DEFAULT_ACCOUNT": "000000000000"}).poll_seconds == 39
    with pytest.raises(SettingsError):  # what is typed wins over what the credentials say
        read(
            {**hasty, "ted:account": "123456789012", "ted:region": "eu-west-1"}, {"CDK_DEFAULT_ACCOUNT": "000000000000"}
        )


def test_the_emulators_account_is_the_one_that_settings_know() -> None:
    assert launcher.ACCOUNT == EMULATED_ACCOUNT


def test_every_key_is_among_those_tried() -> None:
    tried = next(
        mark.args[1]
        for mark in test_every_key_takes_right_values_and_names_wrong_ones.pytestmark  # type: ignore[attr-defined]
    )
    assert {key for key, _, _ in tried} == set(KEYS)


@pytest.mark.parametrize(
    ("typed", "meant"), [("initals", "initials"), ("schedule", "ted:schedule"), ("stages", "stage")]
)
def test_keys_that_were_probably_ours_are_faults(typed: str, meant: str) -> None:
    assert f"{typed} is no key: did you mean {meant}?" in faults_of({"initials": "nfr", typed: "x"})


def test_keys_of_cdk_are_left_alone() -> None:
    read({"initials": "nfr", "@aws-cdk/core:x": True, "aws:cdk:enable-path-metadata": True})


PROD: dict[str, object] = {"initials": "nfr", "stage": "prod", "ted:contact": "https://example.org"}


def test_prod_keeps_its_data_and_runs_daily() -> None:
    settings = read(PROD)
    assert (settings.keeps_data, settings.has_schedule, settings.is_prod) == (True, True, True)


def test_destroying_prod_data_takes_two_agreeing_keys() -> None:
    assert "ted:destroy_data=nfr-cca-ted-prod" in faults_of({**PROD, "ted:keep_data": "false"})[0]
    assert (
        "ted:destroy_data=nfr-cca-ted-prod, not abc-cca-ted-prod"
        in faults_of({**PROD, "ted:keep_data": "false", "ted:destroy_data": "abc-cca-ted-prod"})[0]
    )
    assert "disagrees" in faults_of({**PROD, "ted:destroy_data": "nfr-cca-ted-prod"})[0]
    both: dict[str, object] = {**PROD, "ted:keep_data": "false", "ted:destroy_data": "nfr-cca-ted-prod"}
    assert read(both).keeps_data is False


def test_prod_needs_a_contact() -> None:
    assert "ted:contact is missing" in faults_of({"initials": "nfr", "stage": "prod"})[0]
    assert read({"initials": "nfr", "stage": "prod", "ted:alarm_email": "a@b.eu"}).contact == "a@b.eu"


def test_python_3_11_is_for_dev_only() -> None:
    read({"initials": "nfr", "ted:lambda_python": "3.11"})
    assert "3.11" in faults_of({**PROD, "ted:lambda_python": "3.11"})[0]


def test_account_and_region_go_together() -> None:
    assert "go together" in faults_of({"initials": "nfr", "ted:account": "123456789012"})[0]


@pytest.mark.parametrize(
    ("principal", "is_right"),
    [
        (PRINCIPAL, True),
        ("arn:aws:quicksight:us-east-1:123456789012:group/default/buyers", True),
        ("arn:aws:quicksight:us-east-1:123456789012:user/default/Admin/jane@example.org", True),
        ("arn:aws-us-gov:quicksight:us-gov-west-1:123456789012:group/team.one/data people", True),
        ("arn:aws:quicksight:eu-west-1:123456789012:namespace/default", False),  # everybody
        ("arn:aws:quicksight:eu-west-1:123456789012:user/default/*", False),
        ("arn:aws:quicksight:eu-west-1:123456789012:user/default/", False),
        ("arn:aws:quicksight:eu-west-1:123456789012:user/jane", False),
        ("arn:aws:quicksight::123456789012:user/default/jane", False),
        ("arn:aws:quicksight:eu-west-1:12345:user/default/jane", False),
        ("arn:aws:iam::123456789012:user/jane", False),
        ("arn:aws:iam::123456789012:root", False),
        ("jane@example.org", False),
    ],
)
def test_a_dashboard_is_owned_by_a_user_or_a_group_of_quicksight(principal: str, is_right: bool) -> None:
    given: dict[str, object] = {"initials": "nfr", "ted:quicksight_principal": principal}
    if is_right:
        assert read(given).quicksight_principal == principal
        return
    (fault,) = faults_of(given)
    assert fault.startswith(f"ted:quicksight_principal is {principal!r}: expected ARN of a QuickSight user or group")
    assert "aws quicksight list-users" in fault


def test_an_owner_of_another_account_is_told() -> None:
    here: dict[str, object] = {"initials": "nfr", "ted:account": "123456789012", "ted:region": "eu-central-1"}
    assert read({**here, "ted:quicksight_principal": PRINCIPAL}).quicksight_principal  # of another region: it may be
    (fault,) = faults_of({**here, "ted:quicksight_principal": PRINCIPAL.replace("123456789012", "111122223333")})
    assert fault == ("ted:quicksight_principal is of account 111122223333: expected one of ted:account=123456789012")


def test_a_mode_without_an_owner_is_told() -> None:
    (fault,) = faults_of({"initials": "nfr", "ted:quicksight_mode": "spice"})
    assert fault == "ted:quicksight_mode is set without ted:quicksight_principal: set that, too"
    assert not read({"initials": "nfr"}).has_spice


def test_a_bucket_name_that_s3_would_refuse_is_told_before() -> None:
    regional: dict[str, object] = {"initials": "a1234567", "ted:bucket_names": "account-regional"}
    longest: dict[str, object] = {**regional, **PROD, "initials": "a1234567", "ted:account": "123456789012"}
    assert read({**longest, "ted:region": "ap-southeast-7"}).bucket_names == "account-regional"
    (fault,) = faults_of({**longest, "ted:region": "eu-faraway-west-1"})
    assert fault == (
        "ted:bucket_names is 'account-regional': "
        "a1234567-cca-ted-extracted-prod-123456789012-eu-faraway-west-1-an has 65 characters, expected at most 63; "
        "take shorter initials, or ted:bucket_names=short"
    )


def test_describes_itself_as_plain_values() -> None:
    assert describe(read({"initials": "nfr"}))["initials"] == "nfr"
