"""A door to a server on loopback that shuts itself in the face of its first visitors, and lets later ones through."""

import socket
import socketserver
import threading
from contextlib import suppress
from typing import Self


class _Visit(socketserver.BaseRequestHandler):
    server: "FrailDoor"

    def handle(self) -> None:
        self.server.visitors += 1
        if self.server.refusals > 0:
            self.server.refusals -= 1
            return
        with socket.create_connection(self.server.behind) as behind:
            there = threading.Thread(target=_hand_on, args=(self.request, behind), daemon=True)
            there.start()
            _hand_on(behind, self.request)
            there.join()


class FrailDoor(socketserver.ThreadingTCPServer):
    """Hands connections on to a server.

    Attributes:
        refusals: how many visitors are still to be turned away.
        visitors: how many came.
    """

    daemon_threads = True

    def __init__(self, host: str, port: int, *, refusals: int) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.behind, self.refusals, self.visitors = (host, port), refusals, 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


def _hand_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while piece := one.recv(1 << 16):
            other.sendall(piece)
        other.shutdown(socket.SHUT_WR)
