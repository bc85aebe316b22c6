"""The twelve resolvers of the lab, at addresses of the catalogue, of six kinds.

Each answers its own NSID. dnsmasq and dnsdist only pass on what a cache behind them holds; those
caches listen on loopback addresses and count for nothing themselves.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import dns_query
import releases
import world
from render import render

# What lets a kind of resolver keep all that it has for a day.
STICKY = {"unbound": "    cache-min-ttl: 86400\n    cache-max-ttl: 86400",
          "recursor": "minimum-ttl-override=86400",
          "kresd": "cache.min_ttl(86400)"}


@dataclass(frozen=True)
class Resolver:
    """One catalogue row, and the server that stands for it here."""

    name: str  # of the server and of its NSID
    address: str
    operator: str
    title: str
    place: str
    country: str
    latitude: float
    longitude: float
    tier: str
    kind: str
    extra: str = ""  # lines for its configuration
    upstreams: tuple = ()  # names of the caches behind a forwarder

    @property
    def row(self):
        # A forwarder passes on to caches of its own operator.
        upstream = self.operator if self.upstreams else ""
        return [self.address, "", self.operator, self.title, self.place, self.country,
                self.latitude, self.longitude, "none", "no", self.tier, "", "", "", upstream]


STRETCHING = "    cache-min-ttl: 60"
STALE = "    serve-expired: yes\n    serve-expired-ttl: 3600\n    serve-expired-reply-ttl: 30"

RESOLVERS = (
    Resolver("google", "8.8.8.8", "Google", "Google Public DNS", "anycast", "US", 37.4, -122.1,
             "public", "dnsdist", upstreams=("farm-1", "farm-2")),
    Resolver("cloudflare", "1.1.1.1", "Cloudflare", "Cloudflare 1.1.1.1", "anycast", "US", 37.8,
             -122.4, "public", "unbound"),
    Resolver("quad9", "9.9.9.10", "Quad9", "Quad9 unsecured", "anycast", "CH", 47.4, 8.5,
             "public", "recursor"),
    Resolver("adguard", "94.140.14.140", "AdGuard", "AdGuard DNS Non-filtering", "anycast", "CY",
             34.7, 33.0, "public", "kresd"),
    Resolver("vercara", "64.6.64.6", "Vercara (ex Verisign/Neustar)",
             "UltraDNS Public (Verisign)", "anycast", "US", 39.0, -77.5, "public", "named"),
    Resolver("ukdns", "209.250.227.42", "UK DNS Privacy Project", "UK DNS Privacy Project",
             "London", "GB", 51.5, -0.1, "public", "dnsmasq", upstreams=("forwarded",)),
    Resolver("dismail", "116.203.32.217", "dismail.de", "Dismail DNS", "Germany", "DE", 49.5, 11.1,
             "public", "unbound", extra=STRETCHING),
    Resolver("swisscom", "195.186.1.111", "Swisscom", "dns2.bluewin.ch", "Bern", "CH", 46.9, 7.4,
             "isp", "unbound", extra=STALE),
    Resolver("aruba", "62.149.128.2", "Aruba", "dns.technorail.com", "Arezzo", "IT", 43.5, 11.9,
             "isp", "named"),
    Resolver("hinet", "168.95.1.1", "Chunghwa Telecom", "HiNet", "Taipei", "TW", 25.0, 121.6,
             "isp", "recursor"),
    Resolver("telstra", "139.130.4.4", "Telstra", "uneeda.telstra.net", "Sydney", "AU", -33.9,
             151.2, "isp", "kresd"),
    Resolver("execulink", "199.166.6.2", "Execulink Telecom", "ns.execulink.com", "Ontario", "CA",
             43.1, -80.7, "isp", "unbound"),
)

# The caches behind forwarders; they ask from the address of their forwarder.
BEHIND = {"farm-1": "127.0.1.1", "farm-2": "127.0.1.2", "forwarded": "127.0.1.3"}
_BEHIND_PORT = 5353

# Each cache of the farm reaches one of the customer's authorities alone: while the secondary lags,
# the farm is split, and not by chance.
_UNREACHED = {"farm-1": world.NS2, "farm-2": world.NS1}

CSV_HEADER = ["address", "address_v6", "operator", "name", "place", "country_code", "latitude",
              "longitude", "filtering", "dnssec_validating", "tier", "dot_name", "doh_url",
              "seen_in", "upstream"]

# The one that the lab's own mail servers ask.
OF_THE_MAIL_SERVERS = "cloudflare"

_CONFIGS = {"unbound": "unbound.conf", "named": "named.conf", "recursor": "recursor.conf",
            "kresd": "kresd.conf", "dnsmasq": "dnsmasq.conf", "dnsdist": "dnsdist.conf"}


def _command(kind, config, directory):
    return {
        "unbound": ["unbound", "-d", "-c", config],
        "named": ["named", "-f", "-n", "1", "-c", config],
        "recursor": ["pdns_recursor", "--daemon=no", f"--config-dir={directory}",
                     *releases.recursor_options()],
        "kresd": ["kresd", "-n", "-c", config, directory],
        "dnsmasq": ["dnsmasq", "--no-daemon", "-C", config],  # keeps its user id too
        "dnsdist": ["dnsdist", "--supervised", "--disable-syslog", "-C", config],
    }[kind]


def kind_of(resolver, network):
    """The kind that stands for the resolver in a network."""
    return "unbound" if (resolver.kind, network.kind) == ("named", "loopback") else resolver.kind


def named(name):
    """The resolver of that name, or None."""
    return next((each for each in RESOLVERS if each.name == name), None)


def csv_text(at):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_HEADER)
    for each in RESOLVERS:
        writer.writerow([at(each.address), *each.row[1:]])
    return out.getvalue()


class ResolverFleet:
    """Starts the resolvers of one lab. `sticky` names those that hardly let go."""

    def __init__(self, lab, hints, sticky=()):
        self._lab = lab
        self._hints = hints
        self._sticky = sticky

    def start(self):
        for name, address in BEHIND.items():
            self._serve(name, "unbound", self._lab.at(address), port=_BEHIND_PORT,
                        outgoing=self._vip_of(name), extra=self._farm_extra(name))
        for each in RESOLVERS:
            self._serve(each.name, kind_of(each, self._lab.network), self._lab.at(each.address),
                        extra=self._extra(each), **self._behind(each))

    def await_all(self):
        """Waits until each has answered a control name, which plants nothing of the customer."""
        for each in RESOLVERS:
            address = self._lab.at(each.address)
            self._lab.await_ready(each.name, lambda: dns_query.answers(address, ".", "SOA"))

    def _vip_of(self, cache):
        return next(self._lab.at(each.address) for each in RESOLVERS if cache in each.upstreams)

    def _farm_extra(self, cache):
        if cache not in _UNREACHED:
            return ""
        return f"    do-not-query-address: {self._lab.at(_UNREACHED[cache])}"

    def _extra(self, resolver):
        if resolver.name in self._sticky:
            return STICKY[resolver.kind]
        return resolver.extra

    def _behind(self, resolver):
        if resolver.kind == "named":
            return {"lock": releases.named_lock()}
        if resolver.kind == "dnsmasq":
            return {"upstream": self._lab.at(BEHIND[resolver.upstreams[0]]),
                    "upstream_port": _BEHIND_PORT}
        if resolver.kind == "dnsdist":
            return {"servers": "\n".join(
                f"newServer({{address='{self._lab.at(BEHIND[each])}:{_BEHIND_PORT}', "
                f"name='{each}'}}):setUp()" for each in resolver.upstreams),
                "choice": releases.dnsdist_choice("1 + turns[kind] % #servers")}
        return {}

    def _serve(self, name, kind, address, port=53, outgoing=None, extra="", **values):
        directory = Path(self._lab.directory) / "dns" / name
        directory.mkdir(parents=True, exist_ok=True)
        config = directory / _CONFIGS[kind]
        config.write_text(render(_CONFIGS[kind], name=name, address=address, port=port,
                                 outgoing=outgoing or address, directory=directory,
                                 hints=self._hints, extra=extra, **values))
        self._lab.serve(name, _command(kind, config, directory))
