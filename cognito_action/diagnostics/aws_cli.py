"""Commands of the AWS CLI, ready to paste."""

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class AwsCli:
    """The commands for one user pool.

    Args:
        pool_id: of the pool.
        region: of the pool.
        endpoint_url: in place of AWS's own endpoint, empty if there is none.
    """

    pool_id: str
    region: str
    endpoint_url: str = ""

    def delete_user(self, username: str) -> str:
        """Delete a user by the username or the `sub`."""
        return self._command("admin-delete-user", "--username", username)

    def find_users(self, condition: str) -> str:
        """Find users whose name the log can't show, and delete them: two commands."""
        search = self._command("list-users", "--filter", condition)
        return f"{search}\n{self.delete_user('<Username from the list>')}"

    def create_group(self, group: str) -> str:
        """Create a group."""
        return self._command("create-group", "--group-name", group)

    def show_triggers(self) -> str:
        """Show the Lambda functions that the pool calls."""
        return self._command("describe-user-pool", "--query", "UserPool.LambdaConfig")

    def _command(self, name: str, *options: str) -> str:
        endpoint = ("--endpoint-url", self.endpoint_url) if self.endpoint_url else ()
        where = ("--region", self.region, "--user-pool-id", self.pool_id)
        return shlex.join(["aws", "cognito-idp", name, *where, *options, *endpoint])
