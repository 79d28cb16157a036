"""Names of what exists in AWS. People type them, so they are spelled here and nowhere else."""

from dataclasses import dataclass

PROJECT = "cca-ted"
BUCKET_LENGTH = 63  # the longest name that S3 takes


def account_regional(prefix: str, account: str, region: str) -> str:
    """Name that S3 gives a bucket in the namespace of one account and region.

    Source: Amazon S3 User Guide, "Namespaces for general purpose buckets".
    """
    return f"{prefix}-{account}-{region}-an"


@dataclass(frozen=True, slots=True)
class Names:
    """Names of one instance: that of `initials` at `stage`.

    Those of buckets are whole with ted:bucket_names=short; else S3 adds to them as `account_regional` does, and the
    storage stack's outputs have them whole.
    """

    initials: str
    stage: str

    def of(self, thing: str) -> str:
        """Name with hyphens: functions, state machine, Glue job, buckets."""
        return f"{self.initials}-{PROJECT}-{thing}-{self.stage}"

    def queue(self, thing: str) -> str:
        """Name of a queue; its dead-letter queue has `_dlq` after it."""
        return f"{self.initials}_cca_ted_{thing}_{self.stage}"

    @property
    def instance(self) -> str:
        """Name of the instance as a whole; the Athena workgroup has it, too."""
        return f"{self.initials}-{PROJECT}-{self.stage}"

    @property
    def workgroup(self) -> str:
        return self.instance

    def budget(self, region: str) -> str:
        """Name of the budget: unique in an account, where instances may be in several regions."""
        return f"{self.instance}-{region}"

    @property
    def raw_bucket(self) -> str:
        return self.of("raw")

    @property
    def extracted_bucket(self) -> str:
        return self.of("extracted")

    @property
    def athena_bucket(self) -> str:
        return self.of("athena")

    @property
    def logs_bucket(self) -> str:
        return self.of("logs")

    @property
    def buckets(self) -> tuple[str, ...]:
        """All buckets of the instance."""
        return self.raw_bucket, self.extracted_bucket, self.athena_bucket, self.logs_bucket

    @property
    def database(self) -> str:
        return f"{self.initials}_cca_ted_{self.stage}"

    @property
    def sandbox_database(self) -> str:
        return f"{self.database}_sandbox"

    @property
    def sandbox_workgroup(self) -> str:
        return self.of("sandbox")

    @property
    def merge_job(self) -> str:
        return self.of("merge")

    @property
    def state_machine(self) -> str:
        return self.of("pipeline")
