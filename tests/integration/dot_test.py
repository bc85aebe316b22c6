#!/usr/bin/python3
"""DNS over TLS beside UDP: something that answers UDP in the place of two resolvers is found where
TLS reaches them themselves, and only there."""

import csv
import io
import json
import os
import secrets
import socket
import subprocess
import unittest
from pathlib import Path

import lab_runner
from lab_runner import LabRunner, until

PROGRAM = Path(os.environ.get("MXSWITCH_PROGRAMS", "build/release/bin")).resolve() / "mxswitch"
NEW = "10 mx1.filter.example, 20 mx2.filter.example"
# They stretch TTLs and serve stale answers; that is another story.
LEFT_OUT = ("dismail", "swisscom")
# Two whose UDP says new while they themselves hold the old set; one that agrees; one whose
# certificate is another's; one that does not speak TLS at all.
INTERCEPTED = ("cloudflare", "execulink")
NAMES = {"cloudflare": "one.one.one.one", "execulink": "dot.execulink.example",
         "telstra": "dot.telstra.example", "aruba": "dot.aruba.example",
         "hinet": "dot.hinet.example"}
CERTIFIED = {**{name: NAMES[name] for name in (*INTERCEPTED, "telstra")}, "aruba": "other.example"}

UNBOUND = """\
server:
    interface: {address}@853
    tls-service-key: "{key}"
    tls-service-pem: "{certificate}"
    tls-port: 853
    outgoing-interface: {address}
    access-control: 0.0.0.0/0 allow
    username: ""
    chroot: ""
    directory: "{directory}"
    pidfile: ""
    use-syslog: no
    logfile: ""
    do-ip6: no
    module-config: "iterator"
    root-hints: "{hints}"
    do-not-query-localhost: no
{extra}
remote-control:
    control-enable: no
"""
HOLDS_THE_OLD = """\
    local-zone: "shop.example." static
    local-data: "shop.example. 20 IN MX 10 mail.shop.example."
"""

PLAN = """\
domain = "shop.example"
[mx]
new = ["10 mx1.filter.example", "20 mx2.filter.example"]
[policy]
authority_poll_before = "1s"
authority_poll = "1s"
authority_poll_done = "5s"
authority_spread = "1s"
history_ttl = "0s"
recovery = "10s"
failing_retry = ["1s", "10s", "0s"]
delta = "1s"
floor = "2s"
settle = "2s"
k = 3
sample_spacing = "1s"
min_operators = 10
reprobe = ["1s", "2s", "60s"]
seed = true
"""
CONFIG = """\
store = "sqlite:{here}/{name}.db"
[server]
listen = "127.0.0.1:{port}"
token = [{{ name = "operator", file = "{token}", scopes = ["read", "operate"] }}]
[dns]
resolvers = "{resolvers}"
root_hints = "{hints}"
dot = {dot}
dot_ca = "{ca}"
[pacer]
resolver_rate = 20
burst = 20
isp_rate = 20
authority_rate = 50
"""


def setUpModule():
    lab_runner.skip_without(*lab_runner.DNS_PROGRAMS, "openssl")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certify(folder, name):
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=lab",
                    "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return key, certificate


