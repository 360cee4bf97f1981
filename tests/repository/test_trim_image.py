"""What the image leaves out of the SDK is what nobody calls."""

import re
import runpy

from botocore import xform_name
from botocore.session import Session

from tools.emulator.job import ROOT

OPERATIONS = runpy.run_path(str(ROOT / "tools/trim_image.py"))["OPERATIONS"]


def test_operations_that_the_action_calls_are_those_that_the_image_keeps() -> None:
    """All of Cognito, and of STS the one that takes GitHub's token; the others of STS are the SDK's own to call."""
    code = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("cognito_action/**/*.py"))
    methods = set(re.findall(r"\b(?:_client|sts)\.(\w+)\(", code))
    called = {
        service: {name for name in Session().get_service_model(service).operation_names if xform_name(name) in methods}
        for service in ("cognito-idp", "sts")
    }

    assert called["cognito-idp"] == OPERATIONS["cognito-idp"]
    assert called["sts"] == {"AssumeRoleWithWebIdentity"} <= OPERATIONS["sts"]
