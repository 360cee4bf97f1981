"""A Next.js app whose server reads the session from cookies."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.node import FOLDER, node_environ, node_server, require_packages
from tests.support.world import World

APP = FOLDER / "nextjs"


@contextmanager
def next_app(
    world: World, folder: Path, page: Mapping[str, str], cognito: Mapping[str, str], port: int
) -> Iterator[None]:
    """Build the app of this page in a new folder, and serve it. `cognito` are the settings of its Amplify."""
    require_packages(APP / "node_modules/ready", "soak")
    (folder / "app").mkdir(parents=True)
    (folder / "node_modules").symlink_to(APP / "node_modules")
    settings = {"Auth": {"Cognito": {**cognito, "userPoolEndpoint": world.aws.url}}}
    layout = (APP / "layout.js").read_text(encoding="utf-8")
    for name, content in {**page, "amplify.json": json.dumps(settings), "app/layout.js": layout}.items():
        (folder / name).write_text(content, encoding="utf-8")
    program = APP / "node_modules/next/dist/bin/next"
    environ = {**node_environ(), "NEXT_TELEMETRY_DISABLED": "1"}
    # Turbopack, the default, was not tried with packages that are a link.
    subprocess.run(["node", program, "build", "--webpack"], cwd=folder, env=environ, check=True)

    environ |= {"NODE_OPTIONS": f"--require={APP / 'pool_keys.cjs'}", "POOL_KEYS": world.aws.url}
    with node_server([program, "start", "--hostname", "127.0.0.1", "--port", str(port)], folder, environ, port):
        yield
