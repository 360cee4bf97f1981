"""What several errors say, in the words of each reader."""

from cognito_action.words import Variable, Words

HERE = Words("add to this step:", "run this before it:")
"""What comes before a `Variable` to paste."""

OUR_NAMES = Words("`gha-` or `success+gha-`", "`ctu-` or `success+ctu-` (on GitHub `gha-` in place of `ctu-`)")
"""How the generated names and addresses start."""

NO_ADDRESS = Words("`email-domain: ''`", "`--email-domain ''`")
"""What gives a user no address."""

FEWER_AT_ONCE = Words("Start fewer jobs at once (`strategy.max-parallel`)", "Start fewer of these at once")

CORRECT_CLOCK = Words("Correct the clock of the self-hosted runner.", "Correct this machine's clock.")

DELETED_AT_THE_END = Words("The post step deletes the user.", "The user is deleted at the end.")

CALL_AWS = Variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
"""What has the calls go to AWS, whatever else is set."""

CALL_AWS_INSTEAD = Words("If this step is to call AWS, add to it:", "To call AWS instead, run this before it:")

NO_PROXY = Words("If this step needs no proxy, add to it:", "To do without a proxy, run this before it:")

NO_OWN_AUTHORITY = HERE.within("If nothing on the way has an authority of its own, {}")

WITHOUT = Variable("{variable}")
"""What makes the variable in this field one that is not set."""
