"""An app's functions for the triggers of a user pool, at an endpoint like that of Lambda."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tools.emulator.http import Answer, Request, serving


@dataclass
class AppFunctions:
    """What the functions do and keep. Each has the name of its trigger, `PreSignUp` or `PostConfirmation`."""

    url: str = ""
    rows: dict[str, str] = field(default_factory=dict)
    """The app's table: by `sub`, the address of everyone who was confirmed after signing up."""
    errors: dict[str, str] = field(default_factory=dict)
    """What a function raises, by its name."""
    auto_confirm: bool = False
    """Whether the pre sign-up function confirms who signs up."""

    def reset(self) -> None:
        """Empty the table, and let every function succeed."""
        self.rows.clear()
        self.errors.clear()
        self.auto_confirm = False

    def invoke(self, request: Request) -> Answer:
        """Answer Lambda's `Invoke`, whose path is `/2015-03-31/functions/<name>/invocations`."""
        name = request.path.split("/")[3]
        if name in self.errors:
            error = {"errorType": "Error", "errorMessage": self.errors[name]}
            return Answer(200, json.dumps(error).encode(), {"X-Amz-Function-Error": "Unhandled"})
        event = json.loads(request.body)
        if event["triggerSource"] == "PreSignUp_SignUp":
            event["response"]["autoConfirmUser"] = self.auto_confirm
        elif event["triggerSource"] == "PostConfirmation_ConfirmSignUp":
            attributes = event["request"]["userAttributes"]
            self.rows[attributes["sub"]] = attributes.get("email", "")
        return Answer(200, json.dumps(event).encode())


@contextmanager
def app_functions() -> Iterator[AppFunctions]:
    """Run the functions on loopback."""
    functions = AppFunctions()
    with serving(functions.invoke) as functions.url:
        yield functions
