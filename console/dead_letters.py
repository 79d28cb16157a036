"""`ted failures`, `ted redrive`, `ted purge`: what was given up, why, and the two ways out of a dead-letter queue."""

import datetime as dt
import enum
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from console.buckets import find_buckets
from console.phrases import as_typed, counted
from console.status import may_pass
from console.target import COULD_NOT, FOUND_WANTING, Initials, Local, Real, Stage, Target, asking
from runtime.buckets import Bucket, aws_errors
from runtime.errors import ConfigError, TerminalError
from runtime.extract import jobs
from runtime.failures import read_failures
from runtime.keys import FAILURE_PREFIX, PackageId
from runtime.queues import BATCH
from runtime.transfer import service

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_LOOKED_AT = 1000  # messages that a look takes at most
_LOOK_SECONDS = 120  # that a message which is looked at is hidden from others
_MOVE_SECONDS = 600
_STEPS = {"transfers": "transfer", "extractions": "extract"}
_WORKERS = {"transfers": "process-transfers", "extractions": "process-extractions"}


class Work(enum.StrEnum):
    """The two queues, by what they hold."""

    transfers = "transfers"
    extractions = "extractions"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of a dead-letter queue: whole, and the packages that it names; none where it cannot be read."""

    body: str
    receipt: str
    sent_at: dt.datetime
    packages: tuple[PackageId, ...]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """A work queue, and the one that its dead letters go to."""

    client: "SQSClient"
    work: str
    name: str

    @classmethod
    def of(cls, target: Target, work: str) -> "DeadLetters":
        return cls(target.session.client("sqs"), work, target.names.queue(work))

    @property
    def dead_name(self) -> str:
        return f"{self.name}_dlq"

    def url(self, name: str) -> str:
        with aws_errors(f"find queue {name}"):
            return self.client.get_queue_url(QueueName=name)["QueueUrl"]

    def _arn(self, name: str) -> str:
        with aws_errors(f"look at queue {name}"):
            answer = self.client.get_queue_attributes(QueueUrl=self.url(name), AttributeNames=["QueueArn"])
        return answer["Attributes"]["QueueArn"]

    def count(self) -> int:
        """Messages that wait or are being looked at; SQS counts them approximately."""
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        with aws_errors(f"look at queue {self.dead_name}"):
            url = self.url(self.dead_name)
            found = self.client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(map(int, found.values()))

    def look(self) -> list[Letter]:
        """Read up to 1,000 messages and leave them where they are, oldest first."""
        letters = list(self._receive())
        self._put_back(letters)
        return sorted(letters, key=lambda letter: letter.sent_at)

    def _receive(self) -> Iterator[Letter]:
        url, expected, found = self.url(self.dead_name), self.count(), 0
        while found < _LOOKED_AT:
            # A call that waits asks all of SQS's machines, one that does not may miss messages.
            seconds = 1 if found < expected else 0
            with aws_errors(f"look at queue {self.dead_name}"):
                messages = self.client.receive_message(
                    QueueUrl=url, MaxNumberOfMessages=BATCH, VisibilityTimeout=_LOOK_SECONDS, WaitTimeSeconds=seconds,
                    MessageSystemAttributeNames=["SentTimestamp"],
                ).get("Messages", [])  # fmt: skip
            if not messages:
                return
            found += len(messages)
            yield from map(self._letter, messages)

    def _letter(self, message: "MessageTypeDef") -> Letter:
        body, fault = message["Body"], ""
        packages: tuple[PackageId, ...] = ()
        try:
            packages = self._packages(body)
        except (ConfigError, ValueError) as error:
            fault = str(error)
        sent = int(message.get("Attributes", {}).get("SentTimestamp", "0")) / 1000
        return Letter(body, message["ReceiptHandle"], dt.datetime.fromtimestamp(sent, dt.UTC), packages, fault)

    def _packages(self, body: str) -> tuple[PackageId, ...]:
        if self.work == Work.transfers:
            return (service.read_message(body)[0],)
        return tuple(jobs.read_message(json.loads(body))[0])

    def _put_back(self, letters: Sequence[Letter]) -> None:
        url = self.url(self.dead_name)
        for letter in letters:
            with aws_errors(f"put back a message of {self.dead_name}"):
                self.client.change_message_visibility(QueueUrl=url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)

    def move_all(self, *, pause: Callable[[float], None] = time.sleep) -> int:
        """Move all messages back to the work queue by SQS's own redrive, and wait for its end.

        Returns
        -------
        how many were moved

        Raises
        ------
        TerminalError
            SQS gave up; the rest stays where it was.
        """
        arn = self._arn(self.dead_name)
        with aws_errors(f"redrive {self.dead_name}"):
            # Named, since SQS does not know where a message came from that it did not move there itself.
            self.client.start_message_move_task(SourceArn=arn, DestinationArn=self._arn(self.name))
        for _ in range(_MOVE_SECONDS):
            with aws_errors(f"look at the redrive of {self.dead_name}"):
                (task,) = self.client.list_message_move_tasks(SourceArn=arn, MaxResults=1)["Results"]
            if task["Status"] not in ("RUNNING", "CANCELLING"):
                break
            pause(1)
        moved = int(task.get("ApproximateNumberOfMessagesMoved", 0))
        if task["Status"] != "COMPLETED":
            how = f"{task['Status'].lower()} after {counted(moved, 'message')}"
            reason = task.get("FailureReason", "it gave no reason")
            raise TerminalError(f"the redrive of {self.dead_name} {how}: {reason}")
        return moved

    def move(self, is_meant: Callable[[Letter], bool]) -> list[Letter]:
        """Move some messages back to the work queue, one by one: SQS's own redrive takes all."""
        return self._take(is_meant, self._send)

    def remove(self, is_meant: Callable[[Letter], bool]) -> list[Letter]:
        """Remove some messages for good."""
        return self._take(is_meant, lambda _: None)

    def _take(self, is_meant: Callable[[Letter], bool], first: Callable[[Letter], None]) -> list[Letter]:
        letters = list(self._receive())
        taken = [letter for letter in letters if is_meant(letter)]
        for letter in taken:
            # Sent before it is deleted: at worst it is there twice, and the workers are idempotent.
            first(letter)
            with aws_errors(f"delete a message of {self.dead_name}"):
                self.client.delete_message(QueueUrl=self.url(self.dead_name), ReceiptHandle=letter.receipt)
        self._put_back([letter for letter in letters if letter not in taken])
        return taken

    def _send(self, letter: Letter) -> None:
        with aws_errors(f"send to {self.name}"):
            self.client.send_message(QueueUrl=self.url(self.name), MessageBody=letter.body)


