"""The hosted side: Dovecot (LMTP, IMAP, passwords) and submission, with deploy's templates.

Accounts are read from the file that the agent of the first relay node keeps.
"""

import secrets
import subprocess
from pathlib import Path

import world
from errors import LabError
from ports import listens
from postfix_host import MAIL_USER, PostfixHost
from render import DEPLOY, fill

LMTP_PORT, IMAP_PORT, SUBMISSION_PORT, SASL_PORT = 24, 143, 587, 12345
PROBE_USER = "mxswitch-probe@filter.example"
DOVECOT_GROUP = "dovecot"
DOVECOT_MODULES = ("/usr/lib/dovecot/modules", "/usr/lib64/dovecot", "/usr/local/lib/dovecot")


def write_secret(lab, name, text):
    """A file that only its owner reads; answers its path."""
    path = lab.directory / "secrets" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text + "\n")
    return path


def dovecot_release():
    """The folder of deploy/dovecot for the Dovecot that is installed: "2.3", "2.4"."""
    said = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True)
    return ".".join(said.stdout.split(".")[:2])


def _hash(password):
    done = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, text=True,
                          capture_output=True, check=True)
    return "{SHA512-CRYPT}" + done.stdout.strip()


class HostedServer:
    """Dovecot as `hosted`, and the Postfix of submission beside it."""

    def __init__(self, lab, accounts, socketmap):
        self._lab = lab
        self._accounts = accounts
        self._socketmap = socketmap
        self.address = lab.at(world.HOSTED)
        self.directory = lab.directory / "mail" / "hosted"
        self.submission = PostfixHost(lab, "submission", world.HOSTED, "hosted.filter.example")
        self.mail_root = self.directory / "mail"

    def start(self):
        if not any(Path(each, "libdriver_sqlite.so").exists() for each in DOVECOT_MODULES):
            raise LabError("Dovecot has no SQLite driver here; install dovecot-sqlite")
        self._write_dovecot()
        self._lab.serve("hosted", ["dovecot", "-F", "-c", self._config("dovecot.conf")])
        self._write_submission()
        self.submission.serve()

    def await_ready(self):
        for port in (LMTP_PORT, IMAP_PORT):
            self._lab.await_ready("hosted", lambda: listens(self.address, port))
        self.submission.await_ready(SUBMISSION_PORT)

    def facts(self):
        return {"name": "hosted", "address": self.address, "imap_port": IMAP_PORT,
                "lmtp_port": LMTP_PORT, "submission_port": SUBMISSION_PORT,
                "next_hop": f"lmtp:inet:{self.address}:{LMTP_PORT}",
                "dovecot": str(self._config("dovecot.conf")), "mail_root": str(self.mail_root),
                "log": str(self.directory / "dovecot.log"), "probe_user": PROBE_USER,
                "probe_password_file": str(self._lab.directory / "secrets" / "probe-password")}

    def _config(self, name):
        return self.directory / "etc" / name

    def _write_dovecot(self):
        for part in ("etc", "run", "state", "mail"):
            (self.directory / part).mkdir(parents=True)
        subprocess.run(["chown", f"{MAIL_USER}:{MAIL_USER}", self.mail_root], check=True)
        password = secrets.token_urlsafe(24)
        write_secret(self._lab, "probe-password", password)
        values = {
            "RUN_DIRECTORY": self.directory / "run", "STATE_DIRECTORY": self.directory / "state",
            "LOG": self.directory / "dovecot.log", "INSTANCE": "hosted",
            "ADDRESSES": self.address, "IMAP_PORT": IMAP_PORT, "LMTP_ADDRESS": self.address,
            "LMTP_PORT": LMTP_PORT, "SASL_ADDRESS": "127.0.0.1", "SASL_PORT": SASL_PORT,
            "SSL": "no", "AUTH_NEEDS_TLS": "no", "AUTH_CLEARTEXT": "yes", "INTERNAL_USER": "dovecot",
            "LOGIN_USER": "dovenull", "INTERNAL_GROUP": "dovecot", "MAIL_USER": MAIL_USER,
            "MAIL_GROUP": MAIL_USER, "SQL_CONF": self._config("dovecot-sql.conf.ext"),
            "ACCOUNTS": self._accounts, "ACCOUNTS_GROUP": DOVECOT_GROUP,
            "PROBE_USERS": self._config("probe-users"),
            "PROBE_USER": PROBE_USER, "PROBE_PASSWORD_HASH": _hash(password),
        }
        for template in [*sorted(Path(DEPLOY, "dovecot", dovecot_release()).glob("*.in")),
                         DEPLOY / "dovecot" / "probe-users.in"]:
            self._config(template.stem).write_text(fill(template, values))

    def _write_submission(self):
        host = self.submission
        host.prepare()
        values = {**host.template_values(), "SOCKETMAP": self._socketmap, "AUTH_NEEDS_TLS": "no",
                  "SASL": f"127.0.0.1:{SASL_PORT}", "SUBMISSION_PORT": SUBMISSION_PORT}
        host.write(fill("postfix/submission/main.cf.in", values),
                   fill("postfix/submission/master.cf.in", values))
