"""A small DNS client for the lab's own looks: one question, one UDP datagram, one answer."""

import os
import socket
import struct
import time
from dataclasses import dataclass, field

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_OPT = 41
_NSID = 3


@dataclass
class Answer:
    """What one server said. `records` are (owner, type, TTL, data) of the answer section."""

    rcode: str
    authoritative: bool = False
    records: list = field(default_factory=list)
    nsid: str = ""
    round_trip_ms: float = 0.0

    def data(self, type_name):
        """The sorted data of one type, as text."""
        return sorted(each[3] for each in self.records if each[1] == type_name)

    def ttl(self, type_name):
        return min((each[2] for each in self.records if each[1] == type_name), default=None)


def _encode_name(name):
    labels = [label.encode("ascii") for label in name.strip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _build(identity, name, type_name):
    header = struct.pack("!HHHHHH", identity, 0x0100, 1, 0, 0, 1)
    question = _encode_name(name) + struct.pack("!HH", TYPES[type_name], 1)
    opt = b"\0" + struct.pack("!HHIHHH", _OPT, 1232, 0, 4, _NSID, 0)
    return header + question + opt


class _Reader:
    """Reads one message from its start to its end; a cut one raises ValueError."""

    def __init__(self, message):
        self._message = message
        self.at = 0

    def take(self, layout):
        try:
            values = struct.unpack_from(layout, self._message, self.at)
        except struct.error as error:
            raise ValueError("message is cut short") from error
        self.at += struct.calcsize(layout)
        return values

    def name(self):
        """A name in lower case; reading goes on behind it, also where it jumps (RFC 1035 4.1.4)."""
        labels, behind = [], None
        for _ in range(128):  # a loop of pointers ends here
            length, = self.take("!B")
            if length >= 0xC0:
                low, = self.take("!B")
                behind = self.at if behind is None else behind
                self.at = (length & 0x3F) << 8 | low
            elif length:
                label, = self.take(f"!{length}s")
                labels.append(label.decode("ascii", "replace"))
            else:
                self.at = self.at if behind is None else behind
                return ".".join(labels).lower() or "."
        raise ValueError("name without end in message")

    def data(self, type_code, length):
        start, end = self.at, self.at + length
        text = self._data_text(type_code, start, end)
        self.at = end
        return text

    def _data_text(self, type_code, start, end):
        if type_code == TYPES["MX"]:
            preference, = self.take("!H")
            return f"{preference} {self.name()}"
        if type_code in (TYPES["NS"], TYPES["CNAME"]):
            return self.name()
        if type_code == TYPES["SOA"]:
            first, second = self.name(), self.name()
            return " ".join([first, second, *map(str, self.take("!IIIII"))])
        if type_code == TYPES["A"]:
            return ".".join(map(str, self.take("!BBBB")))
        if type_code == TYPES["TXT"]:
            return _character_strings(self._message[start:end])
        return self._message[start:end].hex()


def _character_strings(data):
    parts, at = [], 0
    while at < len(data):
        parts.append(data[at + 1:at + 1 + data[at]].decode("utf-8", "replace"))
        at += 1 + data[at]
    return "".join(parts)


def _nsid_of(options):
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from("!HH", options, at)
        if code == _NSID:
            return options[at + 4:at + 4 + length].decode("utf-8", "replace")
        at += 4 + length
    return ""


def _parse(message):
    reader = _Reader(message)
    _, flags, questions, answers, authorities, additionals = reader.take("!HHHHHH")
    result = Answer(RCODES.get(flags & 15, str(flags & 15)), bool(flags & 0x0400))
    names = {code: name for name, code in TYPES.items()}
    for _ in range(questions):
        reader.name()
        reader.take("!HH")
    for index in range(answers + authorities + additionals):
        owner = reader.name()
        type_code, _, ttl, length = reader.take("!HHIH")
        if type_code == _OPT:
            result.nsid = _nsid_of(message[reader.at:reader.at + length])
        data = reader.data(type_code, length)
        if index < answers:
            result.records.append((owner, names.get(type_code, str(type_code)), ttl, data))
    return result


def query(address, name, type_name, timeout_s=3.0, port=53):
    """Asks once. Raises TimeoutError, OSError or ValueError; never answers a guess."""
    identity = int.from_bytes(os.urandom(2), "big")
    packet = _build(identity, name, type_name)
    begun = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(timeout_s)
        client.connect((address, port))
        client.send(packet)
        while True:
            message = client.recv(4096)
            if message[:2] == packet[:2]:
                break
    answer = _parse(message)
    answer.round_trip_ms = round((time.monotonic() - begun) * 1000, 1)
    return answer


def answers(address, name, type_name, wanted="NOERROR"):
    """True if the server answers with the wanted code within a fifth of a second."""
    try:
        return query(address, name, type_name, 0.2).rcode == wanted
    except (OSError, ValueError):
        return False
