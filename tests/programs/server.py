# SPDX-License-Identifier: MIT
"""server.py DIRECTORY CERTIFICATE: for a network namespace of its own. Brings loopback up, answers every question on
127.0.0.1:53 with 127.0.0.1, serves the directory on port 443; says "ready" when all of that is so."""

import fcntl
import http.server
import os
import socket
import ssl
import struct
import sys
import threading

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def bring_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", IFF_UP)
        fcntl.ioctl(control, SIOCSIFFLAGS, request)


def answer(query):
    """RFC 1035, 4.1: the question once more, and for type A one record that points back at it."""
    end = query.index(b"\0", 12) + 5
    kind = struct.unpack("!H", query[end - 4:end - 2])[0]
    records = struct.pack("!HHHIH4s", 0xC00C, 1, 1, 60, 4, bytes([127, 0, 0, 1])) if kind == 1 else b""
    return query[:2] + struct.pack("!HHHHH", 0x8580, 1, 1 if records else 0, 0, 0) + query[12:end] + records


def serve_names(names):
    while True:
        query, client = names.recvfrom(512)
        names.sendto(answer(query), client)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


def main():
    os.chdir(sys.argv[1])
    bring_up()
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))
    threading.Thread(target=serve_names, args=(names,), daemon=True).start()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 443), Quiet)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)
    server.serve_forever()


main()
