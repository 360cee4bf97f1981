"""A stand-in for the AWS CLI, with which tests run a step of a recipe: each command becomes one call of the SDK."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name

from tests.support.world import World
from tools.emulator.aws import REGION
from tools.emulator.github import CLAIMS, id_token
from tools.emulator.job import ROOT


def run_script(world: World, folder: Path, step: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """Run the script of a step as GitHub's runner does, with the stand-in as `aws` and the emulator as AWS."""
    command = folder / "aws"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m tests.support.aws_cli "$@"\n')
    command.chmod(0o755)
    subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            "HOME": str(folder),
            "AWS_ENDPOINT_URL": world.aws.url,
            **{name: value.replace("eu-central-1", REGION) for name, value in environ.items()},
        },
        check=True,
    )


def credentials_of(world: World, role: str) -> dict[str, str]:
    """The outputs of a step with `aws-actions/configure-aws-credentials` that assumes the role."""
    now = int(time.time())
    token = id_token({**CLAIMS, "aud": "sts.amazonaws.com", "iat": now, "exp": now + 300, "jti": "cli"})
    session = world.account.client("sts").assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="step", WebIdentityToken=token
    )["Credentials"]
    return {
        "aws-access-key-id": session["AccessKeyId"],
        "aws-secret-access-key": session["SecretAccessKey"],
        "aws-session-token": session["SessionToken"],
    }


def call(service: str, command: str, *words: str) -> None:
    """Call the operation with what the options say; JSON stands for what is not text."""
    client: Any = boto3.client(service)  # type: ignore[call-overload]
    operation = client.meta.method_to_api_mapping[command.replace("-", "_")]
    members = client.meta.service_model.operation_model(operation).input_shape.members
    names = {f"--{xform_name(name, '-')}": name for name in members}
    parameters = {
        names[option]: value if members[names[option]].type_name == "string" else json.loads(value)
        for option, value in zip(words[::2], words[1::2], strict=True)
    }
    getattr(client, command.replace("-", "_"))(**parameters)


if __name__ == "__main__":
    call(*sys.argv[1:])