@dataclass(frozen=True, slots=True)
class Dead:
    """What was given up: a package at a step, or a message that names none.

    `is_waiting` says that a message of it lies among the dead letters; `advice` is what to do.
    """

    step: str
    package_id: str | None
    error: str
    reason: str
    attempts: int | None
    since: str
    is_waiting: bool
    advice: str


def find_dead(raw: Bucket, extracted: Bucket, queues: Sequence[DeadLetters]) -> list[Dead]:
    """Put together the notes of both buckets and the messages of both dead-letter queues, packages ascending."""
    found: list[Dead] = []
    for bucket, queue in zip((raw, extracted), queues, strict=True):
        letters, step = queue.look(), _STEPS[queue.work]
        waiting = {package: letter for letter in letters for package in letter.packages}
        notes = {p: note for p, note in read_failures(bucket, _noted_years(bucket)).items() if note.stage == step}
        for package in sorted({*notes, *waiting}):
            note, is_waiting = notes.get(package), package in waiting
            if note is None:
                reason = "no note says why: its worker was stopped, or ran out of time or memory"
                since, letter_advice = waiting[package].sent_at, f"ted logs {_WORKERS[queue.work]}"
                advice = f"look: {letter_advice}; then: ted redrive {queue.work} --package {package}"
                found.append(Dead(step, str(package), "", reason, None, _moment(since), is_waiting, advice))
                continue
            advice = _advice(queue.work, str(package), note.error, is_waiting=is_waiting)
            found.append(
                Dead(step, str(package), note.error, note.message, note.attempts, note.failed_at, is_waiting, advice)
            )
        found += [
            Dead(
                step, None, "ConfigError", letter.fault, None, _moment(letter.sent_at), True,
                f"nobody can work on it; see who sent it, and remove it: ted purge {queue.work} --unreadable",
            )
            for letter in letters if letter.fault
        ]  # fmt: skip
    return found


def _advice(work: str, package: str, error: str, *, is_waiting: bool) -> str:
    if error in may_pass():
        again = f"ted redrive {work} --package {package}" if is_waiting else f"ted run {package}"
        return f"it may pass: {again}"
    if error in _OF_THE_SOURCE:
        return f"it fails the same way until TED replaces it; then: ted run {package} --refresh"
    return f"look: ted logs {_WORKERS[work]}; when the fault is mended: ted run {package}"


# What is wrong with the bytes that TED sent, by the names of the errors.
_OF_THE_SOURCE = frozenset(("BadArchive", "TruncatedArchive", "WrongPackage", "UnexpectedAnswer"))


def _noted_years(bucket: Bucket) -> list[int]:
    names = [folder.removeprefix(f"{FAILURE_PREFIX}year=").rstrip("/") for folder in bucket.folders(FAILURE_PREFIX)]
    return [int(name) for name in names if name.isascii() and name.isdigit()]


