"""A Postfix of our own: configuration, queue, data and log below one directory of the lab.

/etc/postfix and the machine's own queue are neither read nor written.
"""

import os
import pwd
import shutil

from ports import greets
from render import render

MAIL_USER = "mail"  # of every Debian; owns the maildirs
SIZE_LIMIT = 52428800  # octets, the same at every server of the lab


def _readable_by_all(path):
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)
    return path


class PostfixHost:
    """One mail server of the lab: host `name`, whose Postfix runs as the server `server`."""

    def __init__(self, lab, name, address, hostname, server=None):
        self._lab = lab
        self.name = name
        self.server = server or name
        self.address = lab.at(address)
        self.hostname = hostname
        self.directory = lab.directory / "mail" / self.server
        self.log = self.directory / "mail.log"

    @property
    def configuration(self):
        return self.directory / "etc"

    @property
    def maildir(self):
        return self.directory / "maildir"

    def prepare(self):
        """Makes the directories as Postfix wants to own them."""
        _readable_by_all(self.directory)
        _readable_by_all(self.configuration)
        _readable_by_all(self.directory / "queue")
        data = _readable_by_all(self.directory / "data")
        shutil.chown(data, "postfix", "postfix")

    def write(self, main_cf, master_cf):
        for name, text in (("main.cf", main_cf), ("master.cf", master_cf)):
            path = self.configuration / name
            path.write_text(text)
            path.chmod(0o644)

    def template_values(self):
        """The names that deploy/postfix's templates have in common."""
        return {"QUEUE_DIRECTORY": self.directory / "queue",
                "DATA_DIRECTORY": self.directory / "data", "MAIL_LOG": self.log,
                "MAIL_LOG_PREFIX": self.directory, "INSTANCE": f"postfix-{self.name}",
                "HOSTNAME": self.hostname, "ADDRESSES": self.address, "PROTOCOLS": "ipv4",
                "OWN_NETWORKS": f"{self.address}/32", "MESSAGE_SIZE_LIMIT": SIZE_LIMIT,
                "SMTP_TLS_LEVEL": "none", "SMTPD_TLS_LEVEL": "none", "TLS_CERTIFICATE": "",
                "TLS_KEY": "", "RETRY_LEAST": "2s", "RETRY_MOST": "10s"}

    def write_mailbox_host(self, domains, mailboxes, aliases=""):
        """Configures a server that keeps the mail of its domains in maildirs."""
        owner = pwd.getpwnam(MAIL_USER)
        _readable_by_all(self.maildir)
        os.chown(self.maildir, owner.pw_uid, owner.pw_gid)
        self.write(render("main.cf", hostname=self.hostname, address=self.address,
                          directory=self.directory, domains=" ".join(domains),
                          mailboxes=mailboxes, aliases=aliases, uid=owner.pw_uid, gid=owner.pw_gid,
                          size_limit=SIZE_LIMIT),
                   render("master.cf"))

    def serve(self):
        self._lab.serve(self.server, ["postfix", "-c", self.configuration, "start-fg"])

    def await_ready(self, port=25):
        self._lab.await_ready(self.server, lambda: greets(self.address, port))

    def facts(self):
        return {"name": self.name, "hostname": self.hostname, "address": self.address,
                "log": str(self.log), "queue": str(self.directory / "queue"),
                "configuration": str(self.configuration)}
