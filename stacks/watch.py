"""Alarms, the dashboard and the budget."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cw
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from stacks.dashboard import add_dashboard, counted
from stacks.functions import TedFunction
from stacks.ingest import MAX_RECEIVE_COUNT, Ingest
from stacks.lake import Lake
from stacks.permissions import acknowledge
from stacks.pipeline import Pipeline
from stacks.settings import Settings
from stacks.storage import Storage

MINUTES = cdk.Duration.minutes
HOUR = cdk.Duration.hours(1)
OLDEST_HOURS = 6
RUNBOOK = "docs/runbook.md"  # a section for each alarm
QUARANTINE_SHARE = 0.01  # of a day's members; real packages have none for months
ABOVE = cw.ComparisonOperator.GREATER_THAN_THRESHOLD


class Watch(cdk.Stack):
    """What tells a person that something is wrong, and shows the day at a glance."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        storage: Storage,
        ingest: Ingest,
        lake: Lake,
        pipeline: Pipeline,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        self._settings = settings
        self._pipeline = pipeline
        self._ingest = ingest
        self._alarms: list[cw.Alarm] = []
        self._tell = actions.SnsAction(pipeline.topic)
        if settings.alarm_email:
            mail = pipeline.topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
            acknowledge(
                mail,
                "A message that no mailbox takes is not lost: CloudWatch's history has every alarm.",
                "Serverless-SNSRedrivePolicy",
            )
        self._watch_queues()
        self._watch_functions()
        self._watch_runs()
        self._watch_data()
        self._watch_merges()
        if lake.expire_sandbox:
            self._watch_sandbox(lake.expire_sandbox)
        add_dashboard(self, settings=settings, storage=storage, ingest=ingest, pipeline=pipeline, alarms=self._alarms)
        if settings.budget_usd:
            self._budget()

    def _alarm(self, construct_id: str, metric: cw.IMetric, *, above: float, meaning: str, periods: int = 1) -> None:
        alarm = cw.Alarm(
            self,
            construct_id,
            alarm_name=f"{self._settings.names.instance}-{_kebab(construct_id)}",
            alarm_description=f"{meaning} What to do: {RUNBOOK}#{_kebab(construct_id)}",
            metric=metric,
            threshold=above,
            comparison_operator=ABOVE,
            evaluation_periods=periods,
            treat_missing_data=cw.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(self._tell)
        self._alarms.append(alarm)

    def _watch_queues(self) -> None:
        for dead, name in zip(self._ingest.dead_letters, ("Transfers", "Extractions"), strict=True):
            self._alarm(
                f"{name}DeadLetters",
                dead.metric_approximate_number_of_messages_visible(period=MINUTES(5), statistic="Maximum"),
                above=0,
                meaning=f"{name}: a package failed {MAX_RECEIVE_COUNT} times. See its note below failures/.",
            )
        for queue, name in ((self._ingest.transfers, "Transfers"), (self._ingest.extractions, "Extractions")):
            self._alarm(
                f"{name}OldestMessage",
                queue.metric_approximate_age_of_oldest_message(period=MINUTES(15), statistic="Maximum"),
                above=OLDEST_HOURS * 3600,
                meaning=f"{name}: a message is older than {OLDEST_HOURS} hours. Is the worker throttled or refused?",
            )

    def _watch_functions(self) -> None:
        """Watch the workers; an error of the other functions fails the run that waits for them."""
        for made in (self._ingest.process_transfers, self._ingest.process_extractions):
            name = made.node.id
            self._alarm(
                f"{name}Errors",
                made.function.metric_errors(period=MINUTES(15), statistic="Sum"),
                above=3,
                meaning=f"{name} raised errors. Look at its log group.",
            )
            self._alarm(
                f"{name}Throttles",
                made.function.metric_throttles(period=MINUTES(15), statistic="Sum"),
                above=0,
                periods=2,
                meaning=f"{name} was throttled for half an hour. Raise the account's concurrency or lower ours.",
            )

    def _watch_runs(self) -> None:
        machine = self._pipeline.state_machine
        runs = {
            "RunsFailed": (machine.metric_failed, "A run failed or was incomplete. Its message names what is missing."),
            "RunsTimedOut": (machine.metric_timed_out, "A run took longer than its limit. Start it again."),
            "RunsAborted": (machine.metric_aborted, "A run was stopped by hand."),
        }
        for construct_id, (metric, meaning) in runs.items():
            self._alarm(construct_id, metric(period=MINUTES(5), statistic="Sum"), above=0, meaning=meaning)

    def _watch_data(self) -> None:
        self._alarm(
            "PackagesMissing",
            counted(self._pipeline.reconcile, "PackagesMissing", statistic="Maximum"),
            above=0,
            meaning="A run ended without some of its packages. Its message names them.",
        )
        worker = self._ingest.process_extractions
        self._alarm(
            "QuarantineRate",
            cw.MathExpression(
                label="share of members in quarantine",
                expression="IF(notices + quarantined > 0, quarantined / (notices + quarantined), 0)",
                using_metrics={
                    "notices": counted(worker, "NoticesExtracted"),
                    "quarantined": counted(worker, "MembersQuarantined"),
                },
                period=HOUR,
            ),
            above=QUARANTINE_SHARE,
            meaning=f"More than {QUARANTINE_SHARE:.0%} of the members could not be read. Ask the table rejects why.",
        )
        self._alarm(
            "FirewallRefusals",
            counted(self._ingest.process_transfers, "FirewallRefusals"),
            above=10,
            meaning="TED's firewall refuses us. Lower ted:requests_per_minute, check ted:contact.",
        )

        self._alarm(
            "RatesRefused",
            counted(self._ingest.mirror_rates, "RatesRefused", statistic="Minimum", period=cdk.Duration.days(1)),
            above=0,
            periods=3,
            meaning="No newer exchange rates for three days. A run's report says why; values in euro soon lack days.",
        )

    def _watch_merges(self) -> None:
        """Tell of merges that failed, and of those that take longer than they should."""
        rule = events.Rule(
            self,
            "MergeTrouble",
            rule_name=self._settings.names.of("merge-trouble"),
            description="Glue runs of the merge job that failed, or that are slow",
            event_pattern=events.EventPattern(
                source=["aws.glue"],
                detail_type=["Glue Job State Change", "Glue Job Run Status"],
                detail={
                    "jobName": [self._settings.names.merge_job],
                    "state": ["FAILED", "TIMEOUT", "ERROR", "STOPPED", "RUNNING", "STARTING", "STOPPING"],
                },
            ),
        )
        rule.add_target(targets.SnsTopic(self._pipeline.topic))
        acknowledge(
            rule,
            "Nothing hangs on this message: a failed merge also fails its run, which has an alarm.",
            "Serverless-EventBusDLQ",
        )

    def _watch_sandbox(self, expire: TedFunction) -> None:
        self._alarm(
            "ExpireSandboxErrors",
            expire.function.metric_errors(period=HOUR, statistic="Sum"),
            above=0,
            meaning="Tables of the sandbox that have had their days stay; two days later their files go all the same.",
        )

    def _budget(self) -> None:
        """Tell when the month's cost of what bears this instance's tags passes 80 %, and when it will pass 100 %."""
        settings = self._settings
        if settings.alarm_email:
            subscriber = budgets.CfnBudget.SubscriberProperty(address=settings.alarm_email, subscription_type="EMAIL")
        else:
            subscriber = budgets.CfnBudget.SubscriberProperty(
                address=self._pipeline.topic.topic_arn, subscription_type="SNS"
            )
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=settings.names.budget(self.region),
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=settings.budget_usd, unit="USD"),
                cost_filters={"TagKeyValue": [f"user:instance${settings.names.instance}"]},
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN",
                        notification_type=kind,
                        threshold=threshold,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[subscriber],
                )
                for kind, threshold in (("ACTUAL", 80), ("FORECASTED", 100))
            ],
        )


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