def failures(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """List what was given up: packages and messages, at which step, why, after how many attempts, and what to do.

    \b
    Examples:
      ted failures
      AWS_PROFILE=mine ted failures --aws --initials nfr --json

    Looks at the notes that the workers leave, and at the dead letters, which stay where they are. Ends with 1 where
    there is anything.
    """
    with asking(local, initials, stage, real) as target, Console(stderr=True).status(f"looking at {target.title}"):
        buckets = find_buckets(target.session, target.names)
        found = find_dead(buckets.raw, buckets.extracted, [DeadLetters.of(target, work) for work in Work])
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], indent=1))
    else:
        said = Console(highlight=False, soft_wrap=True, markup=False)
        if not found:
            said.print(f"{target.title}: nothing was given up")
        for each in found:
            tries = f" after {counted(each.attempts, 'attempt')}" if each.attempts else ""
            since = dt.datetime.fromisoformat(each.since).astimezone(dt.UTC)
            said.print(f"{each.package_id or 'a message'}  {each.step}, given up{tries}, {since:%Y-%m-%d %H:%M} UTC")
            said.print(f"  {': '.join(filter(None, (each.error, each.reason)))}")
            said.print(f"  {'its message waits' if each.is_waiting else 'no message waits'}; {as_typed(each.advice)}")
    raise typer.Exit(FOUND_WANTING if found else 0)


_Work = Annotated[Work, typer.Argument(help="Whose dead letters.")]


def redrive(
    work: _Work,
    package: Annotated[
        list[str] | None, typer.Option(help="Only these packages' messages; repeatable.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Move dead letters back to their queue, where they are tried again.

    \b
    Examples:
      ted redrive transfers
      ted redrive extractions --package 20190301_2019043
      AWS_PROFILE=mine ted redrive --aws --initials nfr transfers

    Moves all by SQS's own redrive, or one by one where packages are named. Ends with 1 where one of these has no
    message there.
    """
    with asking(local, initials, stage, real, "stopped; what was not moved is still there") as target:
        wanted = {PackageId.parse(text) for text in package or ()}
        queue = DeadLetters.of(target, work)
        if wanted:
            moved = queue.move(lambda letter: bool(wanted.intersection(letter.packages)))
            count, came = len(moved), {each for letter in moved for each in letter.packages}
        else:
            count, came = queue.move_all() if queue.count() else 0, set()
    absent = sorted(map(str, wanted - came))
    if as_json:
        typer.echo(json.dumps({"queue": queue.name, "moved": count, "absent": absent}))
    else:
        typer.echo(f"{counted(count, 'message')} moved from {queue.dead_name} back to {queue.name}")
        if count:
            _hint("What comes of it: ted status, ted failures")
        for each in absent:
            typer.echo(as_typed(f"no message of {each} is there; start it anew: ted run {each}"), err=True)
    raise typer.Exit(FOUND_WANTING if absent else 0)


def purge(
    work: _Work,
    unreadable: Annotated[
        bool, typer.Option("--unreadable", help="Only messages that name no package, which nobody can work on.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; needs --yes.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Remove dead letters for good, after a question.

    \b
    Examples:
      ted purge transfers --unreadable
      AWS_PROFILE=mine ted purge --aws --initials nfr extractions --yes

    Nothing is lost by it but the messages: a package that is missing stays missing in `ted status` until it is brought
    in.
    """
    with asking(local, initials, stage, real, "stopped; what was not removed is still there") as target:
        if as_json and not yes:
            raise ConfigError("--json asks nothing, so say --yes, too")
        queue = DeadLetters.of(target, work)
        letters = [letter for letter in queue.look() if letter.fault or not unreadable]
        bodies = {letter.body for letter in letters}
        if letters and not yes:
            _ask(queue, letters, target)
        # Only what was seen: what has come meanwhile was not asked about.
        removed = queue.remove(lambda letter: letter.body in bodies) if letters else []
    if as_json:
        typer.echo(json.dumps({"queue": queue.dead_name, "removed": len(removed)}))
    else:
        typer.echo(f"{counted(len(removed), 'message')} removed from {queue.dead_name}")


def _ask(queue: DeadLetters, letters: Sequence[Letter], target: Target) -> None:
    for letter in letters[:10]:
        typer.echo(f"  {', '.join(map(str, letter.packages)) or letter.body[:100]}", err=True)
    if len(letters) > 10:
        typer.echo(f"  and {len(letters) - 10:,} more", err=True)
    what = f"Remove {counted(len(letters), 'message')} from {queue.dead_name} of {target.title} for good?"
    if not typer.confirm(what, err=True):
        typer.echo("nothing was removed", err=True)
        raise typer.Exit(COULD_NOT)


def _hint(text: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(as_typed(text))


def _moment(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).isoformat(timespec="seconds")
