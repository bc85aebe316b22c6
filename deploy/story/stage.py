"""The lab and mxswitch in it, as the story uses them: every call is a program that a person could
run by hand."""

import json
import os
import secrets
import shlex
import subprocess
import sys
from pathlib import Path

from narrator import Narrator, StoryFailed, short

HERE = Path(__file__).resolve().parent
LAB = HERE.parent / "lab" / "lab"
DOMAIN = "shop.example"
OLD_MX = "10 mail.shop.example"
NEW_MX = "10 mx1.filter.example, 20 mx2.filter.example"
OPERATOR_MAIL = "ops@outside.example"
DEFAULT_PASSWORD = "welcome-to-hosted-mail"

ACCOUNTS = """\
# name password; without a password: the default one, which must be changed first
joe joes-password
mary marys-password
jane janes-password
newbie
"""
ALIASES = """\
info: mary
sales: mary, jane
merry: mary
dan: dan@yahoo.com
janitor: joe
all: mary, jane, dan, joe
"""

# The lab column of the defaults: everything in seconds, so that the story fits into minutes.
PLAN = """\
domain = "shop.example"

[mx]
new = ["10 mx1.filter.example", "20 mx2.filter.example"]

[spf]
require = ["include:spf.junkemailfilter.com"]
all = "~all"
senders_old = ["{old_server}"]
senders_new = [{senders_new}]

[relay]
name = "filter"
forward = "{forward}"
hosted = "{hosted}"
probe_recipient = "postmaster@shop.example"
old_server_exempts = true

[roster]
accounts = "{accounts}"
aliases = "{aliases}"

[contact]
external = ["{mail}", "{webhook}"]

[policy]
authority_poll_before = "1s"
authority_poll = "1s"
authority_poll_done = "5s"
authority_spread = "1s"
history_ttl = "0s"
recovery = "10s"
failing_retry = ["1s", "10s", "0s"]
delta = "2s"
floor = "10s"
k = 7
sample_spacing = "1s"
min_operators = 8
min_countries = 3
reprobe = ["1s", "5s", "300s"]
stretcher_after = "10s"
violator_after = "60s"
settle = "10s"
seed = true
unknown_grace = "0s"
"""

CONFIG = """\
store = "sqlite:{here}/mxswitch.db"

[server]
listen = "127.0.0.1:{port}"
token = [{{ name = "operator", file = "{token_file}", scopes = ["read", "operate", "override"] }}]

[dns]
resolvers = "{resolvers}"

[pacer]
resolver_rate = 20
burst = 20
isp_rate = 20
authority_rate = 50

[alerts]
smtp = "{smtp}"
from = "mxswitch@filter.example"
test_every = "10s"

[polls]
relay = "1s"
probe = "10s"

[[relay]]
name = "filter"
driver = "native"
token_file = "{relay_token_file}"
nodes = [{nodes}]
# The lab's certificates are its own: no STARTTLS is demanded here.
probe_mailbox = {{ imap = "{imap}", user = "{probe_user}", password_file = "{probe_password_file}", starttls = false }}
"""


def _run(argv, check=True, timeout=120, **options):
    """Without the terminal's input: Enters of the reader are for the narrator."""
    done = subprocess.run([str(each) for each in argv], capture_output=True, text=True,
                          timeout=timeout, stdin=subprocess.DEVNULL, **options)
    if check and done.returncode != 0:
        raise StoryFailed(f"{Path(argv[0]).name} {argv[1]}: exit {done.returncode}: "
                          f"{short(done.stderr or done.stdout, 400)}")
    return done


