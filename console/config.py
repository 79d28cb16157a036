"""`ted config`: the settings in force, and where each comes from."""

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from console.instances import LocalInstance, find_instance
from console.paths import PROJECT, cache_folder
from console.target import Initials, Local, Real, Stage, told
from runtime.errors import ConfigError
from stacks.names import Names
from stacks.settings import EMULATED_ACCOUNT, KEYS, LOCAL_FILE, PREFIX, Settings, SettingsError, read_settings

Context = Annotated[
    list[str] | None,
    typer.Option("--context", "-c", help="What cdk deploy is given, as in ted:bucket_names=short; repeatable."),
]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its key as it is given, its value as it is in force, and where that comes from."""

    key: str
    value: Any
    origin: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The settings of an instance, and where each was given; a key that is in no place has its default."""

    settings: Settings
    origins: Mapping[str, str]

    def listed(self) -> list[Setting]:
        """All settings in the order of docs/settings.md."""
        found = [
            Setting("initials", self.settings.initials, self.origins["initials"]),
            Setting("stage", self.settings.stage, self.origins["stage"]),
        ]
        plain = {each.name: each.default for each in dataclasses.fields(Settings)}
        for key, (field, _) in KEYS.items():
            if hasattr(self.settings, field):
                value = getattr(self.settings, field)
                of_stage = f" of {self.settings.stage}" if field != "contact" and value != plain[field] else ""
                found.append(Setting(PREFIX + key, value, self.origins.get(PREFIX + key, f"default{of_stage}")))
        return found


def choose(names: Names, given: Sequence[str], instance: LocalInstance | None = None) -> Chosen:
    """The settings that `cdk deploy` would read in this folder, or that an instance on this machine was deployed with.

    Parameters
    ----------
    given : context keys of the command line, as in ted:bucket_names=short
    instance : the one on this machine, if it is one

    Raises
    ------
    ConfigError
        They are wrong; all faults are named.
    """
    wrong = [pair for pair in given if "=" not in pair]
    if wrong:
        raise ConfigError(f"--context is {wrong[0]!r}: expected key=value, as in ted:bucket_names=short")
    # From the weakest to the strongest, as `read_settings` takes them.
    places: list[tuple[str, Mapping[str, Any]]] = [
        (LOCAL_FILE.name, _read(PROJECT / LOCAL_FILE)),
        ("cdk.json", _read(PROJECT / "cdk.json").get("context", {})),
    ]
    if instance:
        from console.local import local_context

        context = local_context(instance.initials, instance.publisher_url)
        places.append(("ted local up", context))
    places.append(("--context", dict(pair.split("=", 1) for pair in given)))
    given_at = {key: value for _, place in places for key, value in place.items()}
    context = given_at | {"initials": names.initials, "stage": names.stage}
    if names.stage == "prod" and f"{PREFIX}contact" not in context:
        context[f"{PREFIX}contact"] = "doctor"  # whom TED sees does not matter here
    try:
        emulated = {"CDK_DEFAULT_ACCOUNT": EMULATED_ACCOUNT} if instance else {}
        settings = read_settings(context, environment={**os.environ, **emulated}, local_file=PROJECT / LOCAL_FILE)
    except SettingsError as error:
        raise ConfigError(str(error)) from error
    origins = {key: place for place, values in places for key in values}
    by_name = f"instance {instance.name}" if instance else ""
    in_variable = os.environ.get("CCA_TED_INITIALS") == names.initials
    in_file = origins.get("initials") if given_at.get("initials") == names.initials else None
    origins["initials"] = by_name or ("CCA_TED_INITIALS" if in_variable else in_file or "--initials")
    origins["stage"] = by_name or ("default" if names.stage == "dev" else "--stage")
    return Chosen(settings, origins)


def _read(path: Any) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}. Mend it, or remove it") from error
    return found if isinstance(found, dict) else {}


def machine() -> list[Setting]:
    """What this machine's environment adds: whose account, which region, where things are kept."""
    import botocore.session

    session = botocore.session.Session()
    profile, region = session.get_config_variable("profile"), os.environ.get("AWS_REGION")
    by_profile = f"profile {profile or 'default'}"
    region_from = (
        "AWS_REGION" if region else "AWS_DEFAULT_REGION" if os.environ.get("AWS_DEFAULT_REGION") else by_profile
    )
    if not region:
        try:
            region = session.get_config_variable("region")
        except Exception as error:
            region_from = str(error)
    cache_from = "CCA_TED_CACHE" if "CCA_TED_CACHE" in os.environ else "default"
    return [
        Setting("AWS profile", profile or "default", "AWS_PROFILE" if os.environ.get("AWS_PROFILE") else "default"),
        Setting("AWS region", region, region_from if region else "nowhere"),
        Setting("cache", str(cache_folder()), cache_from),
    ]


def config(
    context: Context = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Show the settings in force and where each comes from. AWS is not asked.

    \b
    Examples:
      ted config
      ted config --aws --initials nfr --stage prod -c ted:schedule=off

    Of an instance on this machine they are what it was deployed with; of one in AWS what cdk deploy, run in this
    folder with the same keys, would deploy. docs/settings.md says what each is.
    """
    with told():
        instance = None if real else find_instance(local, initials)
        if local and not instance:
            raise ConfigError(f"no instance is called {local!r} on this machine. Start it: ted local up --name {local}")
        names = instance.names if instance else Names(initials or _initials(), stage)
        chosen = choose(names, context or (), instance).listed()
        around = [] if instance else machine()
    if as_json:
        settings, environment = ([dataclasses.asdict(each) for each in some] for some in (chosen, around))
        typer.echo(json.dumps({"instance": names.instance, "settings": settings, "machine": environment}, indent=1))
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for part in filter(None, (chosen, around)):
        _show(part, console)


def _initials() -> str:
    found = os.environ.get("CCA_TED_INITIALS") or _read(PROJECT / LOCAL_FILE).get("initials")
    if not found:
        raise ConfigError(
            "no instance runs on this machine, and no initials were given. Name one: ted config --initials nfr"
        )
    return str(found)


def _show(settings: Sequence[Setting], console: Console) -> None:
    rows = [(each.key, _typed(each.value), each.origin) for each in settings]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for key, value, origin in rows:
        style = "dim" if origin.startswith("default") else "bold"
        console.print(Text(f"{key.ljust(widths[0])}  {value.ljust(min(widths[1], 32))}  ", style=style) + Text(origin))


def _typed(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
