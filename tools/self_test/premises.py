"""The account that the action is tried on: an emulator that outlives the step which starts it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from cognito_action.github.oidc import claims_of, fetch_id_token
from tools.emulator.account import PERMISSIONS, Account
from tools.emulator.aws import start


@dataclass(frozen=True)
class Premises:
    """What later steps have to know; each reads it from the runner's temporary folder."""

    endpoint: str
    user_pool_id: str
    role: str
    client_id: str
    pid: int
    """The emulator's process."""

    @classmethod
    def build(cls, temp: Path, environ: Mapping[str, str], host: str, mask: Callable[[str], None]) -> Self:
        """Start the emulator at an address of this machine, with a pool and a role that trusts this very job."""
        subject = str(claims_of(fetch_id_token(environ, "sts.amazonaws.com", mask))["sub"])
        folder = temp / "self-test"
        folder.mkdir()
        # The runner ends what a job leaves running, and knows it by this variable.
        tracked = {name: environ[name] for name in ("RUNNER_TRACKING_ID",) if name in environ}
        emulator = start(folder, host, **tracked)
        try:
            account = Account(emulator.url)
            account.create_provider()
            pool = account.create_pool(UsernameAttributes=["email"])
            premises = cls(
                emulator.url,
                pool,
                account.create_role("self-test", pool, [*PERMISSIONS, "ListUsers"], subject),
                account.create_app_client(pool, "ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
                emulator.process.pid,
            )
            _file(temp).write_text(json.dumps(asdict(premises)), encoding="utf-8")
        except BaseException:
            emulator.stop()
            raise
        return premises

    @classmethod
    def read(cls, temp: Path) -> Self:
        """Those that an earlier step built."""
        return cls(**json.loads(_file(temp).read_text(encoding="utf-8")))

    @property
    def account(self) -> Account:
        """The account, with all rights in it."""
        return Account(self.endpoint)


def _file(temp: Path) -> Path:
    return temp / "self-test/premises.json"