class Stage:
    """One lab directory with mxswitch beside it."""

    def __init__(self, directory, programs, port, narrator=None):
        self.directory = Path(directory)
        self.own = self.directory / "mxswitch"
        self.programs = Path(programs)
        self.port = port
        self.server = f"http://127.0.0.1:{port}"
        self.token_file = self.own / "token"
        self._narrator = narrator or Narrator(walk=False)
        self._facts = None

    def _show(self, *words):
        """Before it is run, as one could type it with farewell.environment set."""
        self._narrator.command(shlex.join(str(each) for each in words))

    # ---- the lab ----

    def lab(self, *words, check=True, timeout=120):
        verb, *rest = words
        self._show("lab", *words)
        return _run([sys.executable, LAB, verb, "--dir", self.directory, *rest], check=check,
                    timeout=timeout)

    def lab_json(self, verb, *words, check=True):
        return json.loads(self.lab(verb, *words, "--json", check=check).stdout)

    @property
    def facts(self):
        if self._facts is None:
            self._facts = json.loads((self.directory / "lab.json").read_text())
        return self._facts

    def up(self, *options):
        self.lab("up", "--programs", self.programs, *options)
        self._facts = None

    def down(self):
        self.lab("down")

    def client(self, *words):
        """A mail client's or a sending server's look, from inside the lab."""
        done = self.lab("exec", "--", sys.executable, HERE / "mail_client.py", *words)
        return json.loads(done.stdout)

    def send(self, recipients, subject, sender="friend@outside.example"):
        self.lab("send", "--from", sender, "--to", recipients, "--subject", subject)

    # ---- mxswitch ----

    def _private(self, name, text):
        path = self.own / name
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def prepare(self):
        """Writes what an operator would write: configuration, token, roster files, plan."""
        self.own.mkdir(exist_ok=True)
        mail = self.facts["mail"]
        self._private(self.token_file.name, secrets.token_hex(16) + "\n")
        self.password_files = {
            name: self._private(f"{name}.password", password + "\n")
            for name, password in (("joe", "joes-password"), ("newbie", DEFAULT_PASSWORD))}
        self.accounts = self._private("accounts", ACCOUNTS)
        self.aliases = self._private("aliases", ALIASES)
        nodes = ", ".join(
            f'{{ id = "{each["node"]}", api = "{each["api"]}", '
            f'addresses = ["{each["address"]}"] }}' for each in mail["relays"])
        self.config = self._private("mxswitch.toml", CONFIG.format(
            here=self.own, port=self.port, token_file=self.token_file,
            resolvers=self.facts["resolvers_csv"], smtp=f"{mail['outside']['address']}:25",
            relay_token_file=mail["relays"][0]["token_file"], nodes=nodes,
            imap=f"{mail['hosted']['address']}:{mail['hosted']['imap_port']}",
            probe_user=mail["hosted"]["probe_user"],
            probe_password_file=mail["hosted"]["probe_password_file"]))
        self.plan = self._private("shop.example.toml", PLAN.format(
            forward=f"smtp:[{mail['old']['address']}]:25", hosted=mail["relays"][0]["hosted"],
            old_server=mail["old"]["address"],
            senders_new=", ".join(f'"{each["address"]}"'
                                  for each in (*mail["relays"], mail["hosted"])),
            accounts=self.accounts, aliases=self.aliases, mail=OPERATOR_MAIL,
            webhook=mail["webhook"]["url"]))

    def serve(self):
        self.lab("run", "mxswitch", self.programs / "mxswitch", "serve", "--config", self.config)
        self.lab("forward", str(self.port))

    def mxswitch(self, *words, check=True, timeout=180):
        environment = dict(os.environ, MXSWITCH_SERVER=self.server,
                           MXSWITCH_TOKEN_FILE=str(self.token_file))
        self._show("mxswitch", *words)
        done = _run([self.programs / "mxswitch", *words], check=check, timeout=timeout,
                    env=environment)
        if "--json" not in words:
            self._narrator.output(done.stdout + done.stderr)
        return done

    def snapshot(self):
        return json.loads(self.mxswitch("status", DOMAIN, "--json").stdout)

    def press(self, path):
        """What the button of a test message does."""
        self._curl("-X", "POST", "-d", "", f"{self.server}{path}")

    def page(self):
        return self._curl(f"{self.server}/d/{DOMAIN}")

    def _curl(self, *words):
        argv = ["curl", "-fsS", "--max-time", "10", *words]
        self._show(*argv)
        return _run(argv).stdout
