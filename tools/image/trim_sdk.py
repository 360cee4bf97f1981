"""Remove from an environment what the action never reads. Run once, with the Python of that environment.

The AWS SDK describes some 400 services, with their documentation. To make a client it reads all of one service, and
the endpoints of all services: together a third of the time of a step.
"""

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import urllib3
import yaml

OPERATIONS = {
    "cognito-idp": {
        *("AdminAddUserToGroup", "AdminCreateUser", "AdminDeleteUser", "AdminSetUserPassword", "ListUsers"),
        *("AdminInitiateAuth", "AdminRespondToAuthChallenge", "InitiateAuth", "RespondToAuthChallenge"),
        *("AssociateSoftwareToken", "ConfirmDevice", "VerifySoftwareToken"),
        *("AdminConfirmSignUp", "AdminUpdateUserAttributes", "SignUp"),
    },
    "cognito-identity": {"DeleteIdentities", "GetCredentialsForIdentity", "GetId"},
    "sts": {"AssumeRole", "AssumeRoleWithWebIdentity"},
    "sso": {"GetRoleCredentials"},
    "sso-oidc": {"CreateToken"},
}
"""What the action calls, and what the SDK itself calls if the job's variables or a profile in `~/.aws` ask for it.
(The SDK could call a fifth service, `signin`, but only with a package that the image does not have.)"""


NO_DOCSTRING = """\
class _NoDocstring(str):
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls)


ClientMethodDocstring = PaginatorDocstring = WaiterDocstring = _NoDocstring
"""
"""What the SDK has in place of the documentation of its clients' methods, which it would write when someone reads it."""


def main() -> None:
    """Trim the packages that this Python imports."""
    _leave_out_the_writer_of_documentation()
    _leave_out_http2()
    data = Path(botocore.__file__).parent / "data"
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in OPERATIONS:
            shutil.rmtree(folder)
    for service, operations in OPERATIONS.items():
        [model] = data.glob(f"{service}/*/service-2.json.gz")
        with gzip.open(model) as file:
            content = _reduced(json.load(file), operations)
        with gzip.open(model, "wt", encoding="utf-8") as file:
            json.dump(content, file)
    for examples in data.rglob("examples-1.json*"):
        examples.unlink()

    endpoints = data / "endpoints.json"
    content = json.loads(endpoints.read_text(encoding="utf-8"))
    for partition in content["partitions"]:
        partition["services"] = {name: of for name, of in partition["services"].items() if name in OPERATIONS}
    endpoints.write_text(json.dumps(content), encoding="utf-8")

    # A faster parser in C, which PyYAML does not need: the action reads 50 users at most.
    for parser in Path(yaml.__file__).parent.glob("_yaml.*.so"):
        parser.unlink()


def _leave_out_the_writer_of_documentation() -> None:
    """A twentieth of main's time would go into its import. What the SDK uses of it without writing stays: `utils`."""
    folder = Path(botocore.__file__).parent / "docs"
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "utils.py":
            path.unlink()
    (folder / "__init__.py").touch()
    (folder / "docstring.py").write_text(NO_DOCSTRING, encoding="utf-8")


def _leave_out_http2() -> None:
    """Nothing turns it on. To look for the package `h2` it imports `importlib.metadata`: a twentieth of post's imports."""
    folder = Path(urllib3.__file__).parent / "http2"
    (folder / "connection.py").unlink()
    (folder / "__init__.py").write_text("", encoding="utf-8")


def _reduced(service: Any, names: set[str]) -> Any:  # noqa: ANN401 - JSON
    """The description of a service with only these operations, and without documentation."""
    operations = {name: service["operations"][name] for name in names}
    shapes: dict[str, Any] = {}
    left = list(_shapes_in(operations))
    while left:
        name = left.pop()
        if name not in shapes:
            shapes[name] = service["shapes"][name]
            left += _shapes_in(shapes[name])
    return _undocumented({**service, "operations": operations, "shapes": shapes})


def _shapes_in(content: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    """The names of the shapes that a description refers to."""
    if isinstance(content, dict):
        if isinstance(shape := content.get("shape"), str):
            yield shape
        content = list(content.values())
    if isinstance(content, list):
        for value in content:
            yield from _shapes_in(value)


def _undocumented(content: Any) -> Any:  # noqa: ANN401 - JSON
    """The same without the texts named `documentation`."""
    if isinstance(content, dict):
        return {
            name: _undocumented(value)
            for name, value in content.items()
            if name != "documentation" or not isinstance(value, str)
        }
    return [_undocumented(value) for value in content] if isinstance(content, list) else content


if __name__ == "__main__":
    main()
