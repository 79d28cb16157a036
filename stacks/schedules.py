"""What starts by the clock."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler

from stacks.permissions import allow


def schedule(
    stack: cdk.Stack,
    construct_id: str,
    *,
    action: str,
    arn: str,
    window_minutes: int = 0,
    given: str | None = None,
    **when: Any,
) -> None:
    """Start something by the clock, in a role of its own that may do no more; five more tries within the hour.

    Parameters
    ----------
    action : what the role may do with `arn`, as in lambda:InvokeFunction
    window_minutes : within which it may start, 0 for the very minute
    given : JSON that it is started with
    when : name, expression and what else `AWS::Scheduler::Schedule` takes
    """
    role = iam.Role(
        stack,
        f"{construct_id}Role",
        assumed_by=iam.ServicePrincipal(
            "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
        ),
    )
    allow(role, "Start", [action], [arn])
    window = scheduler.CfnSchedule.FlexibleTimeWindowProperty(
        mode="FLEXIBLE" if window_minutes else "OFF", maximum_window_in_minutes=window_minutes or None
    )
    target = scheduler.CfnSchedule.TargetProperty(
        arn=arn,
        role_arn=role.role_arn,
        input=given,
        retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
            maximum_event_age_in_seconds=3600, maximum_retry_attempts=5
        ),
    )
    scheduler.CfnSchedule(stack, construct_id, flexible_time_window=window, target=target, **when)
