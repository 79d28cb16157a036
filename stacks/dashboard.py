"""The dashboard: an operator's questions in the order in which they are asked.

Are we complete, is something stuck, what did it cost. docs/dashboard.md is its picture.
"""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cw
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.functions import NAMESPACE, TedFunction
from stacks.ingest import Ingest
from stacks.pipeline import Pipeline
from stacks.settings import Architecture, Settings
from stacks.storage import Storage

HOUR = cdk.Duration.hours(1)
DAY = cdk.Duration.days(1)
# List prices in USD. Source: docs/cost.md, "Prices", which a test compares.
GB_SECOND: Mapping[Architecture, float] = {"arm64": 0.0000133334, "x86_64": 0.0000166667}
REQUEST = 0.0000002
DPU_HOUR = 0.44
GB_MONTH = 0.023
TB_READ = 5.00
MILLION_MESSAGES = 0.40
ALARM_METRIC = 0.10
DASHBOARD = 3.00
KEY = 1.00
_DAYS = 30.4  # of a month


def counted(made: TedFunction, name: str, *, statistic: str = "Sum", period: cdk.Duration = HOUR) -> cw.Metric:
    """A metric that one of our functions logs; the service keeps instances in one account apart."""
    return cw.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": made.service},
        period=period,
        statistic=statistic,
    )


def add_dashboard(
    scope: Construct,
    *,
    settings: Settings,
    storage: Storage,
    ingest: Ingest,
    pipeline: Pipeline,
    alarms: Sequence[cw.Alarm],
) -> None:
    """Make the dashboard of an instance.

    Parameters
    ----------
    alarms : all that there are
    """
    functions = [*ingest.functions, pipeline.check_progress, pipeline.reconcile]
    board = cw.Dashboard(
        scope,
        "Dashboard",
        dashboard_name=settings.names.instance,
        default_interval=cdk.Duration.days(2),
        period_override=cw.PeriodOverride.AUTO,
    )
    board.add_widgets(
        _question("Are we complete?", "What is missing, and why: `ted status`. What a run said: `ted runs`.")
    )
    board.add_widgets(*_complete(ingest, pipeline))
    board.add_widgets(
        _question("Is something stuck?", "What was given up: `ted failures`. Each alarm's way out: docs/runbook.md.")
    )
    board.add_widgets(cw.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=24, height=5))
    board.add_widgets(*_stuck(ingest, functions))
    board.add_widgets(*_busy(functions))
    board.add_widgets(
        _question(
            "What did it cost?",
            "An estimate: list prices × metrics, without requests to S3, logs and free tiers (docs/cost.md). The bill "
            "is in Cost Explorer, by the tag `instance`.",
        )
    )
    board.add_widgets(*_cost(settings, storage, ingest, functions, len(alarms)))


def _complete(ingest: Ingest, pipeline: Pipeline) -> list[cw.IWidget]:
    machine = pipeline.state_machine
    missing = counted(pipeline.reconcile, "PackagesMissing", statistic="Maximum")
    return [
        cw.SingleValueWidget(
            title="Missing, newest run",
            metrics=[missing, counted(pipeline.reconcile, "MembersQuarantined", statistic="Maximum")],
            width=6,
            height=6,
        ),
        _graph("Runs", machine.metric_succeeded(), machine.metric_failed(), machine.metric_timed_out(), width=6),
        _graph(
            "Packages",
            counted(ingest.start_transfer_job, "PackagesPlanned", statistic="Maximum"),
            counted(ingest.process_transfers, "PackagesStored"),
            counted(ingest.process_transfers, "TransferFailures"),
            missing,
            width=6,
        ),
        _graph(
            "Notices",
            counted(ingest.process_extractions, "NoticesExtracted"),
            counted(ingest.process_extractions, "MembersQuarantined"),
            counted(pipeline.reconcile, "NoticesPublished", statistic="Maximum"),
            width=6,
        ),
    ]


def _stuck(ingest: Ingest, functions: Sequence[TedFunction]) -> list[cw.IWidget]:
    waiting: list[sqs.IQueue] = [ingest.transfers, ingest.extractions]
    dead = [queue.metric_approximate_number_of_messages_visible(statistic="Maximum") for queue in ingest.dead_letters]
    return [
        cw.SingleValueWidget(title="Dead letters", metrics=dead, width=6, height=6),
        _graph("Messages waiting", *(q.metric_approximate_number_of_messages_visible() for q in waiting), width=6),
        _graph("Oldest message (s)", *(q.metric_approximate_age_of_oldest_message() for q in waiting), width=6),
        _graph("Function errors", *(made.function.metric_errors() for made in functions), width=6),
    ]


def _busy(functions: Sequence[TedFunction]) -> list[cw.IWidget]:
    at_once = (made.function.metric("ConcurrentExecutions", statistic="Maximum") for made in functions)
    return [
        _graph("Function seconds, 95 %", *(made.function.metric_duration(statistic="p95") for made in functions)),
        _graph("At work at once", *at_once),
        _graph("Throttles", *(made.function.metric_throttles() for made in functions)),
    ]


