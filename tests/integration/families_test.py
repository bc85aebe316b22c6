#!/usr/bin/python3
"""Authorities over both address families, and their signatures, on real servers: an NSD behind each
set of addresses and an Unbound that uses both, in a network namespace of their own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import lab_runner
from lab_runner import until

PROGRAM = Path(os.environ.get("MXSWITCH_PROGRAMS", "build/release/bin")).resolve() / "mxswitch"
INSIDE = "MXSWITCH_FAMILIES_INSIDE"
ROOT, TOP, RESOLVER = "10.53.0.1", "10.53.0.2", "10.53.0.53"
# The box that was changed, one that nobody thought of, and one whose signatures ran out.
NEW, OLD, EXPIRED = ("10.53.0.11", "fd00:53::11"), ("10.53.0.12", "fd00:53::12"), ("10.53.0.13",)
EXPECTED = "10 mx1.filter.example"
SERVERS = {  # domain: its name servers and their addresses
    "lone.example": {"ns1": [NEW[0]], "ns6": [OLD[1]]},
    "twin.example": {"ns1": [NEW[0], OLD[1]]},
    "six.example": {"ns6": [NEW[1]]},
    "filter.example": {"ns1": [NEW[0]]},
    "signed.example": {"ns1": [NEW[0]], "ns2": [EXPIRED[0]]},
}
POLICY = ["authority_poll_before=1s", "authority_poll=1s", "authority_poll_done=1s",
          "authority_spread=1s", "delta=1s", "floor=2s", "settle=3s", "recovery=2s", "k=3",
          "sample_spacing=1s", "min_operators=1", "min_countries=1"]


def address_type(address):
    return "AAAA" if ":" in address else "A"


def servers_of(domain):
    """NS records and the addresses of their names, as parent and child say them."""
    lines = [f"{domain}. 5 NS {name}.{domain}." for name in SERVERS[domain]]
    return lines + [f"{name}.{domain}. 5 {address_type(each)} {each}"
                    for name, addresses in SERVERS[domain].items() for each in addresses]


def soa(zone, serial=1):
    return f"{zone} 5 SOA ns1.root.example. postmaster.root.example. {serial} 60 60 600 5"


def zone_text(domain, mx, serial=1):
    return "\n".join([soa(f"{domain}.", serial), *servers_of(domain),
                      f"{domain}. 5 MX {mx}.", ""])


class Network:
    """All servers; close() ends each by its process."""

    def __init__(self, folder):
        self.folder, self.running = Path(folder), []

    def open(self):
        for command in (["ip", "link", "set", "lo", "up"],
                        *(["ip", "address", "add", f"{each}/{128 if ':' in each else 32}", "dev",
                           "lo"] for each in (ROOT, TOP, RESOLVER, *NEW, *OLD, *EXPIRED))):
            subprocess.run(command, check=True)
        self.nsd("root", [ROOT], {".": [soa("."), ". 5 NS a.root.", f"a.root. 5 A {ROOT}",
                                       "example. 5 NS a.nic.example.",
                                       f"a.nic.example. 5 A {TOP}"]})
        top = [soa("example."), "example. 5 NS a.nic.example.", f"a.nic.example. 5 A {TOP}"]
        for domain in SERVERS:
            top += servers_of(domain)
        new = {domain: zone_text(domain, EXPECTED).splitlines() for domain in SERVERS}
        new["filter.example"].append("mx1.filter.example. 5 A 10.53.0.99")
        key, plain = self.key("signed.example"), new["signed.example"]
        new["signed.example"] = self.signed("signed.example", key, plain)
        expired = self.signed("signed.example", key, plain, ends_in=-3600)
        top += subprocess.run(["dnssec-dsfromkey", "-2", key], check=True, capture_output=True,
                              text=True).stdout.splitlines()
        self.nsd("top", [TOP], {"example": self.signed("example", self.key("example"), top)})
        self.nsd("new", NEW, new)
        self.nsd("expired", EXPIRED, {"signed.example": expired})
        self.nsd("old", OLD, {domain: zone_text(domain, f"10 mail.{domain}").splitlines()
                              for domain in ("lone.example", "twin.example")})
        self.unbound()

    def key(self, zone):
        """The one key of a zone, as a DNSKEY record."""
        made = subprocess.run(["dnssec-keygen", "-K", self.folder, "-a", "ECDSAP256SHA256", "-f",
                               "KSK", zone], check=True, capture_output=True, text=True).stdout
        return self.folder / f"{made.strip()}.key"

    def signed(self, zone, key, lines, ends_in=86400):
        """The zone with signatures that end so many seconds from now."""
        unsigned, made = self.folder / "unsigned.zone", self.folder / "signed.zone"
        unsigned.write_text("\n".join([*lines, key.read_text(), ""]), encoding="ascii")
        subprocess.run(["dnssec-signzone", "-z", "-P", "-K", self.folder, "-d", self.folder, "-o",
                        zone, "-s", "now-86400", "-e", f"now{ends_in:+}", "-f", made, unsigned],
                       check=True, capture_output=True)
        return made.read_text(encoding="ascii").splitlines()

    def start(self, *command):
        with open(self.folder / "stderr", "ab") as log:
            self.running.append(subprocess.Popen(command, stdout=log, stderr=log))

    def write_zone(self, server, zone, lines):
        path = self.folder / server / f"{zone.strip('.') or 'root'}.zone"
        path.write_text("\n".join(lines) + "\n", encoding="ascii")
        return path

    def nsd(self, name, addresses, zones):
        folder = self.folder / name
        folder.mkdir()
        config = ["server:", *(f"  ip-address: {each}@53" for each in addresses),
                  f'  username: ""\n  chroot: ""\n  database: ""\n  zonesdir: "{folder}"',
                  f'  pidfile: "{folder}/pid"\n  xfrdfile: "{folder}/xfrd"',
                  f'  zonelistfile: "{folder}/zones"\n  xfrdir: "{folder}"\n  server-count: 1',
                  "remote-control:\n  control-enable: no"]
        for zone, lines in zones.items():
            path = self.write_zone(name, zone, lines)
            config.append(f'zone:\n  name: "{zone}"\n  zonefile: "{path}"')
        (folder / "nsd.conf").write_text("\n".join(config) + "\n", encoding="ascii")
        self.start("nsd", "-d", "-c", str(folder / "nsd.conf"))

    def unbound(self):
        hints = self.folder / "root.hints"
        hints.write_text(f". 3600 NS a.root.\na.root. 3600 A {ROOT}\n", encoding="ascii")
        config = self.folder / "unbound.conf"
        config.write_text(
            f'server:\n  interface: {RESOLVER}\n  access-control: 10.0.0.0/8 allow\n'
            f'  username: ""\n  chroot: ""\n  directory: "{self.folder}"\n  use-syslog: no\n'
            f'  pidfile: "{self.folder}/unbound.pid"\n  root-hints: "{hints}"\n'
            '  do-ip6: yes\n  do-daemonize: no\n  do-not-query-localhost: no\n'
            '  module-config: "iterator"\n  infra-host-ttl: 1\n'
            'remote-control:\n  control-enable: no\n', encoding="ascii")
        self.start("unbound", "-d", "-c", str(config))
        self.catalogue = self.folder / "resolvers.csv"
        self.catalogue.write_text("address,operator,name,country_code\n"
                                  f"{RESOLVER},Unbound,here,DE\n", encoding="ascii")
        self.hints = hints

    def change(self, server, domain):
        """The last box gets the new zone too."""
        self.write_zone(server, domain, zone_text(domain, EXPECTED, serial=2).splitlines())
        os.kill(int((self.folder / server / "pid").read_text()), 1)  # NSD reads its zones again

    def close(self):
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(20)


def setUpModule():
    lab_runner.skip_without("nsd", "unbound", "dnssec-signzone", "ip")


class Families(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="mxswitch-families-")
        cls.addClassCleanup(shutil.rmtree, folder, True)
        cls.network = Network(folder)
        cls.addClassCleanup(cls.network.close)
        cls.network.open()
        if not until(lambda: "mx1" in cls.dig("six.example"), 20):
            raise AssertionError("the servers did not come up: " +
                                 (cls.network.folder / "stderr").read_text())

    @classmethod
    def dig(cls, domain):
        return subprocess.run(["dig", f"@{RESOLVER}", "+short", "+time=1", "+tries=1", domain,
                               "MX"], capture_output=True, text=True).stdout

    def command(self, verb, domain, *more):
        return [PROGRAM, verb, domain, "--expect-mx", EXPECTED, "--resolvers",
                self.network.catalogue, "--root-hints", self.network.hints, *more]

    def check(self, domain):
        done = subprocess.run(self.command("check", domain), capture_output=True, text=True,
                              timeout=60)
        return done.returncode, done.stdout + done.stderr

    def watch(self, domain):
        policy = [word for each in POLICY for word in ("--policy", each)]
        with open(self.network.folder / f"{domain}.watch", "wb") as log:
            process = subprocess.Popen(
                self.command("watch", domain, "--old-mx", f"10 mail.{domain}", "--old-ttl", "5s",
                             "--no-dot", "--json", "--until", "ready", *policy),
                stdout=log, stderr=subprocess.STDOUT)
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.kill)
        return process

    def reports(self, domain):
        lines = (self.network.folder / f"{domain}.watch").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def test_a_server_of_ipv6_alone_that_serves_the_old_set_holds_ready_back(self):
        status, told = self.check("lone.example")
        self.assertEqual(status, 3, told)
        self.assertIn("ns6.lone.example", told)
        self.assertIn(OLD[1], told)
        self.assertNotIn("has no address", told)
        process, other = self.watch("lone.example"), self.watch("six.example")
        self.assertEqual(other.wait(90), 0, self.reports("six.example")[-1:])
        self.assertIsNone(process.poll(), "READY although a server serves the old set")
        last = json.dumps(self.reports("lone.example")[-1])
        self.assertIn("authority-old", last)
        self.assertIn(OLD[1], last)
        self.network.change("old", "lone.example")
        self.assertEqual(process.wait(90), 0, self.reports("lone.example")[-1:])

    def test_a_server_whose_other_address_leads_to_another_box_is_told_apart(self):
        status, told = self.check("twin.example")
        self.assertEqual(status, 3, told)
        self.assertIn(OLD[1], told)

    def test_a_zone_of_ipv6_servers_alone_is_judged(self):
        status, told = self.check("six.example")
        self.assertEqual(status, 0, told)
        self.assertIn("1 of 1 authority serves the expected set", told)

    def test_a_signature_that_ran_out_at_one_server_is_told_by_its_name(self):
        status, told = self.check("signed.example")
        self.assertEqual(status, 3, told)
        facts = [line for line in told.splitlines() if "expired" in line]
        self.assertEqual(len(facts), 1, told)
        self.assertIn("ns2.signed.example", facts[0])
        self.assertNotIn("ns1.signed.example", facts[0])


def run_inside():
    """This test again in a network namespace of its own, which ends with it."""
    isolate = ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    if subprocess.run([*isolate, "true"], capture_output=True).returncode != 0:
        print("SKIPPED: no network namespace may be made here")
        return 0
    return subprocess.run([*isolate, sys.executable, *sys.argv],
                          env={**os.environ, INSIDE: "yes"}).returncode


if __name__ == "__main__":
    if INSIDE not in os.environ:
        sys.exit(run_inside())
    unittest.main(verbosity=2)
