"""Who lives where in the lab: the one table of its addresses."""

ROOTS = {
    "a": "198.41.0.4", "b": "170.247.170.2", "c": "192.33.4.12", "d": "199.7.91.13",
    "e": "192.203.230.10", "f": "192.5.5.241", "g": "192.112.36.4", "h": "198.97.190.53",
    "i": "192.36.148.17", "j": "192.58.128.30", "k": "193.0.14.129", "l": "199.7.83.42",
    "m": "202.12.27.33",
}
TOP_LEVEL = {"a.gtld-servers.net": "192.5.6.30", "b.gtld-servers.net": "192.33.14.30"}
TOP_LEVEL_DOMAINS = ("com", "net", "example")

# The customer.
DOMAIN = "shop.example"
NS1, NS2 = "198.51.100.1", "198.51.100.2"
OLD_SERVER = "198.51.100.25"

# The provider of the filter and of the hosted mailboxes.
PROVIDER_NS = "203.0.113.53"
RELAYS = {"mx1": "203.0.113.11", "mx2": "203.0.113.12"}
HOSTED = "203.0.113.20"

# The rest of the world: who sends mail, and who is told.
OUTSIDE_NS = "198.51.100.153"
OUTSIDE = "198.51.100.200"
WEBHOOK = "198.51.100.210"

OLD_MX = "10 mail.shop.example"
NEW_MX = "10 mx1.filter.example, 20 mx2.filter.example"
OLD_USERS = ("joe", "mary", "jane", "postmaster")
OLD_ALIASES = {"info": ("mary",), "merry": ("mary",), "sales": ("mary", "jane"),
               "janitor": ("joe",)}

MAIL_ADDRESSES = (OLD_SERVER, *RELAYS.values(), HOSTED, OUTSIDE, WEBHOOK)
AUTHORITY_ADDRESSES = (*ROOTS.values(), *TOP_LEVEL.values(), NS1, NS2, PROVIDER_NS, OUTSIDE_NS)
