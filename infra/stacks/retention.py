"""What outlives its stack, and for how long logs are kept."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs

from infra.stages import LOG_DAYS, Stage

_NAMES = ("ONE_DAY", "ONE_WEEK", "ONE_MONTH", "THREE_MONTHS", "SIX_MONTHS", "ONE_YEAR")


def days_of(days: int) -> logs.RetentionDays:
    """CloudWatch's name for *days*, which are of `LOG_DAYS`."""
    return logs.RetentionDays[_NAMES[LOG_DAYS.index(days)]]


def data_removal(stage: Stage) -> RemovalPolicy:
    """What becomes of data when their stack is deleted."""
    return RemovalPolicy.RETAIN if stage.is_kept else RemovalPolicy.DESTROY
