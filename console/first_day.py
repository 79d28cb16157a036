"""`ted first-day`: what a person would look at after the first month is in, looked at for them."""

import json
import time
from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any

import typer
from rich.console import Console

from console.athena import QueryFailed, ask
from console.checks import Finding, State, look, tell
from console.dead_letters import DeadLetters
from console.phrases import counted
from console.target import Initials, Local, Real, Stage, Target, asking
from runtime.buckets import aws_errors
from runtime.merge.publish import run_of
from runtime.schema import PARTITION, TABLES
from runtime.schema.tables import PACKAGES
from runtime.schema.views import VIEWS, saved_queries

_MERGE_FIRST = "bring a month in first: ted run --year 2019 --month 3"
_DEPLOY = "deploy again: npx cdk deploy --all"
# What S3 sends when a notification is set up: process_extractions takes it and does nothing.
_HARMLESS = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "ted first-day"}


def first_day(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Look at an instance after its first month: logs, views, queries, alarms, mail, dead letters.

    Prints one table to paste into an issue. Sends one harmless message by way of the dead letters of the extractions,
    whose alarm mails for it.

    \b
    Examples:
      AWS_PROFILE=mine ted first-day --aws --initials nfr
      ted first-day --json

    Ends with 1 when something is not as it should be.
    """
    with asking(local, initials, stage, real) as target, Console(stderr=True).status(f"looking at {target.title}"):
        findings = list(look(target, [(what, partial(check, target)) for what, check in CHECKS]))
    tell(target.title, findings, as_json=as_json)


def logs(target: Target) -> Iterator[Finding]:
    """Whether the merge job wrote to both of its log groups."""
    client = target.session.client("logs")
    for stream in ("error", "output"):
        group = f"/aws-glue/jobs/{target.names.merge_job}/{stream}"
        with aws_errors(f"look at log group {group}"):
            found = client.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True, limit=5)
        newest = max((each.get("lastEventTimestamp", 0) for each in found["logStreams"]), default=0)
        what = f"log group {group}"
        if newest:
            yield Finding(what, "ok", f"has lines, the newest of {_moment(newest / 1000)}")
        elif target.aws:
            yield Finding(what, "not known here", "the embedded AWS keeps the log of a job in a file")
        else:
            yield Finding(what, "wrong", "no line", "look at the runs of the merge job in the Glue console")


def partitions(target: Target) -> Iterator[Finding]:
    """Whether a year is published, and the same run of it in all tables."""
    newest = _newest_year(target)
    if newest is None:
        yield Finding("first partition", "wrong", f"{PACKAGES.name} has none", _MERGE_FIRST)
        return
    client = target.session.client("glue")
    runs = {}
    for table in TABLES:
        with aws_errors(f"get partition {newest} of {table.name}"):
            found: Any = client.get_partitions(
                DatabaseName=target.names.database, TableName=table.name, Expression=f"year = {newest}"
            )["Partitions"]
        runs[table.name] = run_of(found[0]["StorageDescriptor"]["Location"]) if found else "no run"
    if len(set(runs.values())) == 1:
        yield Finding("first partition", "ok", f"year {newest} of all {len(runs)} tables is run {runs[PACKAGES.name]}")
    else:
        seen = ", ".join(f"{table} {run}" for table, run in sorted(runs.items()))
        advice = f"point them at one run again: ted republish --year {newest}"
        yield Finding("first partition", "wrong", f"year {newest} is of several runs: {seen}", advice)


def views(target: Target) -> Iterator[Finding]:
    """Whether the views answer."""
    newest = _newest_year(target)
    for view in VIEWS:
        where = f" WHERE year = {newest}" if newest and PARTITION in view else ""
        yield _answer(target, f"view {view.name}", f'SELECT * FROM "{view.name}"{where} LIMIT 1')  # noqa: S608 our own


def queries(target: Target) -> Iterator[Finding]:
    """Whether the workgroup has every saved query, and each answers."""
    client, group = target.session.client("athena"), target.names.workgroup
    with aws_errors(f"list the saved queries of workgroup {group}"):
        pages = client.get_paginator("list_named_queries").paginate(WorkGroup=group)
        numbers = [number for page in pages for number in page["NamedQueryIds"]]
        kept = {
            query["Name"]: query["QueryString"]
            for query in (client.get_named_query(NamedQueryId=number)["NamedQuery"] for number in numbers)
        }
    for query in saved_queries():
        what = f"query {query.title}"
        if query.title in kept:
            yield _answer(target, what, kept[query.title])
        else:
            yield Finding(what, "wrong", f"workgroup {group} does not have it", _DEPLOY)


def alarms(target: Target) -> Iterator[Finding]:
    """Whether the alarms are in OK."""
    client, prefix = target.session.client("cloudwatch"), f"{target.names.instance}-"
    with aws_errors("describe the alarms"):
        pages = client.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
        found = {each["AlarmName"]: each["StateValue"] for page in pages for each in page["MetricAlarms"]}
    by_state: dict[str, list[str]] = {}
    for name, value in sorted(found.items()):
        by_state.setdefault(value, []).append(name.removeprefix(prefix))
    if not found:
        yield Finding("alarms", "wrong", "there are none", _DEPLOY)
    if well := by_state.get("OK"):
        yield Finding("alarms", "ok", f"{len(well)} of {len(found)} are in OK")
    if raised := by_state.get("ALARM"):
        yield Finding("alarms raised", "wrong", ", ".join(raised), "each says in its description what to look at")
    if unjudged := by_state.get("INSUFFICIENT_DATA"):
        state: State = "not known here" if target.aws else "wrong"
        advice = "" if target.aws else "an alarm is judged some minutes after it was made: look again"
        yield Finding("alarms not judged", state, ", ".join(unjudged), advice)


def mail(target: Target) -> Iterator[Finding]:
    """Whether somebody confirmed the mail that the topic sends to."""
    topic = _output(target, "pipeline", "TopicArn")
    client = target.session.client("sns")
    with aws_errors(f"list the subscriptions of {topic}"):
        pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        found = {each["Endpoint"]: each["SubscriptionArn"] for page in pages for each in page["Subscriptions"]}
    if not found:
        advice = "deploy with -c ted:alarm_email=you@example.org, or subscribe something else to the topic"
        yield Finding("mail of the topic", "wrong", "nobody is told of runs and alarms", advice)
    for endpoint, arn in sorted(found.items()):
        if arn.startswith("arn:"):
            yield Finding("mail of the topic", "ok", f"{endpoint} is confirmed")
        else:
            advice = "click the link in the mail from AWS Notifications; look among unwanted mail, too"
            yield Finding("mail of the topic", "wrong", f"{endpoint} is not confirmed", advice)


def dead_letter(target: Target) -> Iterator[Finding]:
    """Whether SQS moves a dead letter back to its queue; nothing is sent where others wait there."""
    what, queue, body = "dead letter", DeadLetters.of(target, "extractions"), json.dumps(_HARMLESS)
    if waiting := queue.count():
        advice = "see why: ted failures; then: ted redrive extractions"
        yield Finding(what, "wrong", f"{waiting} already wait in {queue.dead_name}", advice)
        return
    with aws_errors(f"move a dead letter of {queue.name}"):
        queue.client.send_message(QueueUrl=queue.url(queue.dead_name), MessageBody=body)
    try:
        moved = queue.move_all()
    except Exception:
        queue.remove(lambda letter: letter.body == body)
        raise
    if moved:
        yield Finding(what, "ok", f"{moved} moved from {queue.dead_name} back to {queue.name}")
    else:
        yield Finding(what, "wrong", "nothing was moved", f"look at {queue.dead_name} in the SQS console")


def _answer(target: Target, what: str, sql: str) -> Finding:
    try:
        answer = ask(target.session, target.names, sql)
    except QueryFailed as error:
        return Finding(what, "wrong", " ".join(error.message.split())[:300], "run it in the Athena console")
    return Finding(what, "ok", f"answers, {counted(len(answer.rows), 'row')}, {answer.scanned_bytes:,} bytes read")


def _newest_year(target: Target) -> int | None:
    client = target.session.client("glue")
    with aws_errors(f"list the partitions of {PACKAGES.name}"):
        pages = client.get_paginator("get_partitions").paginate(
            DatabaseName=target.names.database, TableName=PACKAGES.name
        )
        return max((int(each["Values"][0]) for page in pages for each in page["Partitions"]), default=None)


def _output(target: Target, part: str, name: str) -> str:
    stack = target.names.of(part)
    with aws_errors(f"describe stack {stack}"):
        (found,) = target.session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}[name]


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


# The dead letter last: its alarm would be among those raised.
CHECKS = (
    ("logs of the merge", logs),
    ("first partition", partitions),
    ("views", views),
    ("saved queries", queries),
    ("alarms", alarms),
    ("mail of the topic", mail),
    ("dead letter", dead_letter),
)
