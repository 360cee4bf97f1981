"""Choice-based sign-in (`USER_AUTH`), which ministack does not have: proxy rules in front of it."""

import json
from collections.abc import Mapping
from typing import Any

from tests.support.world import World
from tools.emulator.http import Answer
from tools.emulator.proxy import Call

SESSION = "a-session-of-a-choice-" * 2


def offer_choice(world: World, *ways: str) -> None:
    """Let the next user choose between these; with `PASSWORD_SRP` Cognito goes on with what the client prefers."""

    def initiate(call: Call) -> Answer:
        if call.parameters["AuthFlow"] != "USER_AUTH":
            return call.forward()
        parameters = dict(call.parameters["AuthParameters"])
        if parameters.pop("PREFERRED_CHALLENGE") in ways:
            return _signed_in(world, call, "USER_SRP_AUTH", parameters)
        return _answer({"ChallengeName": "SELECT_CHALLENGE", "Session": SESSION, "AvailableChallenges": list(ways)})

    def respond(call: Call) -> Answer:
        if call.parameters["ChallengeName"] != "SELECT_CHALLENGE":
            return call.forward()
        responses = dict(call.parameters["ChallengeResponses"])
        assert (responses.pop("ANSWER"), call.parameters["Session"]) == ("PASSWORD", SESSION)
        return _signed_in(world, call, "USER_PASSWORD_AUTH", responses)

    world.aws.on("InitiateAuth", *[initiate] * 5)
    world.aws.on("RespondToAuthChallenge", *[respond] * 5)


def _signed_in(world: World, call: Call, flow: Any, parameters: Mapping[str, str]) -> Answer:
    """What the flow that has the same proof leads to."""
    cognito = world.account.cognito
    try:
        answer: Any = cognito.initiate_auth(
            ClientId=call.parameters["ClientId"], AuthFlow=flow, AuthParameters=parameters
        )
    except cognito.exceptions.NotAuthorizedException as error:
        return call.refuse("NotAuthorizedException", error.response["Error"]["Message"])
    return _answer({name: value for name, value in answer.items() if name != "ResponseMetadata"})


def _answer(content: Mapping[str, Any]) -> Answer:
    return Answer(200, json.dumps(content).encode(), {"Content-Type": "application/x-amz-json-1.1"})
