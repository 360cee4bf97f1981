"""What an error advises is done to the letter, and then the step succeeds."""

import hashlib
import json
import os
import shlex
import ssl
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.sockets import server_tls
from tests.support.the_error import the_error
from tests.support.world import World
from tools.emulator.certificates import Authority
from tools.emulator.http import Answer, serving
from tools.emulator.proxy import Call, Rule, refusing

CREATE = "AdminCreateUser"
SCHEMA = "Attributes did not conform to the schema: "


def pasted(message: str, key: str) -> dict[str, Any]:
    """What the lines under `with:` or `env:` at the end of an error hold."""
    lines = message[message.rindex(f"\n{key}:\n") :].partition("\nendpoint: ")[0]
    found: dict[str, Any] = yaml.safe_load(lines)[key]
    return found


def succeeds(world: World, inputs: Mapping[str, str], **environ: str) -> None:
    """Run the step with what was advised."""
    main = world.job().main(inputs, **environ)
    assert (main.exit_code, main.annotations) == (0, []), main.log


def requiring(**attributes: str) -> Rule:
    """A pool whose schema requires these attributes, which each error names all at once."""

    def answer(call: Call) -> Answer:
        given = {each["Name"]: each["Value"] for each in call.parameters["UserAttributes"]}
        missing = [name for name in attributes if name not in given]
        if missing:
            text = "\n".join(f"{name}: The attribute is required" for name in missing)
            return call.refuse("InvalidParameterException", f"{SCHEMA}{text}\n")
        return call.forward()

    return answer


def test_required_attributes(world: World) -> None:
    """The lines are pasted as they are."""
    inputs = world.inputs(world.pool())
    rule = requiring(given_name="", family_name="", birthdate="", updated_at="")
    world.aws.on(CREATE, rule, rule)

    lines = pasted(the_error(world.job().main(inputs)), "with")

    assert set(lines) == {"attributes"}
    succeeds(world, {**inputs, **lines})


@pytest.mark.parametrize(("attribute", "name"), [("email", "email-domain"), ("phone_number", "phone-number")])
def test_required_attribute_that_another_input_sets(world: World, attribute: str, name: str) -> None:
    """It is that input which is pasted."""
    inputs = {**world.inputs(world.pool()), "email-domain": ""}
    rule = requiring(**{attribute: ""})
    world.aws.on(CREATE, rule, rule)

    lines = pasted(the_error(world.job().main(inputs)), "with")

    assert set(lines) == {name}
    succeeds(world, {**inputs, **lines})


def test_address_that_is_too_long(world: World) -> None:
    """The domain that is proposed fits."""

    def answer(call: Call) -> Answer:
        [address] = [each["Value"] for each in call.parameters["UserAttributes"] if each["Name"] == "email"]
        if len(address) > 60:
            return call.refuse("InvalidParameterException", f"{SCHEMA}email: String must be no longer than 60")
        return call.forward()

    inputs = world.inputs(world.pool())
    world.aws.on(CREATE, answer, answer)

    told = the_error(world.job().main({**inputs, "email-domain": "ci.a-company-of-some-size.example.com"}))

    assert "The pool takes addresses of at most 60 characters." in told
    succeeds(world, {**inputs, **pasted(told, "with")})


def test_missing_groups(world: World) -> None:
    """All groups of all users are named at once, each with a command; the commands are run."""
    pool = world.pool()
    inputs = world.inputs_with_groups(pool, "there", groups="")
    inputs["users"] = "admin: {groups: [there, admins]}\neditor: {groups: [editors, there]}\n"

    told = the_error(world.job().main(inputs))

    assert "User admin: The user pool has no groups admins, editors. " in told
    commands = [shlex.split(line) for line in told.split("\n") if line.startswith("aws cognito-idp create-group ")]
    for command in commands:
        options = dict(zip(command[3::2], command[4::2], strict=True))
        world.account.cognito.create_group(UserPoolId=options["--user-pool-id"], GroupName=options["--group-name"])
    succeeds(world, inputs)


def test_groups_that_only_later_users_miss(world: World) -> None:
    """Whichever of them fails first, all are named, and the pool is asked about each once."""
    pool = world.pool()
    inputs = world.inputs_with_groups(pool, "there", groups="")
    inputs["users"] = "first: {groups: [there]}\n" + "".join(f"user-{n}: {{groups: [missing-{n}]}}\n" for n in range(4))

    told = the_error(world.job().main(inputs))

    assert "The user pool has no groups missing-0, missing-1, missing-2, missing-3. " in told
    # The first user's one, one of each other user's at most, and those that are looked for.
    assert world.aws.calls.count("AdminAddUserToGroup") <= 1 + 4 + 3


