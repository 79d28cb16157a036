import pickle

from runtime.errors import ConfigError, TerminalError, TransientError


def test_errors_keep_message_and_attributes_through_pickling() -> None:
    for kind in (TransientError, TerminalError, ConfigError):
        copy = pickle.loads(pickle.dumps(kind("what came", package="20190301_2019043", got=3)))  # noqa: S301
        assert type(copy) is kind
        assert (copy.message, copy.attributes) == ("what came", {"package": "20190301_2019043", "got": 3})


def test_lists_all_faults_and_the_advice_in_one_error() -> None:
    error = ConfigError.of(["year is 'x'", "month is 13"], "call it like this")
    assert str(error) == "\n  - year is 'x'\n  - month is 13\ncall it like this"
    assert str(ConfigError.of(["year is 'x'"])) == "year is 'x'"


def test_says_itself_as_json_ready_values() -> None:
    assert TerminalError("no", member="a.xml").as_dict() == {
        "error": "TerminalError",
        "message": "no",
        "member": "a.xml",
    }
