"""What ministack lacks and this project needs, put right from outside.

Every mend checks the place that it hooks into and raises ConfigError when the package is not what it expects: a mend
that does nothing would make a broken pipeline look healthy.
"""

from pathlib import Path

from console.aws.mends import (
    athena,
    athena_catalog,
    bucket_names,
    bucket_owner,
    bucket_tags,
    glue_catalog,
    glue_jobs,
    glue_versions,
    guard,
    iam,
    iam_resources,
    lambda_errors,
    lambda_layers,
    redrive,
    resource_types,
    step_functions,
)


def apply(folder: Path, trino_port: int | None = None) -> None:
    """Mend the ministack of this process, before it serves.

    Parameters
    ----------
    folder : holds logs of jobs and copies of objects
    trino_port : of the Trino server that answers Athena's queries; None for DuckDB

    Raises
    ------
    ConfigError
        The installed ministack is not the one that the mends are made for.
    """
    guard.check_version()
    lambda_errors.apply()
    lambda_layers.apply(folder / "layers")
    glue_catalog.apply()
    glue_versions.apply()
    glue_jobs.apply(folder / "glue")
    step_functions.apply()
    iam.apply(folder / "iam-calls.jsonl")
    iam_resources.apply()
    bucket_tags.apply()
    bucket_names.apply()
    bucket_owner.apply()
    redrive.apply()
    resource_types.apply()
    athena_catalog.apply()
    athena.apply(folder / "athena", trino_port)
