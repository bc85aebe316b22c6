"""One node of the provider's relay: a Postfix and, beside it, the agent that answers its tables.

Postfix is configured by deploy's own templates. 127.0.0.1 is shared, so nodes differ in ports.
"""

import urllib.request

from hosted_server import DOVECOT_GROUP, PROBE_USER
from postfix_host import PostfixHost
from render import fill, render


class RelayNode:
    """Node `name` (mx1, mx2); its servers are NAME-agent and NAME-postfix."""

    def __init__(self, lab, name, address, index):
        base = 8100 + 100 * index
        self._lab = lab
        self.name = name
        self._agent = f"{name}-agent"
        self._directory = lab.directory / "mail" / self._agent
        self._postfix = PostfixHost(lab, name, address, f"{name}.filter.example",
                                    f"{name}-postfix")
        self.api = f"127.0.0.1:{base + 25}"
        self.socketmap = f"127.0.0.1:{base + 26}"
        self._policy = f"127.0.0.1:{base + 27}"
        self._reinject_port = base + 28
        self.accounts = self._directory / "accounts.db"

    def start_agent(self, program, token_file, mail_root, peer):
        """Starts the agent; Postfix and Dovecot ask it, so it comes first."""
        host = self._postfix
        self._directory.mkdir(parents=True)
        self._directory.chmod(0o755)
        config = self._directory / "agent.toml"
        config.write_text(render(
            "agent.toml", name=self.name, directory=self._directory, api=self.api,
            socketmap=self.socketmap, policy=self._policy, reinject_port=self._reinject_port,
            accounts=self.accounts, accounts_group=DOVECOT_GROUP, mail_root=mail_root, probe_user=PROBE_USER,
            token_file=token_file, postfix=host.configuration, mail_log=host.log,
            address=host.address, peer=peer.name, peer_api=peer.api,
            peer_address=peer.address))
        self._lab.serve(self._agent, [program, "serve", "--config", config])

    @property
    def address(self):
        return self._postfix.address

    def start_postfix(self):
        host = self._postfix
        host.prepare()
        values = {**host.template_values(), "SOCKETMAP": self.socketmap, "POLICY": self._policy,
                  "REINJECT_PORT": self._reinject_port}
        host.write(fill("postfix/relay/main.cf.in", values),
                   fill("postfix/relay/master.cf.in", values))
        host.serve()

    def await_agent(self):
        self._lab.await_ready(self._agent, self._healthy)

    def await_postfix(self):
        self._postfix.await_ready()

    def facts(self):
        return {**self._postfix.facts(), "node": self.name, "api": f"http://{self.api}",
                "agent": self._agent, "postfix": self._postfix.server}

    def _healthy(self):
        try:
            with urllib.request.urlopen(f"http://{self.api}/v1/health", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False
