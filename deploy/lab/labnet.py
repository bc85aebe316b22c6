"""The network that a lab lives in: a namespace in which real public addresses are ours.

Three kinds, best first: a named namespace (root), a user namespace (anybody whom the kernel
allows), and plain loopback addresses (a container without either). Entering changes the calling
process for good; a socket stays in the namespace in which it was made.
"""

import ctypes
import hashlib
import ipaddress
import os
import socket
import subprocess
from pathlib import Path

from errors import NetworkError

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result, what):
    if result != 0:
        error = ctypes.get_errno()
        raise NetworkError(f"{what}: {os.strerror(error)}")


def _join(path, kind):
    with open(path, "rb") as namespace:
        _checked(_libc.setns(namespace.fileno(), kind), f"cannot enter {path}")


def _private_mounts(resolv_conf):
    """Gives this process mounts of its own, where /etc/resolv.conf names the lab's resolver."""
    _checked(_libc.unshare(CLONE_NEWNS), "cannot unshare mounts")
    _checked(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "cannot privatise mounts")
    target = os.path.realpath("/etc/resolv.conf")
    if resolv_conf and os.path.exists(target):
        _checked(_libc.mount(os.fsencode(resolv_conf), os.fsencode(target), None, MS_BIND, None),
                 f"cannot mount {resolv_conf} over {target}")


def _pids_in(namespace_path):
    """The processes whose network namespace is the one at the path."""
    try:
        inode = os.stat(namespace_path).st_ino
    except OSError:
        return []
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            if os.stat(f"/proc/{entry}/ns/net").st_ino == inode:
                found.append(int(entry))
        except OSError:  # ended meanwhile, a zombie, or another user's
            continue
    return found


def _add_addresses(addresses, prefix=()):
    batch = "link set lo up\n" + "".join(f"addr add {each}/32 dev lo\n" for each in addresses)
    subprocess.run([*prefix, "ip", "-batch", "-"], input=batch, text=True, check=True,
                   capture_output=True)


class NamedNamespace:
    """`ip netns`: needs root. The name depends on the lab's directory alone."""

    kind = "netns"
    leaves_out = ""

    def __init__(self, directory):
        self.name = "mxlab-" + hashlib.sha256(str(directory).encode()).hexdigest()[:8]
        self._path = f"/run/netns/{self.name}"

    def create(self, addresses, _supervisor):
        made = subprocess.run(["ip", "netns", "add", self.name], capture_output=True, text=True)
        if made.returncode != 0:
            raise NetworkError(f"ip netns add {self.name}: {made.stderr.strip()}")
        _add_addresses(addresses, ["nsenter", f"--net={self._path}"])

    def exists(self):
        return os.path.exists(self._path)

    def enter(self, resolv_conf):
        _join(self._path, CLONE_NEWNET)
        _private_mounts(resolv_conf)

    def pids(self):
        return _pids_in(self._path)

    def delete(self):
        if self.exists():
            subprocess.run(["ip", "netns", "delete", self.name], check=True, capture_output=True)

    def address(self, public):
        return public


class UserNamespace:
    """`unshare -Urn`: no root needed. A holder process keeps it alive; mail is left out."""

    kind = "userns"
    leaves_out = "the mail half (Postfix needs several user ids, a user namespace maps one)"

    def __init__(self, directory):
        self.name = f"user namespace of {directory}"
        self._holder_file = Path(directory) / "namespace.pid"

    def create(self, addresses, supervisor):
        probe = subprocess.run(["unshare", "-Urn", "true"], capture_output=True, text=True)
        if probe.returncode != 0:
            raise NetworkError(f"unshare -Urn: {probe.stderr.strip()}")
        holder = supervisor.start("namespace", ["unshare", "-Urn", "--", "sh", "-c",
                                                "echo ready; exec sleep infinity"])
        supervisor.wait_for_output("namespace", "ready")
        self._holder_file.write_text(str(holder))
        _add_addresses(addresses, ["nsenter", "-t", str(holder), "-U", "-n",
                                   "--preserve-credentials"])

    def _namespace(self, kind):
        return f"/proc/{self._holder_file.read_text()}/ns/{kind}"

    def exists(self):
        return self._holder_file.exists() and os.path.exists(self._namespace("net"))

    def enter(self, resolv_conf):
        user, net = self._namespace("user"), self._namespace("net")
        with open(net, "rb") as network:
            _join(user, CLONE_NEWUSER)
            _checked(_libc.setns(network.fileno(), CLONE_NEWNET), f"cannot enter {net}")
        _private_mounts(resolv_conf)

    def pids(self):
        return _pids_in(self._namespace("net")) if self.exists() else []

    def delete(self):
        self._holder_file.unlink(missing_ok=True)

    def address(self, public):
        return public


class LoopbackNet:
    """127.x.y.z instead of the public addresses: nothing is isolated, nothing is entered."""

    kind = "loopback"
    leaves_out = ("the built-in resolver list and root hints (the real addresses are not ours "
                  "here), BIND (it wants an address that an interface has; Unbound stands in), and "
                  "the mail half (no resolv.conf of its own)")

    def __init__(self, directory):
        digest = hashlib.sha256(str(directory).encode()).digest()
        self.name = "loopback"
        self._octet = 16 + digest[0] % 224  # two labs rarely meet; a taken address is an error
        self._known = {}

    def create(self, addresses, _supervisor):
        self._number(addresses)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((self.address(addresses[0]), 53))
            except OSError as error:
                raise NetworkError(
                    f"port 53 of {self.address(addresses[0])}: {error.strerror}; namespaces are "
                    "not allowed here either: run as root, or set "
                    "sysctl net.ipv4.ip_unprivileged_port_start=53") from error

    def _number(self, addresses):
        base = int(ipaddress.IPv4Address(f"127.{self._octet}.0.0"))
        for index, public in enumerate(addresses, start=1):
            self._known[public] = str(ipaddress.IPv4Address(base + index))

    def exists(self):
        return True

    def enter(self, _resolv_conf):
        pass

    def pids(self):
        return []

    def delete(self):
        pass

    def address(self, public):
        return self._known.get(public, public)


KINDS = {each.kind: each for each in (NamedNamespace, UserNamespace, LoopbackNet)}


def candidates(directory, wanted):
    """The networks to try, best first; `wanted` is a kind, or auto."""
    if wanted != "auto":
        return [KINDS[wanted](directory)]
    return [kind(directory) for kind in KINDS.values() if kind is not NamedNamespace
            or os.geteuid() == 0]