def _cost(
    settings: Settings, storage: Storage, ingest: Ingest, functions: Sequence[TedFunction], alarms: int
) -> list[cw.IWidget]:
    """USD a day, by what it is for."""
    # Athena counts by these three dimensions together; some accounts have it by the workgroup alone, too. A search by
    # exactly the three finds it in each, and nothing twice.
    # Source: Amazon CloudWatch user guide, metrics of AWS/Athena that know their resource.
    workgroup = settings.names.workgroup
    read = f'{{AWS/Athena,QueryState,QueryType,WorkGroup}} MetricName="ProcessedBytes" WorkGroup="{workgroup}"'
    # Step Functions counts how long it waited for the runs of jobs, in milliseconds, for all state machines of the
    # account together; by arn:aws:states:REGION:ACCOUNT:glue:startJobRun.sync, with the account in it.
    # Source: AWS Step Functions developer guide, "Service integration metrics"; the value as others measured it.
    merges = '{AWS/States,ServiceIntegrationResourceArn} MetricName="ServiceIntegrationRunTime" startJobRun'
    queues = (ingest.transfers, ingest.extractions)
    parts = [
        _of_functions(settings, functions),
        _priced(
            "merges, those of other instances too", f"{_summed(merges)} / 3600000 * {settings.glue_workers * DPU_HOUR}"
        ),
        _priced("Athena", f"{_summed(read)} / {10**12} * {TB_READ}"),
        _of_storage(storage),
        _of_queues(queues),
        _idle(queues[0], alarms),
    ]
    return [
        cw.SingleValueWidget(title="USD of the newest day", metrics=parts, width=8, height=6),
        cw.GraphWidget(
            title="USD a day",
            left=parts,
            stacked=True,
            width=8,
            height=6,
            left_y_axis=cw.YAxisProps(min=0, label="USD", show_units=False),
        ),
        _graph("Athena: bytes read", cw.SearchExpression(label="bytes read", expression=_summed(read))),
    ]


def _of_functions(settings: Settings, functions: Sequence[TedFunction]) -> cw.MathExpression:
    price = GB_SECOND[settings.lambda_architecture]
    metrics: dict[str, cw.IMetric] = {}
    terms = []
    for n, made in enumerate(functions):
        metrics[f"ms{n}"] = made.function.metric_duration(statistic="Sum", period=DAY)
        metrics[f"calls{n}"] = made.function.metric_invocations(statistic="Sum", period=DAY)
        terms.append(
            f"FILL(ms{n}, 0) * {_plain(made.memory_mib / 1024 / 1000 * price)} + FILL(calls{n}, 0) * {_plain(REQUEST)}"
        )
    return _priced("functions", " + ".join(terms), metrics)


def _of_storage(storage: Storage) -> cw.MathExpression:
    buckets: list[s3.IBucket] = [storage.raw, storage.extracted, storage.athena]
    metrics: dict[str, cw.IMetric] = {
        f"held{n}": cw.Metric(
            namespace="AWS/S3",
            metric_name="BucketSizeBytes",
            dimensions_map={"BucketName": bucket.bucket_name, "StorageType": "StandardStorage"},
            period=DAY,
            statistic="Average",
        )
        for n, bucket in enumerate(buckets)
    }
    held = " + ".join(f"FILL({name}, 0)" for name in metrics)
    return _priced("storage", f"({held}) / 1000000000 * {_plain(GB_MONTH / _DAYS)}", metrics)


def _of_queues(queues: Sequence[sqs.IQueue]) -> cw.MathExpression:
    metrics: dict[str, cw.IMetric] = {}
    for n, queue in enumerate(queues):
        metrics[f"empty{n}"] = queue.metric_number_of_empty_receives(statistic="Sum", period=DAY)
        metrics[f"sent{n}"] = queue.metric_number_of_messages_sent(statistic="Sum", period=DAY)
        metrics[f"taken{n}"] = queue.metric_number_of_messages_received(statistic="Sum", period=DAY)
        metrics[f"done{n}"] = queue.metric_number_of_messages_deleted(statistic="Sum", period=DAY)
    calls = " + ".join(f"FILL({name}, 0)" for name in metrics)
    return _priced("queues", f"({calls}) / 1000000 * {MILLION_MESSAGES}", metrics)


def _idle(queue: sqs.IQueue, alarms: int) -> cw.MathExpression:
    """What is there costs every day the same: a line needs a metric to stand on, which is always sent."""
    a_day = ((alarms + 1) * ALARM_METRIC + DASHBOARD + KEY) / _DAYS  # one alarm looks at two metrics
    depth = queue.metric_approximate_number_of_messages_visible(statistic="Maximum", period=DAY)
    return _priced("alarms, dashboard, key", f"FILL(depth, 0) * 0 + {_plain(a_day)}", {"depth": depth})


def _priced(label: str, expression: str, metrics: Mapping[str, cw.IMetric] | None = None) -> cw.MathExpression:
    return cw.MathExpression(label=label, expression=expression, using_metrics=metrics, period=DAY)


def _summed(search: str) -> str:
    return f"SUM(SEARCH('{search}', 'Sum'))"


def _plain(price: float) -> str:
    """A price without an exponent, which CloudWatch's expressions do not have."""
    return f"{price:.12f}".rstrip("0")


def _question(title: str, what_helps: str) -> cw.TextWidget:
    return cw.TextWidget(markdown=f"## {title}\n{what_helps}", width=24, height=2)


def _graph(title: str, *metrics: cw.IMetric, width: int = 8) -> cw.GraphWidget:
    return cw.GraphWidget(title=title, left=list(metrics), width=width, height=6)
