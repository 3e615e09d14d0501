"""What outlives its stack, and for how long logs are kept."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs

from infra.stages import Stage

_DAYS = {
    1: logs.RetentionDays.ONE_DAY,
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}


def days_of(days: int) -> logs.RetentionDays:
    """CloudWatch's name for *days*; it knows certain numbers only."""
    return _DAYS[days]


def data_removal(stage: Stage) -> RemovalPolicy:
    """What becomes of data when their stack is deleted."""
    return RemovalPolicy.RETAIN if stage.is_kept else RemovalPolicy.DESTROY
