"""The DNS half of the lab: what `up` starts, and the DNS actions of the story."""

import re
from concurrent.futures import ThreadPoolExecutor

import authorities
import dns_query
import resolvers
import world
from errors import LabError


def addresses():
    return [*world.AUTHORITY_ADDRESSES, *(each.address for each in resolvers.RESOLVERS),
            *resolvers.BEHIND.values()]


def _write_files(lab):
    directory = lab.directory / "dns"
    directory.mkdir()
    hints = directory / "root.hints"
    hints.write_text("".join(
        f". 3600000 NS {letter}.root-servers.net.\n"
        f"{letter}.root-servers.net. 3600000 A {lab.at(address)}\n"
        for letter, address in world.ROOTS.items()))
    (lab.directory / "resolvers.csv").write_text(resolvers.csv_text(lab.at))
    return hints


def _facts(lab, hints, mx_ttl, sticky):
    return {
        "domain": world.DOMAIN, "mx_ttl": mx_ttl, "old_mx": world.OLD_MX, "new_mx": world.NEW_MX,
        "root_hints": str(hints), "resolvers_csv": str(lab.directory / "resolvers.csv"),
        "authorities": [{"name": "ns1", "role": "primary", "address": lab.at(world.NS1)},
                        {"name": "ns2", "role": "secondary", "address": lab.at(world.NS2)}],
        "resolvers": [{"name": each.name, "address": lab.at(each.address),
                       "kind": resolvers.kind_of(each, lab.network), "operator": each.operator,
                       "country_code": each.country,
                       "stretching": each.extra == resolvers.STRETCHING,
                       "serves_stale": each.extra == resolvers.STALE,
                       "upstreams": list(each.upstreams),
                       "sticky": each.name in sticky} for each in resolvers.RESOLVERS],
    }


def write_resolv_conf(lab, name=resolvers.OF_THE_MAIL_SERVERS):
    """Which resolver the mail servers ask; a program reads it when it starts."""
    path = lab.directory / "resolv.conf"
    known = resolvers.named(name)
    if known is None:
        raise LabError(f"{name}: no such resolver; `status` lists them")
    address = known.address
    path.write_text(f"nameserver {lab.at(address)}\n")
    path.chmod(0o644)
    return str(path)


def check_sticky(names):
    """Refuses names that cannot be made sticky, before anything is started."""
    able = [each.name for each in resolvers.RESOLVERS if each.kind in resolvers.STICKY]
    for name in names:
        if name not in able:
            raise LabError(f"--sticky {name}: no resolver that can be; there are "
                           f"{', '.join(able)}")


def start(lab, mx_ttl, sticky):
    """Starts all DNS servers and waits until each answers; nothing of the customer is asked."""
    hints = _write_files(lab)
    authorities.start(lab, mx_ttl)
    fleet = resolvers.ResolverFleet(lab, hints, sticky)
    fleet.start()
    authorities.await_secondary(lab)
    fleet.await_all()
    lab.save(**_facts(lab, hints, mx_ttl, sticky))


def _mx_data(text):
    """'10 a.example, 20 b.example' as zone file data; a bad part is named."""
    data = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,5})\s+([A-Za-z0-9._-]+?)\.?\s*", part)
        if not found or int(found[1]) > 65535:
            raise LabError(f"set-mx: '{part.strip()}' is not 'PREFERENCE HOST', e.g. "
                           f"'{world.NEW_MX}'")
        data.append(f"{found[1]} {found[2]}.")
    return data


def set_mx(lab, text):
    """Changes the customer's MX at the primary; the secondary lags until it is told."""
    set_record(lab, world.DOMAIN, "MX", _mx_data(text), None)


def set_record(lab, owner, type_name, data, ttl):
    """Makes the set at an owner equal to data, in the TTL that it had unless one is given."""
    owner = owner.rstrip(".").lower() + "."
    zone = authorities.zone_of(lab, owner.rstrip("."))
    if type_name == "TXT":
        data = [each if each.startswith('"') else f'"{each}"' for each in data]
    lasting = ttl or zone.ttl(owner, type_name) or lab.facts["mx_ttl"]
    zone.replace(owner, type_name, lasting, data)


def sync_secondary(lab):
    authorities.secondary(lab).refresh()


def _one_look(each, name, type_name):
    """One answer. A farm is asked once a cache, so that it is whose turn it was before."""
    for _ in each.get("upstreams", ())[1:]:
        _one_answer(each, name, type_name)
    return _one_answer(each, name, type_name)


def _one_answer(each, name, type_name):
    seen = {"name": each["name"], "address": each["address"]}
    try:
        answer = dns_query.query(each["address"], name, type_name)
    except (OSError, ValueError) as error:
        return {**seen, "rcode": "no answer", "why": str(error), "data": [], "nsid": ""}
    return {**seen, "rcode": answer.rcode, "data": answer.data(type_name),
            "ttl": answer.ttl(type_name), "nsid": answer.nsid, "ms": answer.round_trip_ms}


def look(lab, name=world.DOMAIN, type_name="MX", at=("authorities", "resolvers")):
    """Asks servers of the lab at once; each one's answer in the order of lab.json."""
    servers = [each for group in at for each in lab.facts[group]]
    with ThreadPoolExecutor(len(servers)) as pool:
        return list(pool.map(lambda each: _one_look(each, name, type_name), servers))


def plant(lab):
    """Lets every cache fetch the MX now; a farm is asked twice a cache, so that all hold it."""
    look(lab, at=("resolvers",))
    look(lab, at=("resolvers",))
    return look(lab, at=("resolvers",))
