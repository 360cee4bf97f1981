"""Lambda triggers of a user pool, which the emulator runs with Node.js."""

import io
import json
import uuid
import zipfile

from tests.support.node import require_node
from tests.support.world import World


def trigger(world: World, code: str) -> str:
    """Create a function from the code of a module that exports `handler`, and return its ARN."""
    require_node()
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("trigger.mjs", code)
        content = buffer.getvalue()
    name = f"trigger-{uuid.uuid4().hex}"
    principal = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = world.account.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [principal]})
    )
    function = world.account.client("lambda").create_function(
        FunctionName=name,
        Runtime="nodejs20.x",
        Role=role["Role"]["Arn"],
        Handler="trigger.handler",
        Code={"ZipFile": content},
    )
    return str(function["FunctionArn"])