class Serve:
    """One mxswitch in the lab; `dot`: whether it asks by DNS over TLS."""

    def __init__(self, world, name, dot):
        self.world, self.name, self.port = world, name, free_port()
        self.config = world.own / f"{name}.toml"
        self.config.write_text(CONFIG.format(
            here=world.own, name=name, port=self.port, token=world.token, dot=dot, ca=world.ca,
            resolvers=world.resolvers, hints=world.facts["root_hints"]))
        world.lab_does("run", name, PROGRAM, "serve", "--config", self.config)

    def command(self, *words, check=True):
        done = self.world.lab.run(
            "exec", "--", PROGRAM, *words, environment={
                "MXSWITCH_SERVER": f"http://127.0.0.1:{self.port}",
                "MXSWITCH_TOKEN_FILE": str(self.world.token)})
        if check and done.returncode != 0:
            raise AssertionError(f"{words}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def answers(self):
        return self.command("status", check=False).returncode == 0

    def seen(self):
        done = self.command("status", "shop.example", "--json", check=False)
        return json.loads(done.stdout) if done.stdout.startswith("{") else {}

    def explained(self):
        return self.command("status", "shop.example", "--explain", check=False).stdout

    def reason(self, code):
        texts = [each["text"] for each in self.seen().get("reasons", []) if each["code"] == code]
        return texts[0] if texts else None


class World:
    """The lab, its resolvers' TLS sides, and one configuration with DNS over TLS, one without."""

    def __init__(self, lab):
        self.lab = lab
        self.facts = lab.json("up", "--dns-only", "--mx-ttl", "12")
        self.own = lab.directory / "own"
        self.own.mkdir()
        self.token = self.own / "token"
        self.token.write_text(secrets.token_hex(16) + "\n")
        self.token.chmod(0o600)
        self.addresses = {each["name"]: each["address"] for each in self.facts["resolvers"]}
        self.ca = self.own / "ca.pem"
        self.ca.write_text("".join(self.tls_side(name) for name in CERTIFIED))
        self.resolvers = self.own / "resolvers.csv"
        self.resolvers.write_text(self.named())

    def lab_does(self, *words):
        done = self.lab.run(*words)
        if done.returncode != 0:
            raise AssertionError(f"lab {words}: {done.stderr}")

    def tls_side(self, name):
        """Starts what answers at port 853 of the resolver; returns its certificate."""
        folder = self.own / name
        folder.mkdir()
        key, certificate = certify(folder, CERTIFIED[name])
        (folder / "unbound.conf").write_text(UNBOUND.format(
            address=self.addresses[name], key=key, certificate=certificate, directory=folder,
            hints=self.facts["root_hints"], extra=HOLDS_THE_OLD if name in INTERCEPTED else ""))
        self.lab_does("run", f"{name}-tls", "unbound", "-d", "-c", folder / "unbound.conf")
        return certificate.read_text()

    def named(self):
        rows = list(csv.DictReader(io.StringIO(Path(self.facts["resolvers_csv"]).read_text())))
        out = io.StringIO()
        writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        by_address = {address: name for name, address in self.addresses.items()}
        for row in rows:
            name = by_address[row["address"]]
            if name not in LEFT_OUT:
                writer.writerow({**row, "dot_name": NAMES.get(name, "")})
        return out.getvalue()


class DnsOverTls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = LabRunner()
        cls.addClassCleanup(cls.lab.__exit__)
        cls.world = World(cls.lab)
        cls.plan = cls.world.own / "plan.toml"
        cls.plan.write_text(PLAN)
        cls.serves = {dot: Serve(cls.world, f"with-dot-{dot}", dot) for dot in ("true", "false")}
        for serve in cls.serves.values():
            if not until(serve.answers, 20):
                raise AssertionError(f"{serve.name} does not answer")

    def test_doctor_tells_how_many_answer(self):
        said = self.serves["true"].command(
            "doctor", "--config", self.serves["true"].config, check=False).stdout
        self.assertIn("DNS over TLS: 3 of 5 resolvers whose name is known answer", said)
        self.assertIn("1 of them: no connection: Connection refused", said)
        self.assertIn("1 of them: its certificate can't be verified for dot.aruba.example: "
                      "hostname mismatch", said)

    def test_the_sign_appears_with_tls_and_not_without(self):
        with_tls, without = self.serves["true"], self.serves["false"]
        for serve in self.serves.values():
            serve.command("plan", "apply", self.plan)
        self.assertTrue(until(lambda: with_tls.seen().get("authority", {}).get("servers"), 20))
        self.world.lab_does("plant")
        self.world.lab_does("set-mx", NEW)
        self.world.lab_does("sync-secondary")

        self.assertTrue(until(lambda: without.seen().get("verdict") == "ready", 90),
                        without.explained())
        self.assertNotEqual(with_tls.seen()["verdict"], "ready", with_tls.explained())
        self.assertTrue(until(lambda: with_tls.reason("interception"), 60), with_tls.explained())
        # Of ten operators two count as one; one more may not be counted at the moment.
        self.assertRegex(with_tls.reason("interception"),
                         r"[89] independent ones remain of 10 wanted\. UDP and DNS over TLS disagree "
                         r"at Cloudflare, Execulink Telecom in 3 samples in a row")

        told = " ".join(with_tls.explained().split())
        self.assertIn("DNS over TLS: disagrees with UDP in 3 samples in a row", told)
        self.assertIn("DNS over TLS: agrees with UDP", told)
        self.assertIn("DNS over TLS: unknown: no connection: Connection refused", told)
        self.assertNotIn("DNS over TLS", without.explained())
        warnings = with_tls.seen().get("warnings", [])
        self.assertTrue(any("UDP and DNS over TLS disagree" in each for each in warnings), warnings)


if __name__ == "__main__":
    lab_runner.main()
