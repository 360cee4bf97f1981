"""The command on a system that is not POSIX: whatever it may ever import can be imported there."""

import subprocess
import sys
from pathlib import Path

from tools.emulator.job import ROOT

SCRIPT = '''
import ast, importlib, os, signal, sys
from pathlib import Path

# Modules of others that need what is taken away have it.
import asyncio, concurrent.futures, getpass, logging.handlers, multiprocessing, platform, pydantic, random, secrets
import shutil, socketserver, ssl, subprocess, tempfile, uuid, webbrowser, yaml
import botocore.session, urllib3, pyotp
import http.client, http.cookiejar, urllib.request
for service in ("cognito-idp", "sts"):
    botocore.session.get_session().create_client(service, "eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")

POSIX = {"fcntl", "pwd", "grp", "termios", "resource", "pty", "tty", "posix", "_posixsubprocess", "syslog", "crypt", "spwd", "nis"}

class NotHere:
    """As if these modules were not there."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in POSIX:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NotHere())
for name in POSIX - {"posix"}:
    sys.modules.pop(name, None)

# What the documentation of `os` and `signal` says is not on Windows.
for name in """
    WNOHANG chown chroot confstr ctermid fchdir fchmod fchown fork forkpty geteuid getegid getgid getgroups getloadavg getpgid
    getpgrp getpriority getresuid getsid getuid initgroups killpg lchown lockf mkfifo mknod nice
    openpty pathconf pread pwrite register_at_fork sched_getaffinity sendfile setegid seteuid setgid setgroups setpgid
    setpriority setregid setresuid setreuid setsid setuid statvfs sync sysconf tcgetpgrp tcsetpgrp ttyname uname wait wait3
    wait4 waitid O_NOFOLLOW O_DIRECTORY O_CLOEXEC O_NONBLOCK O_SYNC O_DSYNC O_NOCTTY O_PATH environb getenvb
    posix_spawn posix_spawnp
""".split():
    if hasattr(os, name):
        delattr(os, name)
for name in """
    SIGHUP SIGALRM SIGCHLD SIGCONT SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGUSR1 SIGUSR2 SIGWINCH SIG_BLOCK
    SIG_SETMASK SIG_UNBLOCK alarm getitimer pause pthread_kill pthread_sigmask setitimer siginterrupt sigpending sigtimedwait
    sigwait sigwaitinfo ITIMER_REAL
""".split():
    if hasattr(signal, name):
        delattr(signal, name)
def file_of(module):
    return Path(module.replace(".", "/") + ".py")

def imported(module):
    """What a module imports anywhere, but for types only."""
    tree = ast.parse(file_of(module).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("cognito_action"):
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                if file_of(name).exists():
                    yield name

known, waiting = set(), ["cognito_action.command.main"]
while waiting:
    module = waiting.pop()
    if module not in known:
        known.add(module)
        waiting += imported(module)
for module in sorted(known):
    importlib.import_module(module)
own = sorted(name for name in sys.modules if name.startswith("cognito_action.") and not hasattr(sys.modules[name], "__path__"))
assert set(own) <= known, set(own) - known

from cognito_action.command.options import read_options
from cognito_action.terminal.process import Signals
read_options(["run", "--", "x"], {})
with Signals().handled():
    pass

# A journal there: locked by the module of Windows, and of no one in particular.
import types
from datetime import datetime, UTC
from random import Random
from cognito_action.naming import Run
from cognito_action.terminal.journal import Journal
from cognito_action.terminal.state_folder import StateFolder
locked = []
sys.modules["msvcrt"] = types.SimpleNamespace(LK_NBLCK=2, locking=lambda *arguments: locked.append(arguments))
folder = StateFolder(sys.argv[1])
Journal.create(folder, Run("1", "2", "3"), datetime.now(UTC), Random()).close()
[journal] = Journal.abandoned(folder, print)
assert journal.read() == (Run("1", "2", "3"), {})
journal.remove()
assert len(locked) == 2
print(*own, sep="\\n")
'''


def test_no_module_needs_posix_to_be_imported(tmp_path: Path) -> None:
    """Those that are imported late are among them; options are read, signals are handled, and a journal is kept."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "state")], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    modules = done.stdout.split()
    assert len(modules) > 80
    assert {
        *("cognito_action.command.main", "cognito_action.inputs.main", "cognito_action.inputs.sweep"),
        *("cognito_action.inputs.adopt", "cognito_action.inputs.delete", "cognito_action.github.oidc"),
        *("cognito_action.sign_in.flows", "cognito_action.sign_in.browser_state", "cognito_action.aws.credentials"),
        *("cognito_action.users.self_sign_up", "cognito_action.terminal.journal"),
    } <= set(modules)
