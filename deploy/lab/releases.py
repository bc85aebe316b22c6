"""What differs between the servers of Debian 12 and 13, by the version that is installed."""

import functools
import re
import subprocess


@functools.lru_cache(maxsize=None)
def version_of(*command):
    """(major, minor) as the program says it itself; (0, 0) where it says nothing of the kind."""
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    except OSError:
        return (0, 0)  # who starts it will say that it is missing
    found = re.search(r"\b(\d+)\.(\d+)", said.stdout + said.stderr)
    return tuple(int(part) for part in found.groups()) if found else (0, 0)


def recursor_options():
    """Since 5.2 PowerDNS Recursor reads settings of the old form only when told to."""
    return ["--enable-old-settings"] if version_of("pdns_recursor", "--version") >= (5, 2) else []


def dnsdist_choice(position):
    """What a policy in Lua returns for the server at a position: the server, since 2.0 the position."""
    by_position = version_of("dnsdist", "--version") >= (2, 0)
    return position if by_position else f"servers[{position}]"


def named_lock():
    """BIND 9.18 lets one named run on a machine unless it is told otherwise; 9.20 knows no lock."""
    return "    lock-file none;\n" if version_of("named", "-v") < (9, 20) else ""
