"""The instances on this machine, as their files tell."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from console.aws.launcher import EmbeddedAws, Sql
from console.paths import cache_folder
from runtime.errors import ConfigError
from stacks.names import Names


@dataclass(frozen=True)
class LocalInstance:
    """What is known of an instance on this machine, kept in a file."""

    name: str
    initials: str
    stage: str
    endpoint: str
    pid: int
    folder: str
    publisher_url: str
    publisher_pid: int
    years: list[int]
    packages: str
    sql: Sql = "duckdb"

    @property
    def aws(self) -> EmbeddedAws:
        """The embedded AWS that it runs in."""
        return EmbeddedAws(self.endpoint, self.pid, Path(self.folder))

    @property
    def names(self) -> Names:
        """Names of its parts."""
        return Names(self.initials, self.stage)

    @classmethod
    def read(cls, name: str) -> "LocalInstance | None":
        """Read the file of an instance; None where there is none."""
        file = file_of(name)
        return cls(**json.loads(file.read_text())) if file.exists() else None

    def write(self) -> None:
        """Write the file; it appears whole or not at all."""
        file = file_of(self.name)
        part = file.with_suffix(".part")
        part.write_text(json.dumps(asdict(self), indent=2))
        part.replace(file)


def shown_variables(aws: EmbeddedAws) -> dict[str, str]:
    """The variables that a person sets for a tool to reach an embedded AWS."""
    # boto3 reads AWS_DEFAULT_REGION alone, the other SDKs read AWS_REGION.
    wanted = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION")
    return {name: value for name, value in aws.environment().items() if name in wanted}


def home() -> Path:
    """Folder of the instances: a file and a folder each."""
    return cache_folder() / "local"


def file_of(name: str) -> Path:
    """File of an instance."""
    return home() / f"{name}.json"


def local_instances() -> list[LocalInstance]:
    """The instances that were brought up on this machine and not taken down, by name."""
    files = sorted(home().glob("*.json"))
    return [LocalInstance(**json.loads(file.read_text())) for file in files]


def find_instance(name: str | None = None, initials: str | None = None) -> LocalInstance | None:
    """The running instance of that name or those initials; None where none was brought up.

    Raises
    ------
    ConfigError
        Several run that fit, or the only ones that fit have ended.
    """
    fit = [each for each in local_instances() if name in (None, each.name) and initials in (None, each.initials)]
    running = [each for each in fit if each.aws.alive()]
    if len(running) > 1:
        names = ", ".join(each.name for each in running)
        raise ConfigError(f"expected one instance, got {names}; name one: --local {running[0].name}")
    if fit and not running:
        raise ConfigError(
            f"the embedded AWS of {fit[0].name} has ended. Take it up again: ted local up --name {fit[0].name}"
        )
    return running[0] if running else None
