"""The authoritative servers: NSD for root and top level, Knot for everything below."""

import subprocess

import dns_query
import world
import zones
from errors import ZoneError
from render import render


def _write_zones(directory, texts):
    directory.mkdir(parents=True, exist_ok=True)
    for zone, text in texts.items():
        (directory / _zone_file(zone)).write_text(text)


def _zone_file(zone):
    return f"{zone}.zone" if zone != "." else "root.zone"


def _nsd(lab, name, addresses, texts):
    directory = lab.directory / "dns" / name
    _write_zones(directory, texts)
    config = directory / "nsd.conf"
    config.write_text(render(
        "nsd.conf", name=name, directory=directory,
        listen="\n".join(f"    ip-address: {lab.at(each)}" for each in addresses),
        zones="\n".join(f'zone:\n    name: "{zone}"\n    zonefile: "{_zone_file(zone)}"'
                        for zone in texts)))
    lab.serve(name, ["nsd", "-d", "-c", config])


def _knot_config(lab, name, addresses, zone_names, remotes="", zone_lines=""):
    directory = lab.directory / "dns" / name
    (directory / "db").mkdir(parents=True, exist_ok=True)
    config = directory / "knot.conf"
    config.write_text(render(
        "knot.conf", name=name, directory=directory, remotes=remotes,
        listen="\n".join(f"    listen: {lab.at(each)}@53" for each in addresses),
        zones="zone:\n" + "\n".join(
            f'  - domain: {zone}\n    storage: "{directory}"\n    file: "{_zone_file(zone)}"\n'
            f"{zone_lines}" for zone in zone_names)))
    return config


_PRIMARY_ZONE = """\
    zonefile-sync: 0
    zonefile-load: difference-no-serial
    journal-content: all
    serial-policy: increment
    acl: transfer
"""
_TRANSFER_ACL = "acl:\n  - id: transfer\n    action: transfer\n"


def _knot_primary(lab, name, addresses, texts):
    _write_zones(lab.directory / "dns" / name, texts)
    config = _knot_config(lab, name, addresses, texts, _TRANSFER_ACL, _PRIMARY_ZONE)
    lab.serve(name, ["knotd", "-c", config])


def _knot_secondary(lab, name, address, primary, zone):
    config = _knot_config(
        lab, name, [address], [zone],
        f"remote:\n  - id: primary\n    address: {lab.at(primary)}@53\n"
        f"    via: {lab.at(address)}\n",
        "    master: primary\n    zonefile-sync: -1\n    journal-content: all\n"
        "    zonefile-load: none\n")
    lab.serve(name, ["knotd", "-c", config])


def start(lab, mx_ttl):
    """Starts all authorities and waits until each answers for its zones."""
    at = lab.at
    _nsd(lab, "root", world.ROOTS.values(),
         {".": zones.root(at), "root-servers.net": zones.root_servers(at)})
    _nsd(lab, "tld", world.TOP_LEVEL.values(),
         {"gtld-servers.net": zones.gtld_servers(at),
          **{each: zones.top_level(each, at) for each in world.TOP_LEVEL_DOMAINS}})
    _knot_primary(lab, "ns1", [world.NS1], {world.DOMAIN: zones.shop(at, mx_ttl)})
    _knot_primary(lab, "hosting", [world.PROVIDER_NS, world.OUTSIDE_NS],
                  {"filter.example": zones.provider(at),
                   "junkemailfilter.com": zones.junkemailfilter(at),
                   "outside.example": zones.outside(at), "yahoo.com": zones.yahoo(at)})
    _await(lab, "root", world.ROOTS["m"], ".")
    _await(lab, "tld", world.TOP_LEVEL["b.gtld-servers.net"], "com")
    _await(lab, "hosting", world.OUTSIDE_NS, "yahoo.com")
    _await(lab, "ns1", world.NS1, world.DOMAIN)
    _knot_secondary(lab, "ns2", world.NS2, world.NS1, world.DOMAIN)  # after its primary


def await_secondary(lab):
    _await(lab, "ns2", world.NS2, world.DOMAIN)


def _await(lab, name, address, zone):
    lab.await_ready(name, lambda: dns_query.answers(lab.at(address), zone, "SOA"))


class KnotZone:
    """Edits one zone on a running Knot primary, all of a change or nothing."""

    def __init__(self, lab, server, zone):
        self._control = lab.directory / "dns" / server / "control"
        self._zone = zone

    def _knotc(self, *arguments, may_miss=False):
        done = subprocess.run(["knotc", "-s", self._control, *arguments], text=True,
                              capture_output=True)
        said = (done.stderr or done.stdout).strip()
        if done.returncode == 0:
            return done.stdout
        if may_miss and ("no such" in said or "not exist" in said):
            return ""
        raise ZoneError(f"knotc {' '.join(arguments)}: {said}")

    def ttl(self, owner, type_name):
        """The TTL in force, or None without such a set."""
        lines = self._knotc("zone-read", self._zone, owner, type_name, may_miss=True).splitlines()
        return int(lines[0].split()[2]) if lines else None

    def replace(self, owner, type_name, ttl, data):
        """Makes the set at owner and type equal to data; an empty list removes it."""
        self._knotc("zone-begin", self._zone)
        try:
            self._knotc("zone-unset", self._zone, owner, type_name, may_miss=True)
            for each in data:
                self._knotc("zone-set", self._zone, owner, str(ttl), type_name, each)
            self._knotc("zone-commit", self._zone)
        except ZoneError:
            self._knotc("zone-abort", self._zone, may_miss=True)
            raise

    def refresh(self):
        """Lets a secondary fetch the zone from its primary now."""
        self._knotc("zone-refresh", self._zone)


_PRIMARY_OF = {"shop.example": "ns1", "filter.example": "hosting", "outside.example": "hosting",
               "junkemailfilter.com": "hosting", "yahoo.com": "hosting"}


def zone_of(lab, owner):
    """The editable zone that holds the owner."""
    for zone, server in _PRIMARY_OF.items():
        if owner == zone or owner.endswith("." + zone):
            return KnotZone(lab, server, zone)
    raise ZoneError(f"{owner} lies in no zone of the lab; its zones are {', '.join(_PRIMARY_OF)}")


def secondary(lab):
    return KnotZone(lab, "ns2", world.DOMAIN)
