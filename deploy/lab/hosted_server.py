"""The hosted side: Dovecot (LMTP, IMAP, passwords) and submission, with deploy's templates.

Accounts are answered by the agent of the first relay node over Dovecot's dict protocol.
"""

import secrets
import subprocess

import world
from ports import listens
from postfix_host import MAIL_USER, PostfixHost
from render import fill

LMTP_PORT, IMAP_PORT, SUBMISSION_PORT, SASL_PORT = 24, 143, 587, 12345
PROBE_USER = "mxswitch-probe@filter.example"


def write_secret(lab, name, text):
    """A file that only its owner reads; answers its path."""
    path = lab.directory / "secrets" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text + "\n")
    return path


def _hash(password):
    done = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, text=True,
                          capture_output=True, check=True)
    return "{SHA512-CRYPT}" + done.stdout.strip()


class HostedServer:
    """Dovecot as `hosted`, and the Postfix of submission beside it."""

    def __init__(self, lab, dict_socket, socketmap):
        self._lab = lab
        self._dict_socket = dict_socket
        self._socketmap = socketmap
        self.address = lab.at(world.HOSTED)
        self.directory = lab.directory / "mail" / "hosted"
        self.submission = PostfixHost(lab, "submission", world.HOSTED, "hosted.filter.example")
        self.mail_root = self.directory / "mail"

    def start(self):
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
            "SSL": "no", "AUTH_NEEDS_TLS": "no", "INTERNAL_USER": "dovecot",
            "LOGIN_USER": "dovenull", "INTERNAL_GROUP": "dovecot", "MAIL_USER": MAIL_USER,
            "MAIL_GROUP": MAIL_USER, "DICT_CONF": self._config("dovecot-dict-auth.conf.ext"),
            "DICT_SOCKET": self._dict_socket, "PROBE_USERS": self._config("probe-users"),
            "PROBE_USER": PROBE_USER, "PROBE_PASSWORD_HASH": _hash(password),
        }
        for name in ("dovecot.conf", "dovecot-dict-auth.conf.ext", "probe-users"):
            self._config(name).write_text(fill(f"dovecot/{name}.in", values))

    def _write_submission(self):
        host = self.submission
        host.prepare()
        values = {**host.template_values(), "SOCKETMAP": self._socketmap, "AUTH_NEEDS_TLS": "no",
                  "SASL": f"127.0.0.1:{SASL_PORT}", "SUBMISSION_PORT": SUBMISSION_PORT}
        host.write(fill("postfix/submission/main.cf.in", values),
                   fill("postfix/submission/master.cf.in", values))
