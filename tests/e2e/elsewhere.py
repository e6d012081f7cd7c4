"""A second origin that writes down whatever comes: connections, request lines, and packets of UDP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

NAME = "leak.test"


@dataclass
class Elsewhere:
    """Who came: the Host of a request, or `silent` for a connection that said nothing; and how many packets."""

    port: int
    came: list[str] = field(default_factory=list)
    packets: int = 0

    def address(self, number: int) -> str:
        """An address of its own for each attempt, so that an arrival says which one it was."""
        return f"http://n{number}.{NAME}:{self.port}/{number}"

    @property
    def arrived(self) -> set[int | str]:
        """The numbers of the attempts that arrived."""
        return {int(each[1 : each.index(".")]) if each.startswith("n") else each for each in self.came}


@contextmanager
def listening() -> Iterator[Elsewhere]:
    """Listen on a free port, TCP and UDP, until the block ends."""
    tcp = socket.create_server(("127.0.0.1", 0))
    found = Elsewhere(tcp.getsockname()[1])
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", found.port))
    for loop in (_accept, _receive):
        threading.Thread(target=loop, args=(tcp if loop is _accept else udp, found), daemon=True).start()
    try:
        yield found
    finally:
        tcp.shutdown(socket.SHUT_RDWR)
        tcp.close()
        udp.close()


def _accept(tcp: socket.socket, found: Elsewhere) -> None:
    while True:
        try:
            connection, _ = tcp.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(connection, found), daemon=True).start()


def _answer(connection: socket.socket, found: Elsewhere) -> None:
    with connection:
        connection.settimeout(0.8)
        try:
            lines = connection.recv(4096).decode("latin-1").splitlines()
            host = next((line[6:] for line in lines if line.lower().startswith("host: ")), "silent")
            connection.sendall(
                b"HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n"
            )
        except OSError:
            host = "silent"
    found.came.append(host)


def _receive(udp: socket.socket, found: Elsewhere) -> None:
    while True:
        try:
            udp.recv(4096)
        except OSError:
            return
        found.packets += 1
