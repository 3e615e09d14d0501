"""The data stack: what outlives every version of the product."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.stacks.database import Database
from infra.stacks.network import Network
from infra.stacks.secret_store import SecretStore
from infra.stacks.valkey import Valkey
from infra.stages import Stage


class DataStack(Stack):
    """Network, secrets, database, Valkey."""

    def __init__(self, scope: Construct, stage: Stage, **options: Any) -> None:
        self._zones = stage.zones
        super().__init__(scope, f"{stage.prefix}-data", termination_protection=stage.is_kept, **options)
        self.network = Network(self, "Network", stage)
        self.secrets = SecretStore(self, "Secrets", stage)
        self.database = Database(self, "Database", stage, self.network, self.secrets.database_user)
        self.valkey = Valkey(self, "Valkey", stage, self.network, self.secrets.valkey)
        CfnOutput(self, "OthersSecret", value=self.secrets.others.secret_arn)

    @property
    def availability_zones(self) -> list[str]:
        """The stage's own zones, so that nobody has to be asked for them."""
        return self._zones
