#!/usr/bin/python3
"""Makes a port inside the lab reachable on the host.

Usage: forwarder.py LAB_DIRECTORY HOST_ADDRESS PORT

The listener is bound before the lab's network is entered: a socket stays in the namespace in
which it was made, so that clients come from the host and connections go to the lab.
"""

import asyncio
import socket
import sys

sys.dont_write_bytecode = True

from labstate import Lab  # noqa: E402

CHUNK = 65536


def listener(address, port):
    """A listening socket on the host; OSError if the port is taken."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((address, port))
        made.listen(128)
    except OSError:
        made.close()
        raise
    return made


async def _pump(reader, writer):
    try:
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()
    except OSError:  # one side went away: the other is closed below
        writer.close()


async def _serve(client_reader, client_writer, port):
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:  # nothing listens inside yet: the client sees a closed connection
        client_writer.close()
        return
    await asyncio.gather(_pump(client_reader, writer), _pump(reader, client_writer))
    for each in (writer, client_writer):
        each.close()


async def _run(sock, port):
    server = await asyncio.start_server(lambda r, w: _serve(r, w, port), sock=sock)
    print("forwarding", flush=True)
    await server.serve_forever()


def main():
    directory, address, port = sys.argv[1:]
    sock = listener(address, int(port))
    Lab(directory).enter()
    asyncio.run(_run(sock, int(port)))


if __name__ == "__main__":
    main()
