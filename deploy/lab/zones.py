"""The zones of the lab as zone file text. `at` maps a public address to the one in use."""

import world

HOUR = 3600
DAY = 86400
NEGATIVE_TTL = 20  # a lab has no time to wait for cached denials


def _soa(zone, primary, refresh=1800):
    return (f"$ORIGIN {zone}\n$TTL {HOUR}\n@ SOA {primary} hostmaster.{primary} "
            f"2026112200 {refresh} 900 604800 {NEGATIVE_TTL}\n")


def _addresses(records, at):
    return "".join(f"{name}. {DAY} A {at(address)}\n" for name, address in records.items())


def _delegation(zone, names):
    return "".join(f"{zone}. {DAY} NS {name}.\n" for name in names)


def _root_names():
    return {f"{letter}.root-servers.net": address for letter, address in world.ROOTS.items()}


def root(at):
    text = _soa(".", "a.root-servers.net.") + _delegation("", _root_names())
    text += "".join(_delegation(each, world.TOP_LEVEL) for each in world.TOP_LEVEL_DOMAINS)
    return text + _addresses(_root_names(), at) + _addresses(world.TOP_LEVEL, at)


def root_servers(at):
    return (_soa("root-servers.net.", "a.root-servers.net.")
            + _delegation("root-servers.net", _root_names()) + _addresses(_root_names(), at))


def gtld_servers(at):
    return (_soa("gtld-servers.net.", "a.gtld-servers.net.")
            + _delegation("gtld-servers.net", world.TOP_LEVEL) + _addresses(world.TOP_LEVEL, at))


def top_level(name, at):
    text = _soa(f"{name}.", "a.gtld-servers.net.") + _delegation(name, world.TOP_LEVEL)
    if name == "net":
        text += _delegation("root-servers.net", _root_names()) + _addresses(_root_names(), at)
        text += _delegation("gtld-servers.net", world.TOP_LEVEL)
        text += _addresses(world.TOP_LEVEL, at)
    if name == "com":
        text += _delegation("junkemailfilter.com", ["ns1.filter.example"])
        text += _delegation("yahoo.com", ["ns1.outside.example"])
    if name == "example":
        text += _delegation("shop.example", ["ns1.shop.example", "ns2.shop.example"])
        text += _delegation("filter.example", ["ns1.filter.example"])
        text += _delegation("outside.example", ["ns1.outside.example"])
        text += _addresses({"ns1.shop.example": world.NS1, "ns2.shop.example": world.NS2,
                            "ns1.filter.example": world.PROVIDER_NS,
                            "ns1.outside.example": world.OUTSIDE_NS}, at)
    return text


def shop(at, mx_ttl):
    """The customer's zone before the change; its secondary refreshes once a day, or when told."""
    return _soa("shop.example.", "ns1.shop.example.", refresh=DAY) + f"""\
@ NS ns1
@ NS ns2
ns1 A {at(world.NS1)}
ns2 A {at(world.NS2)}
mail A {at(world.OLD_SERVER)}
www A {at(world.OLD_SERVER)}
@ {mx_ttl} MX {world.OLD_MX}.
@ {mx_ttl} TXT "v=spf1 ip4:{at(world.OLD_SERVER)} -all"
"""


def provider(at):
    # Each node sends in its own name too: what it passes on has a sender at the node (SRS).
    relays = "".join(f'{name} A {at(address)}\n{name} TXT "v=spf1 ip4:{at(address)} -all"\n'
                     for name, address in world.RELAYS.items())
    return _soa("filter.example.", "ns1.filter.example.") + relays + f"""\
@ NS ns1
ns1 A {at(world.PROVIDER_NS)}
imap A {at(world.HOSTED)}
hosted A {at(world.HOSTED)}
@ MX 10 mx1
@ TXT "v=spf1 include:spf.junkemailfilter.com -all"
spf TXT "v=spf1 include:spf.junkemailfilter.com -all"
"""


def junkemailfilter(at):
    senders = " ".join(f"ip4:{at(each)}" for each in (*world.RELAYS.values(), world.HOSTED))
    return _soa("junkemailfilter.com.", "ns1.filter.example.") + f"""\
@ NS ns1.filter.example.
spf TXT "v=spf1 {senders} ~all"
"""


def outside(at):
    return _soa("outside.example.", "ns1.outside.example.") + f"""\
@ NS ns1
ns1 A {at(world.OUTSIDE_NS)}
mail A {at(world.OUTSIDE)}
hooks A {at(world.WEBHOOK)}
@ MX 10 mail
@ TXT "v=spf1 ip4:{at(world.OUTSIDE)} -all"
"""


def yahoo(at):
    return _soa("yahoo.com.", "ns1.outside.example.") + f"""\
@ NS ns1.outside.example.
@ MX 10 mail.outside.example.
@ TXT "v=spf1 ip4:{at(world.OUTSIDE)} -all"
"""