def _trust(world: World, arn: str, condition: Mapping[str, Any]) -> None:
    """Give the role a condition, as the account's owner does."""
    iam = world.account.client("iam")
    name = arn.rpartition("/")[2]
    document = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    document = document if isinstance(document, dict) else json.loads(document)
    document["Statement"][0]["Condition"] = condition
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))


def _condition(message: str) -> dict[str, Any]:
    condition: dict[str, Any] = json.JSONDecoder().raw_decode(
        "{" + message[message.index('"Condition"') :].split("\nendpoint", maxsplit=1)[0] + "}"
    )[0]
    return condition["Condition"]  # type: ignore[no-any-return]


def test_trust_policy_for_this_sub(world: World) -> None:
    """The condition is pasted into the role."""
    inputs = world.inputs(world.pool())
    world.github.claims["sub"] = "repo:octo-org/octo-app:environment:staging"

    _trust(world, inputs["role-to-assume"], _condition(the_error(world.job().main(inputs))))

    succeeds(world, inputs)


def test_trust_policy_for_a_merge_queue(world: World) -> None:
    """The next pull request in the queue gets in with the same condition, and a branch does not."""
    inputs = world.inputs(world.pool())
    queue = "repo:octo-org/octo-app:ref:refs/heads/gh-readonly-queue/main"
    world.github.claims["sub"] = f"{queue}/pr-12-79d4a0b2"

    _trust(world, inputs["role-to-assume"], _condition(the_error(world.job().main(inputs))))

    world.github.claims["sub"] = f"{queue}/pr-13-90ab12cd"
    succeeds(world, inputs)
    world.github.claims["sub"] = "repo:octo-org/octo-app:ref:refs/heads/feature"
    assert world.job().main(inputs).exit_code == 1


def test_thumbprint_that_does_not_match(world: World, tmp_path: Path) -> None:
    """The command gives the provider the fingerprint of the last certificate that the issuer shows."""
    authority = Authority(tmp_path / "authority")
    chain = authority.issue("localhost")
    chain.write_bytes(chain.read_bytes() + authority.pem)
    expected = hashlib.sha1(ssl.PEM_cert_to_DER_cert(authority.pem.decode())).hexdigest()
    tool = tmp_path / "bin/aws"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    tool.chmod(0o755)
    world.aws.on(
        "AssumeRoleWithWebIdentity",
        refusing(
            "InvalidIdentityToken", "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"
        ),
    )
    with serving(lambda _: Answer(404, b""), tls=server_tls(chain)) as url:
        issuer = url.replace("127.0.0.1", "localhost")
        world.github.claims["iss"] = issuer
        told = the_error(world.job().main(world.inputs(world.pool())))
        command = told[told.index("aws iam update") :].partition("\nendpoint")[0]

        ran = subprocess.run(
            ["bash", "-c", command],
            env={"PATH": f"{tool.parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=True,
        )

    host = issuer.removeprefix("https://")
    assert ran.stdout.splitlines() == [
        *("iam", "update-open-id-connect-provider-thumbprint", "--open-id-connect-provider-arn"),
        f"arn:aws:iam::000000000000:oidc-provider/{host}",
        *("--thumbprint-list", expected),
    ]


def test_profile_that_the_container_does_not_see(world: World) -> None:
    """The variables are passed on, and the profile is left out."""
    job = world.job({**world.bare_environ, "AWS_PROFILE": "ci"})
    inputs = {"user-pool-id": world.pool()}

    variables = pasted(the_error(job.main(inputs)), "env")

    outputs = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": ""}
    assert set(variables) == {*outputs, "AWS_PROFILE"}
    main = job.main(inputs, **{**variables, **outputs})
    assert (main.exit_code, main.annotations) == (0, []), main.log


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY"])
def test_proxy_that_is_not_there(world: World, variable: str) -> None:
    """The step goes without the variable by the line in the error."""
    job = world.job({**world.environ, variable: "http://proxy.invalid:3128"})
    inputs = world.inputs(world.pool())

    variables = pasted(the_error(job.main(inputs)), "env")

    main = job.main(inputs, **variables)
    assert (main.exit_code, main.annotations) == (0, []), main.log
