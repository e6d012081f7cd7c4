"""What a researcher's code tries from inside. Runs in the kernel; prints one JSON object, probe → what happened."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
from pathlib import Path


def tried(action):  # type: ignore[no-untyped-def]
    """`reached` when an action worked, else the kind of its failure."""
    try:
        return f"reached {action()}"
    except Exception as problem:
        return type(problem).__name__


def connect(address, family=socket.AF_INET, kind=socket.SOCK_STREAM):  # type: ignore[no-untyped-def]
    """Connect within two seconds."""
    with socket.socket(family, kind) as made:
        made.settimeout(2)
        made.connect(address)
        return address


def system_call(number, *arguments):  # type: ignore[no-untyped-def]
    """A bare system call on x86-64; raises when it is refused."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return "allowed"


PROBES = {
    "public address": lambda: connect(("192.0.2.1", 443)),
    "name server": lambda: connect(("192.0.2.53", 53), kind=socket.SOCK_DGRAM),
    "name": lambda: socket.getaddrinfo("example.org", 443),
    "bridge of the engine": lambda: connect(("172.17.0.1", 22)),
    "private network": lambda: connect(("10.0.0.1", 80)),
    "cloud metadata": lambda: connect(("169.254.169.254", 80)),
    "host by name": lambda: connect(("host.docker.internal", 80)),
    "hub by name": lambda: connect(("hub", 8081)),
    "portal by name": lambda: connect(("portal", 8080)),
    "IPv6": lambda: connect(("2001:db8::1", 443), family=socket.AF_INET6),
    "multicast": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("224.0.0.1", 5353)),
    "raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "hypervisor": lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM),
    "kernel crypto": lambda: socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET),
    "engine's socket": lambda: connect("/var/run/docker.sock", family=socket.AF_UNIX),
    "new user namespace": lambda: subprocess.run(["unshare", "-Ur", "true"], check=True, capture_output=True),
    "io_uring": lambda: system_call(425, 1, 0),
    "bpf": lambda: system_call(321, 0, 0, 0),
    "keyring": lambda: system_call(250, 0, -3, 0),
    "trace a process": lambda: system_call(101, 16, 1, 0, 0),
    "become root": lambda: os.setuid(0),
    "write to the data": lambda: Path("/data/x").touch(),
    "write to the image": lambda: Path("/opt/x").touch(),
    "write to the relay": lambda: Path("/run/c2c/relay/x").touch(),
}

print(json.dumps({name: tried(probe) for name, probe in PROBES.items()}))
