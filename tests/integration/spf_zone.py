"""A DNS server on loopback that serves the zones of an SPF suite, over real packets.

Names and texts of such suites hold octets that no zone file can, and answers that never come, so
this is not one of the packaged servers. One thread for UDP and one for TCP; stop() ends both."""

import socket
import socketserver
import struct
import threading

TYPES = {"A": 1, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SPF": 99}
NAMES = {number: name for name, number in TYPES.items()}
MOST_LINKS = 16
NOERROR, NXDOMAIN = 0, 3


def wire_name(text):
    octets = text.rstrip(".").encode("latin-1")
    labels = octets.split(b".") if octets else []
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def rdata(kind, value):
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == "MX":
        return struct.pack(">H", int(value[0])) + wire_name(value[1])
    if kind in ("TXT", "SPF"):
        strings = value if isinstance(value, list) else [value]
        octets = [part.encode("latin-1") for part in strings]
        pieces = [part[i:i + 255] for part in octets for i in range(0, max(len(part), 1), 255)]
        return b"".join(bytes([len(piece)]) + piece for piece in pieces)
    return wire_name(value)


class Zone:
    """The suite's conventions: an SPF entry is served as TXT unless the name has TXT of its own;
    TXT "NONE" is no record; TIMEOUT is silence about every type that the name does not list."""

    def __init__(self, data):
        self.names = {}
        for name, entries in data.items():
            own_txt = any(isinstance(each, dict) and "TXT" in each for each in entries)
            records, silent = [], False
            for entry in entries:
                if entry == "TIMEOUT":
                    silent = True
                    continue
                ((kind, value),) = entry.items()
                if kind == "SPF" and not own_txt:
                    records.append(("TXT", value))
                records.append((kind, value))
            self.names[name.lower().rstrip(".")] = (records, silent)

    def answer(self, name, kind):
        """(rcode, [(owner, type, value)]), or None for silence."""
        found, links = [], 0
        while True:
            entry = self.names.get(name.lower().rstrip("."))
            if entry is None:
                return NXDOMAIN, found
            records, silent = entry
            listed = [value for each, value in records if each == kind]
            if listed:
                found += [(name, kind, value) for value in listed if value not in ("NONE", [])]
                return NOERROR, found
            alias = [value for each, value in records if each == "CNAME"]
            if not alias or links == MOST_LINKS:
                return None if silent else (NOERROR, found)
            found.append((name, "CNAME", alias[0]))
            name, links = alias[0].rstrip("."), links + 1


def question_of(message):
    labels, at = [], 12
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]])
        at += 1 + message[at]
    kind = struct.unpack(">H", message[at + 1:at + 3])[0]
    return b".".join(labels).decode("latin-1"), NAMES.get(kind, ""), message[12:at + 5]


def response(zone, message, limit):
    name, kind, question = question_of(message)
    answered = zone.answer(name, kind)
    if answered is None:
        return None
    rcode, records = answered
    body = b"".join(wire_name(owner) + struct.pack(">HHIH", TYPES[each], 1, 300, len(data)) + data
                    for owner, each, value in records for data in [rdata(each, value)])
    flags = 0x8180 | rcode
    count = len(records)
    if 12 + len(question) + len(body) > limit:
        flags, body, count = flags | 0x0200, b"", 0
    return message[:2] + struct.pack(">HHHHH", flags, 1, count, 0, 0) + question + body


class SpfServer:
    def __init__(self):
        self.zone = Zone({})
        outer = self

        class Udp(socketserver.BaseRequestHandler):
            def handle(self):
                message, sock = self.request
                reply = response(outer.zone, message, 1232)
                if reply:
                    sock.sendto(reply, self.client_address)

        class Tcp(socketserver.BaseRequestHandler):
            def handle(self):
                header = self.request.recv(2)
                message = self.request.recv(struct.unpack(">H", header)[0])
                reply = response(outer.zone, message, 65535)
                if reply:
                    self.request.sendall(struct.pack(">H", len(reply)) + reply)

        self.udp = socketserver.UDPServer(("127.0.0.1", 0), Udp)
        self.port = self.udp.server_address[1]
        self.tcp = socketserver.TCPServer(("127.0.0.1", self.port), Tcp)
        self.threads = [threading.Thread(target=each.serve_forever, args=(0.05,), daemon=True)
                        for each in (self.udp, self.tcp)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        for server in (self.udp, self.tcp):
            server.shutdown()
            server.server_close()
