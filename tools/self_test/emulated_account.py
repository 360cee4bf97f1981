"""The account that the action is tested on: an emulator that outlives the step that starts it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from cognito_action.claims import claims_of
from cognito_action.github.oidc import fetch_id_token
from cognito_action.network.connections import Network
from tools.emulator import aws
from tools.emulator.account import PERMISSIONS, Account


@dataclass(frozen=True)
class EmulatedAccount:
    """What later steps need to know; each reads it from the runner's temporary folder."""

    endpoint: str
    user_pool_id: str
    role: str
    client_id: str
    pid: int
    """The emulator's process."""

    @classmethod
    def start(cls, temp: Path, environ: Mapping[str, str], host: str, mask: Callable[[str], None]) -> Self:
        """Start the emulator on an address of this machine, with a pool and a role that trusts this job."""
        subject = str(claims_of(fetch_id_token(environ, "sts.amazonaws.com", Network(environ), mask))["sub"])
        folder = temp / "self-test"
        folder.mkdir()
        # The runner ends processes that a job leaves running. It recognizes them by this variable.
        tracked = {name: environ[name] for name in ("RUNNER_TRACKING_ID",) if name in environ}
        emulator = aws.start(folder, host, **tracked)
        try:
            account = Account(emulator.url)
            account.create_provider()
            pool = account.create_pool(UsernameAttributes=["email"])
            emulated = cls(
                emulator.url,
                pool,
                account.create_role("self-test", pool, [*PERMISSIONS, "ListUsers"], subject),
                account.create_app_client(pool, "ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
                emulator.process.pid,
            )
            _file(temp).write_text(json.dumps(asdict(emulated)), encoding="utf-8")
        except BaseException:
            emulator.stop()
            raise
        return emulated

    @classmethod
    def read(cls, temp: Path) -> Self:
        """Read what an earlier step started."""
        return cls(**json.loads(_file(temp).read_text(encoding="utf-8")))

    @property
    def account(self) -> Account:
        """The account, with full permissions."""
        return Account(self.endpoint)


def _file(temp: Path) -> Path:
    return temp / "self-test/emulated_account.json"
