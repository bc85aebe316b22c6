"""A DNS server of one MX record on loopback: an authority and a resolver in one."""

import socket
import struct
import threading


def _question_end(query):
    at = 12
    while query[at]:
        at += query[at] + 1
    return at + 5


def _record(ttl, preference, exchange):
    name = b"".join(bytes([len(label)]) + label.encode() for label in exchange.split(".")) + b"\0"
    return struct.pack("!HHHIHH", 0xC00C, 15, 1, ttl, len(name) + 2, preference) + name


class DnsStub:
    """Answers every MX question with one record, names under com. with NXDOMAIN as an honest
    resolver does (`lies`: with nothing), everything else with NOERROR and nothing."""

    def __init__(self, preference, exchange, ttl=20, lies=False):
        self.publish(preference, exchange, ttl)
        self._lies = lies
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def publish(self, preference, exchange, ttl=20):
        self._answer = _record(ttl, preference, exchange)

    def _serve(self):
        while True:
            query, client = self._socket.recvfrom(4096)
            if not query:
                return
            end = _question_end(query)
            is_mx = query[end - 4:end - 2] == b"\0\x0f"
            nowhere = query[:end - 4].lower().endswith(b"\x03com\0") and not self._lies
            flags = 0x8480 | (struct.unpack("!H", query[2:4])[0] & 0x0100) | (3 if nowhere else 0)
            head = query[:2] + struct.pack("!HHHHH", flags, 1, int(is_mx), 0, 0)
            self._socket.sendto(head + query[12:end] + (self._answer if is_mx else b""), client)
