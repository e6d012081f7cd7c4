"""What a researcher's code tries from inside, as a numbered table: what, how, and which layer must stop it.

Runs in a kernel of a real sandbox with nothing but the standard library; `GIVEN` is set by the test before it. It
prints one JSON object, number -> outcome. An outcome is the name of the error (`EPERM`, `gaierror`, `HTTP 403`) or
`reached …` when the attempt worked. `LAYERS` says which outcomes count as stopped by a layer, so that a probe that
fails for another reason (a timeout, a wrong argument that only the kernel's own code would notice) is a finding.
Numbers are for x86-64. Floods are in `floods.py`.
"""

# ruff: noqa: PTH101, PTH102, PTH108, PTH116, PTH118, PTH123, PTH207, PTH208
from __future__ import annotations

import contextlib
import ctypes
import errno
import glob
import http.client
import json
import os
import platform
import socket
import stat
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Which outcomes show that a layer stopped the attempt; `documented` works and the reason stands in the name.
LAYERS: dict[str, frozenset[str]] = {
    "no network": frozenset({"ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "ENODEV", "gaierror"}),
    "nobody there": frozenset({"ECONNREFUSED", "ENOENT", "ENETUNREACH"}),
    "filter": frozenset({"EPERM", "ENOSYS", "EAFNOSUPPORT"}),
    "no capability": frozenset({"EPERM", "EACCES"}),
    "absent": frozenset({"ENOENT", "ENODEV", "ENXIO", "ENOTDIR", "nothing found"}),
    "masked": frozenset({"EACCES", "EPERM", "ENOENT", "EIO", "nothing found"}),
    "read-only": frozenset({"EROFS", "EACCES", "EPERM", "ENOENT"}),
    "filter or absent": frozenset({"EPERM", "EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "ENOPROTOOPT"}),
    "program": frozenset({"EPERM", "ENOENT", "CalledProcessError"}),
    "relay": frozenset({"HTTP 400", "HTTP 401", "HTTP 403", "HTTP 404"}),
    "limit": frozenset({"EMFILE", "EAGAIN", "ENOMEM", "EPERM"}),
    "documented": frozenset(),
}


@dataclass(frozen=True)
class Probe:
    """One attempt: its number, chapter and name, the layer that must stop it, and how it is made."""

    number: int
    chapter: str
    name: str
    layer: str
    attempt: Callable[[], Any]

    def holds(self, outcome: str) -> bool:
        """Whether an outcome is the one that policy states."""
        return outcome.startswith("reached") if self.layer == "documented" else outcome in LAYERS[self.layer]


Given = dict[str, str]
_given: Given = globals().get("GIVEN", {})
LIBC = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"


class Nothing(Exception):
    """An attempt that looked for something and found nothing."""


class Refusal(Exception):
    """An HTTP answer that is no success."""


def outcome_of(attempt: Callable[[], Any]) -> str:
    """The attempt made: `reached …`, or how it failed."""
    try:
        return f"reached {str(attempt())[:200]}"
    except Nothing:
        return "nothing found"
    except Refusal as answer:
        return str(answer)
    except socket.gaierror:
        return "gaierror"
    except TimeoutError:
        return "timed out"
    except OSError as problem:
        return errno.errorcode.get(problem.errno or 0, type(problem).__name__)
    except Exception as problem:
        return type(problem).__name__


def made(family: int, kind: int = socket.SOCK_STREAM, protocol: int = 0) -> str:
    """A socket of a family, closed again."""
    with socket.socket(family, kind, protocol):
        return "a socket"


def connect(address: Any, family: int = socket.AF_INET, kind: int = socket.SOCK_STREAM) -> Any:
    """Connect within two seconds; a datagram is sent, too."""
    with socket.socket(family, kind) as one:
        one.settimeout(2)
        one.connect(address)
        if kind == socket.SOCK_DGRAM and family != socket.AF_UNIX:
            one.send(b"probe")
        return address


def sends(address: Any) -> str:
    """Send one datagram without connecting."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        one.sendto(b"probe", address)
    return "sent"


def call(number: int, *arguments: Any) -> str:
    """A bare system call on x86-64; raises what the kernel answered."""
    if not X86:
        raise OSError(errno.ENOSYS, "not tried on this machine")
    values = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    if LIBC.syscall(ctypes.c_long(number), *values) < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return "allowed"


def mounts(kind: str, target: str = "/tmp/probe-mount", flags: int = 0, source: str = "none") -> str:
    """mount(2)."""
    with contextlib.suppress(OSError):
        os.mkdir("/tmp/probe-mount")
    return call(165, source.encode(), target.encode(), kind.encode(), flags, b"")


def node(mode: int, major: int, minor: int) -> str:
    """A device node in a folder that one may write."""
    for folder in ("/workspace", "/tmp", "/dev/shm"):
        path = f"{folder}/probe-node"
        os.mknod(path, mode | 0o600, os.makedev(major, minor))
        os.unlink(path)
    return "made"


def reads(path: str) -> str:
    """Read a little of a file; an empty one counts as nothing."""
    with open(path, "rb") as stream:
        if not (content := stream.read(64)):
            raise Nothing
        return repr(content)


def writes(path: str, content: str = "1") -> str:
    """Write to a file that exists or may be made."""
    with open(path, "w") as stream:
        stream.write(content)
    return "written"


def some(found: Any) -> Any:
    """What was found, or Nothing."""
    if not found:
        raise Nothing
    return found


def privileged_files() -> Any:
    """Programs with a set-user-id or set-group-id bit, or with capabilities, on the image's file system."""
    found = []
    for folder, _, names in os.walk("/"):
        if folder.startswith(("/proc", "/sys", "/workspace")):
            continue
        for name in names:
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                mode = os.lstat(path).st_mode
                special = stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID)
                if special or (stat.S_ISREG(mode) and mode & 0o111 and "security.capability" in os.listxattr(path)):
                    found.append(path)
    return some(found)


def canaries(name: str) -> Any:
    """Files of a name that another project's data carry, anywhere that one may look."""
    found = []
    for folder, folders, names in os.walk("/"):
        folders[:] = [] if folder == "/proc" else folders
        found += [os.path.join(folder, each) for each in (*folders, *names) if name in each]
    return some(found)


def kernel_addresses() -> Any:
    """Symbols of the kernel with an address that is not blanked."""
    lines = Path("/proc/kallsyms").read_text().splitlines()[:2000]
    return some([line for line in lines if int(line.split()[0], 16)])[0]


def routes() -> Any:
    """Routes of this network namespace but those of the loopback."""
    lines = Path("/proc/net/route").read_text().splitlines()[1:]
    v6 = [line for line in Path("/proc/net/ipv6_route").read_text().splitlines() if not line.endswith(" lo")]
    return some(lines + v6)[0]


def mounted(word: str) -> Any:
    """A mount whose line names a word."""
    return some([line for line in Path("/proc/self/mountinfo").read_text().splitlines() if word in line])[0]


def loopback_services() -> Any:
    """Ports of the loopback on which a process listens that is not this researcher's own."""
    own = os.getuid()
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return some([line[1] for line in lines if line[3] == "0A" and int(line[7]) != own])


class _Relay(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect("/run/c2c/relay/relay.sock")


def own_token() -> str:
    """The token of one's own server, wherever the library finds it."""
    for place in ("/proc/self/environ", *glob.glob("/proc/[0-9]*/environ")):
        with contextlib.suppress(OSError):
            for line in Path(place).read_bytes().split(b"\0"):
                if line.startswith(b"JUPYTERHUB_API_TOKEN="):
                    return line.partition(b"=")[2].decode()
    raise Nothing


def relayed(method: str, path: str, token: str = "", **headers: str) -> str:
    """One call through the relay; a Refusal for any answer that is no success."""
    relay = _Relay("relay")
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent |= {"Authorization": f"token {token or own_token()}", "Content-Type": "application/json"}
    relay.request(method, path, body=b"{}" if method in ("POST", "PUT", "PATCH") else None, headers=sent)
    answer = relay.getresponse()
    text = answer.read(200)
    if answer.status >= 300:
        raise Refusal(f"HTTP {answer.status}")
    return text.decode(errors="replace")


def raw(request: bytes) -> str:
    """Bytes straight to the relay; what it answers first."""
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(10)
        one.connect("/run/c2c/relay/relay.sock")
        one.sendall(request)
        line = one.recv(200).split(b"\r\n")[0].decode(errors="replace")
    status = line.split(" ")[1] if line.startswith("HTTP/") else "none"
    if not status.startswith("2"):
        raise Refusal(f"HTTP {status}")
    return line


USER, PROJECT = os.environ.get("C2C_USER", ""), os.environ.get("C2C_PROJECT", "")
HOST = _given.get("host", "192.0.2.1")
API = "/services/portal/api/projects"
SMUGGLED = b"POST /hub/api/shutdown HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
STREAM, DGRAM, RAW, SEQ = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET
UNIX, INET6 = socket.AF_UNIX, socket.AF_INET6
NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEWUSER, NEWPID, NEWNET, NEWTIME = 0x10000000, 0x20000000, 0x40000000, 0x80

PROBES: tuple[Probe, ...] = (
    # address families
    Probe(
        1,
        "address families",
        "AF_INET over the loopback: kernels talk to their server",
        "documented",
        lambda: made(socket.AF_INET),
    ),
    Probe(2, "address families", "AF_INET6 over the loopback", "documented", lambda: made(INET6)),
    Probe(3, "address families", "AF_UNIX: the server's and the relay's socket", "documented", lambda: made(UNIX)),
    Probe(
        4,
        "address families",
        "AF_NETLINK, routing: lists the loopback (libzmq, getifaddrs)",
        "documented",
        lambda: made(16, RAW, 0),
    ),
    Probe(5, "address families", "AF_NETLINK, netfilter", "filter", lambda: made(16, RAW, 12)),
    Probe(6, "address families", "AF_NETLINK, audit", "filter", lambda: made(16, RAW, 9)),
    Probe(7, "address families", "AF_NETLINK, generic", "filter", lambda: made(16, RAW, 16)),
    Probe(8, "address families", "AF_NETLINK, socket diagnosis", "filter", lambda: made(16, RAW, 4)),
    Probe(9, "address families", "AF_NETLINK, kernel events", "filter", lambda: made(16, DGRAM, 15)),
    Probe(10, "address families", "AF_PACKET, raw", "filter", lambda: made(17, RAW)),
    Probe(11, "address families", "AF_PACKET, datagram", "filter", lambda: made(17, DGRAM)),
    Probe(12, "address families", "AF_INET, raw ICMP", "no capability", lambda: made(socket.AF_INET, RAW, 1)),
    Probe(13, "address families", "AF_INET6, raw ICMP", "no capability", lambda: made(INET6, RAW, 58)),
    Probe(14, "address families", "AF_INET, SCTP", "filter or absent", lambda: made(socket.AF_INET, STREAM, 132)),
    Probe(15, "address families", "AF_INET, MPTCP", "filter or absent", lambda: made(socket.AF_INET, STREAM, 262)),
    Probe(
        16,
        "address families",
        "AF_VSOCK (the hypervisor; `network none` does not stop it)",
        "filter",
        lambda: made(40, STREAM),
    ),
    Probe(17, "address families", "AF_ALG (the kernel's ciphers)", "filter", lambda: made(38, SEQ)),
    Probe(18, "address families", "AF_BLUETOOTH", "filter", lambda: made(31, SEQ)),
    Probe(19, "address families", "AF_CAN", "filter", lambda: made(29, RAW, 1)),
    Probe(20, "address families", "AF_KEY (IPsec)", "filter", lambda: made(15, RAW, 2)),
    Probe(21, "address families", "AF_RDS", "filter", lambda: made(21, SEQ)),
    Probe(22, "address families", "AF_TIPC", "filter", lambda: made(30, SEQ)),
    Probe(23, "address families", "AF_XDP", "filter", lambda: made(44, RAW)),
    Probe(24, "address families", "AF_QIPCRTR", "filter", lambda: made(42, DGRAM)),
    Probe(25, "address families", "AF_SMC", "filter", lambda: made(43, STREAM)),
    Probe(26, "address families", "AF_NFC", "filter", lambda: made(39, SEQ)),
    Probe(27, "address families", "AF_PPPOX", "filter", lambda: made(24, STREAM)),
    Probe(28, "address families", "AF_X25", "filter", lambda: made(9, SEQ)),
    Probe(29, "address families", "AF_AX25", "filter", lambda: made(3, SEQ)),
    Probe(30, "address families", "AF_IPX", "filter", lambda: made(4, DGRAM)),
    Probe(31, "address families", "AF_APPLETALK", "filter", lambda: made(5, DGRAM)),
    Probe(32, "address families", "AF_LLC", "filter", lambda: made(26, STREAM)),
    Probe(33, "address families", "AF_IEEE802154", "filter", lambda: made(36, RAW)),
    Probe(34, "address families", "AF_PHONET", "filter", lambda: made(35, DGRAM)),
    Probe(35, "address families", "AF_KCM", "filter", lambda: made(41, DGRAM)),
    Probe(36, "address families", "AF_MCTP", "filter", lambda: made(45, DGRAM)),
    Probe(37, "address families", "AF_IB", "filter", lambda: made(27, STREAM)),
    Probe(38, "address families", "AF_ISDN", "filter", lambda: made(34, RAW)),
    Probe(
        39,
        "address families",
        "a pair of AF_VSOCK sockets",
        "filter",
        lambda: call(53, 40, 1, 0, ctypes.create_string_buffer(8)),
    ),
    # network
    Probe(40, "network", "a public address, TCP", "no network", lambda: connect(("192.0.2.1", 443))),
    Probe(41, "network", "a public address, UDP", "no network", lambda: connect(("192.0.2.1", 443), kind=DGRAM)),
    Probe(42, "network", "a public IPv6 address", "no network", lambda: connect(("2001:db8::1", 443), INET6)),
    Probe(43, "network", "a link-local IPv6 address", "no network", lambda: connect(("fe80::1", 80, 0, 2), INET6)),
    Probe(44, "network", "name server, UDP", "no network", lambda: connect(("192.0.2.53", 53), kind=DGRAM)),
    Probe(45, "network", "name server, TCP", "no network", lambda: connect(("192.0.2.53", 53))),
    Probe(46, "network", "the engine's name server", "nobody there", lambda: connect(("127.0.0.11", 53))),
    Probe(47, "network", "a name", "no network", lambda: socket.getaddrinfo("example.org", 443)),
    Probe(48, "network", "metadata service", "no network", lambda: connect(("169.254.169.254", 80))),
    Probe(49, "network", "metadata service, IPv6", "no network", lambda: connect(("fd00:ec2::254", 80), INET6)),
    Probe(50, "network", "metadata service of containers", "no network", lambda: connect(("169.254.170.2", 80))),
    Probe(51, "network", "docker0's gateway", "no network", lambda: connect(("172.17.0.1", 22))),
    Probe(52, "network", "docker0's gateway, engine's port", "no network", lambda: connect(("172.17.0.1", 2375))),
    Probe(53, "network", "next bridge's gateway", "no network", lambda: connect(("172.18.0.1", 80))),
    Probe(
        54,
        "network",
        "the host's own address, public port",
        "no network",
        lambda: connect((HOST, int(_given.get("port", "8000")))),
    ),
    Probe(
        55,
        "network",
        "the host's own address, hub's port",
        "no network",
        lambda: connect((HOST, int(_given.get("hub_port", "8081")))),
    ),
    Probe(56, "network", "host by name", "no network", lambda: connect(("host.docker.internal", 80))),
    Probe(57, "network", "hub by name", "no network", lambda: connect(("hub", 8081))),
    Probe(58, "network", "portal by name", "no network", lambda: connect(("portal", 8080))),
    Probe(59, "network", "gateway's control side by name", "no network", lambda: connect(("gateway", 8001))),
    Probe(60, "network", "a private network", "no network", lambda: connect(("10.0.0.1", 80))),
    Probe(
        61,
        "network",
        "the gateway's port on the loopback",
        "nobody there",
        lambda: connect(("127.0.0.1", int(_given.get("port", "8000")))),
    ),
    Probe(62, "network", "multicast", "no network", lambda: sends(("224.0.0.1", 5353))),
    Probe(63, "network", "broadcast", "no network", lambda: sends(("255.255.255.255", 9))),
    Probe(64, "network", "routes but the loopback's", "absent", lambda: routes()),
    Probe(
        65,
        "network",
        "interfaces but the loopback",
        "absent",
        lambda: some([name for _, name in socket.if_nameindex() if name != "lo"]),
    ),
    Probe(66, "network", "somebody else's service on the loopback", "absent", lambda: loopback_services()),
    Probe(
        67,
        "network",
        "a new interface (ioctl SIOCSIFFLAGS)",
        "no capability",
        lambda: __import__("fcntl").ioctl(socket.socket(), 0x8914, b"lo" + bytes(38)),
    ),
    # sockets of others
    Probe(
        68, "sockets of others", "the engine's socket", "nobody there", lambda: connect("/var/run/docker.sock", UNIX)
    ),
    Probe(
        69,
        "sockets of others",
        "the engine's socket under /run",
        "nobody there",
        lambda: connect("/run/docker.sock", UNIX),
    ),
    Probe(
        70,
        "sockets of others",
        "containerd's socket",
        "nobody there",
        lambda: connect("/run/containerd/containerd.sock", UNIX),
    ),
    Probe(
        71,
        "sockets of others",
        "the guard's socket",
        "nobody there",
        lambda: connect(_given.get("guard", "/c2c/sockets/guard/guard.sock"), UNIX),
    ),
    Probe(
        72,
        "sockets of others",
        "the operator's socket of the portal",
        "nobody there",
        lambda: connect(_given.get("operator", "/c2c/sockets/operator/portal.sock"), UNIX),
    ),
    Probe(
        73,
        "sockets of others",
        "another room's relay",
        "nobody there",
        lambda: connect(_given.get("run", "/run/c2c") + "/sbx-0/relay/relay.sock", UNIX),
    ),
    Probe(
        74,
        "sockets of others",
        "the abstract socket of containerd's shim",
        "nobody there",
        lambda: connect("\0containerd-shim", UNIX),
    ),
    Probe(
        75,
        "sockets of others",
        "the abstract socket of D-Bus",
        "nobody there",
        lambda: connect("\0/tmp/dbus-probe", UNIX),
    ),
    Probe(
        76, "sockets of others", "the service manager", "nobody there", lambda: connect("/run/systemd/private", UNIX)
    ),
    Probe(
        77,
        "sockets of others",
        "abstract sockets of anybody",
        "absent",
        lambda: some([line for line in Path("/proc/net/unix").read_text().splitlines() if " @" in line]),
    ),
    Probe(78, "sockets of others", "a file in the relay's folder", "read-only", lambda: writes("/run/c2c/relay/probe")),
    Probe(
        79,
        "sockets of others",
        "the relay's socket removed",
        "read-only",
        lambda: os.unlink("/run/c2c/relay/relay.sock"),
    ),
    Probe(80, "sockets of others", "the room's card", "absent", lambda: reads("/run/c2c/room.json")),
    # hub and portal through the relay
    Probe(
        81,
        "hub and portal through the relay",
        "one's own project, own token",
        "documented",
        lambda: relayed("GET", f"{API}/{PROJECT}/dp/ledger"),
    ),
    Probe(
        82,
        "hub and portal through the relay",
        "one's own project, no such token",
        "relay",
        lambda: relayed("GET", f"{API}/{PROJECT}/dp/ledger", "0" * 32),
    ),
    Probe(
        83,
        "hub and portal through the relay",
        "one's own project, another person's token",
        "relay",
        lambda: relayed("GET", f"{API}/{PROJECT}/dp/ledger", _given.get("other_token", "x")),
    ),
    Probe(
        84,
        "hub and portal through the relay",
        "one's own project, a token of the same person (only the demo gives them out)",
        "documented",
        lambda: relayed("GET", f"{API}/{PROJECT}/dp/ledger", _given.get("personal_token", "x")),
    ),
    Probe(
        85,
        "hub and portal through the relay",
        "one's own project, a forged assertion beside",
        "documented",
        lambda: relayed("GET", f"{API}/{PROJECT}/dp/ledger", X_C2C_Relay="e30"),
    ),
    Probe(
        86,
        "hub and portal through the relay",
        "another project",
        "relay",
        lambda: relayed("GET", f"{API}/other/dp/ledger"),
    ),
    Probe(
        87,
        "hub and portal through the relay",
        "another project by a dot segment",
        "relay",
        lambda: relayed("GET", f"{API}/{PROJECT}/../other/dp/ledger"),
    ),
    Probe(
        88,
        "hub and portal through the relay",
        "another project by an encoded dot segment",
        "relay",
        lambda: relayed("GET", f"{API}/{PROJECT}/%2e%2e/other/dp/ledger"),
    ),
    Probe(
        89,
        "hub and portal through the relay",
        "another project by an encoded slash",
        "relay",
        lambda: relayed("GET", f"{API}/{PROJECT}%2f..%2fother/dp/ledger"),
    ),
    Probe(
        90,
        "hub and portal through the relay",
        "another project by a second address in the request line",
        "relay",
        lambda: raw(b"GET http://portal/services/portal/api/projects/other/dp/ledger HTTP/1.1\r\nHost: x\r\n\r\n"),
    ),
    Probe(91, "hub and portal through the relay", "the list of projects", "relay", lambda: relayed("GET", API)),
    Probe(
        92,
        "hub and portal through the relay",
        "the audit trail",
        "relay",
        lambda: relayed("GET", "/services/portal/api/audit"),
    ),
    Probe(
        93,
        "hub and portal through the relay",
        "internal questions of the portal",
        "relay",
        lambda: relayed("POST", "/internal/spawn"),
    ),
    Probe(
        94,
        "hub and portal through the relay",
        "people of the portal",
        "relay",
        lambda: relayed("GET", "/services/portal/api/users"),
    ),
    Probe(
        95,
        "hub and portal through the relay",
        "a vote on a release",
        "relay",
        lambda: relayed("POST", "/services/portal/api/releases/rel_x/vote"),
    ),
    Probe(
        96,
        "hub and portal through the relay",
        "acting as another (X-C2C-As)",
        "relay",
        lambda: relayed("GET", "/services/portal/api/users", X_C2C_As="admin"),
    ),
    Probe(
        97, "hub and portal through the relay", "users of the hub", "relay", lambda: relayed("GET", "/hub/api/users")
    ),
    Probe(
        98,
        "hub and portal through the relay",
        "a token of the hub",
        "relay",
        lambda: relayed("POST", f"/hub/api/users/{USER}/tokens"),
    ),
    Probe(
        99,
        "hub and portal through the relay",
        "starting a server",
        "relay",
        lambda: relayed("POST", f"/hub/api/users/{USER}/servers/other"),
    ),
    Probe(
        100,
        "hub and portal through the relay",
        "services of the hub",
        "relay",
        lambda: relayed("GET", "/hub/api/services"),
    ),
    Probe(
        101,
        "hub and portal through the relay",
        "routes of the proxy",
        "relay",
        lambda: relayed("GET", "/hub/api/proxy"),
    ),
    Probe(
        102,
        "hub and portal through the relay",
        "shutting the hub down",
        "relay",
        lambda: relayed("POST", "/hub/api/shutdown"),
    ),
    Probe(
        103,
        "hub and portal through the relay",
        "another person's activity",
        "relay",
        lambda: relayed("POST", "/hub/api/users/stranger/activity"),
    ),
    Probe(
        104, "hub and portal through the relay", "the hub's log-in page", "relay", lambda: relayed("GET", "/hub/login")
    ),
    Probe(
        105,
        "hub and portal through the relay",
        "CONNECT to elsewhere",
        "relay",
        lambda: raw(b"CONNECT hub:8081 HTTP/1.1\r\nHost: hub:8081\r\n\r\n"),
    ),
    Probe(106, "hub and portal through the relay", "a smuggled second request", "relay", lambda: raw(SMUGGLED)),
    # other people's files
    Probe(
        107,
        "other people's files",
        "another project's extract, anywhere",
        "absent",
        lambda: canaries(_given.get("canary", "c2c-canary")),
    ),
    Probe(
        108,
        "other people's files",
        "the workspace's parent",
        "absent",
        lambda: some(set(os.listdir("/workspace/..")) & {"workspaces", "vault", "keys"}),
    ),
    Probe(109, "other people's files", "the vault", "absent", lambda: os.listdir(_given.get("vault", "/c2c/vault"))),
    Probe(
        110, "other people's files", "the enclave's keys", "absent", lambda: os.listdir(_given.get("keys", "/c2c/keys"))
    ),
    Probe(
        111,
        "other people's files",
        "the enclave's own code",
        "absent",
        lambda: some(glob.glob("/app/enclave") + glob.glob("/app/services")),
    ),
    Probe(112, "other people's files", "writing to the extract", "read-only", lambda: writes("/data/probe")),
    Probe(113, "other people's files", "changing the extract's rights", "read-only", lambda: os.chmod("/data", 0o777)),
    Probe(
        114, "other people's files", "writing to the reference shelf", "read-only", lambda: writes("/reference/probe")
    ),
    Probe(115, "other people's files", "writing to the image", "read-only", lambda: writes("/opt/probe")),
    Probe(
        116,
        "other people's files",
        "writing over the interpreter",
        "read-only",
        lambda: writes("/opt/venv/bin/python3", "#!/bin/sh"),
    ),
    Probe(
        117,
        "other people's files",
        "the password file",
        "read-only",
        lambda: writes("/etc/passwd", "root2::0:0::/:/bin/sh"),
    ),
    Probe(118, "other people's files", "the shadow file", "masked", lambda: reads("/etc/shadow")),
    Probe(
        119,
        "other people's files",
        "the resolver's file",
        "read-only",
        lambda: writes("/etc/resolv.conf", "nameserver 192.0.2.53"),
    ),
    Probe(
        120,
        "other people's files",
        "a file handle by name",
        "filter",
        lambda: call(303, -100, b"/data", ctypes.create_string_buffer(64), ctypes.create_string_buffer(8), 0),
    ),
    Probe(
        121,
        "other people's files",
        "opening a file handle",
        "filter",
        lambda: call(304, -100, ctypes.create_string_buffer(64), 0),
    ),
    Probe(122, "other people's files", "watching the whole file system (fanotify)", "filter", lambda: call(300, 0, 0)),
    # devices
    Probe(123, "devices", "/dev/mem", "absent", lambda: reads("/dev/mem")),
    Probe(124, "devices", "/dev/kmsg", "absent", lambda: reads("/dev/kmsg")),
    Probe(125, "devices", "/dev/port", "absent", lambda: reads("/dev/port")),
    Probe(126, "devices", "/dev/fuse", "absent", lambda: reads("/dev/fuse")),
    Probe(127, "devices", "/dev/net/tun", "absent", lambda: reads("/dev/net/tun")),
    Probe(128, "devices", "/dev/kvm", "absent", lambda: reads("/dev/kvm")),
    Probe(129, "devices", "/dev/vhost-vsock", "absent", lambda: reads("/dev/vhost-vsock")),
    Probe(130, "devices", "/dev/loop-control", "absent", lambda: reads("/dev/loop-control")),
    Probe(
        131,
        "devices",
        "disks as nodes",
        "absent",
        lambda: some(
            glob.glob("/dev/[hsv]d[a-z]*") + glob.glob("/dev/nvme*") + glob.glob("/dev/loop*") + glob.glob("/dev/dm-*")
        ),
    ),
    Probe(132, "devices", "making the first disk's node", "no capability", lambda: node(stat.S_IFBLK, 254, 0)),
    Probe(133, "devices", "making /dev/mem", "no capability", lambda: node(stat.S_IFCHR, 1, 1)),
    Probe(134, "devices", "making /dev/kmsg", "no capability", lambda: node(stat.S_IFCHR, 1, 11)),
    Probe(
        135,
        "devices",
        "typing into a terminal (TIOCSTI)",
        "filter",
        lambda: call(16, os.open("/dev/ptmx", os.O_RDWR), 0x5412, b"x"),
    ),
    Probe(136, "devices", "ports of the machine (ioperm)", "filter", lambda: call(173, 0x80, 1, 1)),
    Probe(137, "devices", "all ports of the machine (iopl)", "filter", lambda: call(172, 3)),
    # /proc and /sys
    Probe(138, "/proc and /sys", "sysrq", "read-only", lambda: writes("/proc/sysrq-trigger", "h")),
    Probe(139, "/proc and /sys", "memory of the kernel (kcore)", "masked", lambda: reads("/proc/kcore")),
    Probe(140, "/proc and /sys", "addresses of the kernel (kallsyms)", "masked", lambda: kernel_addresses()),
    Probe(141, "/proc and /sys", "keys of the kernel", "masked", lambda: reads("/proc/keys")),
    Probe(142, "/proc and /sys", "timers", "masked", lambda: reads("/proc/timer_list")),
    Probe(143, "/proc and /sys", "log of the kernel", "masked", lambda: reads("/proc/kmsg")),
    Probe(
        144,
        "/proc and /sys",
        "program for crashes (core_pattern)",
        "read-only",
        lambda: writes("/proc/sys/kernel/core_pattern", "|/workspace/x"),
    ),
    Probe(
        145,
        "/proc and /sys",
        "program for modules (modprobe)",
        "read-only",
        lambda: writes("/proc/sys/kernel/modprobe", "/workspace/x"),
    ),
    Probe(
        146,
        "/proc and /sys",
        "hot-plug helper",
        "read-only",
        lambda: writes("/sys/kernel/uevent_helper", "/workspace/x"),
    ),
    Probe(
        147,
        "/proc and /sys",
        "kinds of programs (binfmt_misc)",
        "read-only",
        lambda: writes("/proc/sys/fs/binfmt_misc/register", ":x:M::x::/workspace/x:"),
    ),
    Probe(148, "/proc and /sys", "IP forwarding", "read-only", lambda: writes("/proc/sys/net/ipv4/ip_forward")),
    Probe(149, "/proc and /sys", "name of the host", "read-only", lambda: writes("/proc/sys/kernel/hostname", "x")),
    Probe(
        150,
        "/proc and /sys",
        "environment of process 1: one's own, with one's own token",
        "documented",
        lambda: reads("/proc/1/environ"),
    ),
    Probe(
        151,
        "/proc and /sys",
        "root of process 1 but one's own",
        "absent",
        lambda: some(os.stat("/proc/1/root/").st_ino != os.stat("/").st_ino),
    ),
    Probe(
        152,
        "/proc and /sys",
        "processes of others",
        "absent",
        lambda: some([one for one in glob.glob("/proc/[0-9]*") if os.stat(one).st_uid not in (os.getuid(), 65534)]),
    ),
    Probe(
        153,
        "/proc and /sys",
        "release agent of the control groups",
        "read-only",
        lambda: writes("/sys/fs/cgroup/memory/release_agent", "/workspace/x"),
    ),
    Probe(
        154,
        "/proc and /sys",
        "one's own memory limit",
        "read-only",
        lambda: writes("/sys/fs/cgroup/memory/memory.limit_in_bytes", "-1"),
    ),
    Probe(
        155,
        "/proc and /sys",
        "one's own process limit",
        "read-only",
        lambda: writes("/sys/fs/cgroup/pids/pids.max", "max"),
    ),
    Probe(
        156, "/proc and /sys", "other control groups", "absent", lambda: some(glob.glob("/sys/fs/cgroup/*/docker/*"))
    ),
    Probe(157, "/proc and /sys", "debugfs", "masked", lambda: some(os.listdir("/sys/kernel/debug"))),
    Probe(158, "/proc and /sys", "tracefs", "masked", lambda: some(os.listdir("/sys/kernel/tracing"))),
    Probe(159, "/proc and /sys", "securityfs", "masked", lambda: some(os.listdir("/sys/kernel/security"))),
    Probe(160, "/proc and /sys", "firmware", "masked", lambda: some(os.listdir("/sys/firmware"))),
    Probe(
        161,
        "/proc and /sys",
        "writing to /sys",
        "read-only",
        lambda: writes("/sys/kernel/mm/transparent_hugepage/enabled", "never"),
    ),
    Probe(162, "/proc and /sys", "PCI of the machine", "read-only", lambda: writes("/sys/bus/pci/rescan")),
    Probe(
        163,
        "/proc and /sys",
        "less likely to be killed (oom_score_adj)",
        "read-only",
        lambda: writes("/proc/self/oom_score_adj", "-1000"),
    ),
    Probe(
        164,
        "/proc and /sys",
        "size and number of the machine (meminfo, cpuinfo)",
        "documented",
        lambda: reads("/proc/meminfo"),
    ),
    # mounts
    Probe(165, "mounts", "a tmpfs", "filter", lambda: mounts("tmpfs")),
    Probe(166, "mounts", "procfs anew", "filter", lambda: mounts("proc")),
    Probe(167, "mounts", "sysfs anew", "filter", lambda: mounts("sysfs")),
    Probe(168, "mounts", "a control group hierarchy", "filter", lambda: mounts("cgroup")),
    Probe(169, "mounts", "an overlay", "filter", lambda: mounts("overlay")),
    Probe(170, "mounts", "a bind of the root", "filter", lambda: mounts("", flags=4096, source="/")),
    Probe(171, "mounts", "the extract made writable", "filter", lambda: mounts("", "/data", 32 | 4096)),
    Probe(172, "mounts", "the image made writable", "filter", lambda: mounts("", "/", 32)),
    Probe(173, "mounts", "unmounting /proc/kcore's mask", "filter", lambda: call(166, b"/proc/kcore", 0)),
    Probe(174, "mounts", "unmounting the relay", "filter", lambda: call(166, b"/run/c2c/relay", 2)),
    Probe(175, "mounts", "pivot_root", "filter", lambda: call(155, b"/tmp", b"/tmp")),
    Probe(176, "mounts", "chroot", "filter", lambda: os.chroot("/workspace")),
    Probe(177, "mounts", "open_tree", "filter", lambda: call(428, -100, b"/", 1)),
    Probe(178, "mounts", "move_mount", "filter", lambda: call(429, -100, b"/", -100, b"/tmp", 0)),
    Probe(179, "mounts", "fsopen", "filter", lambda: call(430, b"tmpfs", 0)),
    Probe(180, "mounts", "fsmount", "filter", lambda: call(432, 0, 0, 0)),
    Probe(181, "mounts", "fspick", "filter", lambda: call(433, -100, b"/", 0)),
    Probe(
        182, "mounts", "mount_setattr", "filter", lambda: call(442, -100, b"/", 0, ctypes.create_string_buffer(32), 32)
    ),
    Probe(
        183,
        "mounts",
        "the program `mount`",
        "program",
        lambda: subprocess.run(["mount", "-t", "tmpfs", "none", "/tmp"], check=True, capture_output=True),
    ),
    Probe(184, "mounts", "the engine's folders among the mounts", "absent", lambda: mounted("docker.sock")),
    # identity
    Probe(
        185, "identity", "programs with set-user-id, set-group-id or capabilities", "absent", lambda: privileged_files()
    ),
    Probe(186, "identity", "setuid", "filter", lambda: os.setuid(0)),
    Probe(187, "identity", "setgid", "filter", lambda: os.setgid(0)),
    Probe(188, "identity", "setresuid", "filter", lambda: os.setresuid(0, 0, 0)),
    Probe(189, "identity", "setgroups", "filter", lambda: os.setgroups([0])),
    Probe(190, "identity", "setfsuid", "filter", lambda: call(122, 0)),
    Probe(
        191,
        "identity",
        "capset",
        "filter",
        lambda: call(
            126,
            ctypes.create_string_buffer(b"\x22\x05\x08\x20" + bytes(4), 8),
            ctypes.create_string_buffer(b"\xff" * 24, 24),
        ),
    ),
    Probe(
        192,
        "identity",
        "a file with set-user-id of one's own has no effect (no_new_privs)",
        "documented",
        lambda: some("NoNewPrivs:\t1" in Path("/proc/self/status").read_text()),
    ),
    Probe(
        193,
        "identity",
        "capabilities in any set",
        "absent",
        lambda: some(
            [
                line
                for line in Path("/proc/self/status").read_text().splitlines()
                if line.startswith("Cap") and int(line.split()[1], 16)
            ]
        ),
    ),
    Probe(194, "identity", "owning a file as root", "no capability", lambda: os.chown("/workspace", 0, 0)),
    Probe(195, "identity", "groups of the host", "absent", lambda: some(set(os.getgroups()) - {os.getgid()})),
    Probe(196, "identity", "raising one's priority", "no capability", lambda: os.nice(-5)),
    Probe(
        197,
        "identity",
        "more open files than the limit",
        "no capability",
        lambda: call(160, 7, (ctypes.c_long * 2)(1 << 20, 1 << 20)),
    ),
    # namespaces
    Probe(198, "namespaces", "a new user namespace", "filter", lambda: call(272, NEWUSER)),
    Probe(199, "namespaces", "a new mount namespace", "filter", lambda: call(272, NEWNS)),
    Probe(200, "namespaces", "a new network namespace", "filter", lambda: call(272, NEWNET)),
    Probe(201, "namespaces", "a new process namespace", "filter", lambda: call(272, NEWPID)),
    Probe(202, "namespaces", "a new ipc namespace", "filter", lambda: call(272, NEWIPC)),
    Probe(203, "namespaces", "a new host name namespace", "filter", lambda: call(272, NEWUTS)),
    Probe(204, "namespaces", "a new control group namespace", "filter", lambda: call(272, NEWCGROUP)),
    Probe(205, "namespaces", "a new time namespace", "filter", lambda: call(272, NEWTIME)),
    Probe(206, "namespaces", "clone with a new user namespace", "filter", lambda: call(56, NEWUSER | 17, 0, 0, 0, 0)),
    Probe(
        207,
        "namespaces",
        "clone3, whose flags no filter sees",
        "filter",
        lambda: call(435, ctypes.create_string_buffer(88), 88),
    ),
    Probe(
        208,
        "namespaces",
        "entering process 1's namespace",
        "filter",
        lambda: call(308, os.open("/proc/1/ns/net", os.O_RDONLY), 0),
    ),
    Probe(
        209,
        "namespaces",
        "the program `unshare`",
        "program",
        lambda: subprocess.run(["unshare", "-Ur", "true"], check=True, capture_output=True),
    ),
    # the kernel's other doors
    Probe(
        210,
        "the kernel's other doors",
        "io_uring_setup",
        "filter",
        lambda: call(425, 1, ctypes.create_string_buffer(120)),
    ),
    Probe(211, "the kernel's other doors", "io_uring_enter", "filter", lambda: call(426, 0, 0, 0, 0, 0)),
    Probe(212, "the kernel's other doors", "io_uring_register", "filter", lambda: call(427, 0, 0, 0, 0)),
    Probe(
        213, "the kernel's other doors", "bpf", "filter", lambda: call(321, 0, ctypes.create_string_buffer(128), 128)
    ),
    Probe(
        214,
        "the kernel's other doors",
        "perf_event_open",
        "filter",
        lambda: call(298, ctypes.create_string_buffer(128), 0, -1, -1, 0),
    ),
    Probe(215, "the kernel's other doors", "ptrace of process 1", "filter", lambda: call(101, 16, 1, 0, 0)),
    Probe(216, "the kernel's other doors", "ptrace of oneself", "filter", lambda: call(101, 0, 0, 0, 0)),
    Probe(
        217,
        "the kernel's other doors",
        "reading another process (process_vm_readv)",
        "filter",
        lambda: call(310, 1, 0, 0, 0, 0, 0),
    ),
    Probe(
        218,
        "the kernel's other doors",
        "writing to another process (process_vm_writev)",
        "filter",
        lambda: call(311, 1, 0, 0, 0, 0, 0),
    ),
    Probe(
        219, "the kernel's other doors", "a file of another process (pidfd_getfd)", "filter", lambda: call(438, 0, 0, 0)
    ),
    Probe(220, "the kernel's other doors", "comparing processes (kcmp)", "filter", lambda: call(312, 1, 1, 0, 0, 0)),
    Probe(221, "the kernel's other doors", "keyctl", "filter", lambda: call(250, 0, -3, 0)),
    Probe(222, "the kernel's other doors", "add_key", "filter", lambda: call(248, b"user", b"probe", b"x", 1, -3)),
    Probe(223, "the kernel's other doors", "request_key", "filter", lambda: call(249, b"user", b"probe", 0, -3)),
    Probe(224, "the kernel's other doors", "userfaultfd", "filter", lambda: call(323, 0)),
    Probe(225, "the kernel's other doors", "memfd_secret", "filter", lambda: call(447, 0)),
    Probe(226, "the kernel's other doors", "kexec_load", "filter", lambda: call(246, 0, 0, 0, 0)),
    Probe(227, "the kernel's other doors", "kexec_file_load", "filter", lambda: call(320, -1, -1, 0, 0, 0)),
    Probe(228, "the kernel's other doors", "init_module", "filter", lambda: call(175, 0, 0, b"")),
    Probe(229, "the kernel's other doors", "finit_module", "filter", lambda: call(313, -1, b"", 0)),
    Probe(230, "the kernel's other doors", "delete_module", "filter", lambda: call(176, b"loop", 0)),
    Probe(231, "the kernel's other doors", "reboot", "filter", lambda: call(169, 0, 0, 0, 0)),
    Probe(232, "the kernel's other doors", "swapon", "filter", lambda: call(167, b"/workspace/x", 0)),
    Probe(233, "the kernel's other doors", "swapoff", "filter", lambda: call(168, b"/workspace/x")),
    Probe(234, "the kernel's other doors", "acct", "filter", lambda: call(163, b"/workspace/x")),
    Probe(235, "the kernel's other doors", "quotactl", "filter", lambda: call(179, 0, b"/", 0, 0)),
    Probe(236, "the kernel's other doors", "quotactl_fd", "filter", lambda: call(443, 0, 0, 0, 0)),
    Probe(
        237,
        "the kernel's other doors",
        "another execution domain (personality)",
        "filter",
        lambda: call(135, 0x0400000),
    ),
    Probe(
        238,
        "the kernel's other doors",
        "without address randomisation (personality)",
        "filter",
        lambda: call(135, 0x0040000),
    ),
    Probe(
        239,
        "the kernel's other doors",
        "modify_ldt",
        "filter",
        lambda: call(154, 0, ctypes.create_string_buffer(16), 16),
    ),
    Probe(
        240,
        "the kernel's other doors",
        "log of the kernel (syslog)",
        "filter",
        lambda: call(103, 3, ctypes.create_string_buffer(64), 64),
    ),
    Probe(
        241,
        "the kernel's other doors",
        "the clock (settimeofday)",
        "filter",
        lambda: call(164, ctypes.create_string_buffer(16), 0),
    ),
    Probe(
        242,
        "the kernel's other doors",
        "the clock (clock_settime)",
        "filter",
        lambda: call(227, 0, ctypes.create_string_buffer(16)),
    ),
    Probe(
        243,
        "the kernel's other doors",
        "the clock (adjtimex)",
        "filter",
        lambda: call(159, ctypes.create_string_buffer(208)),
    ),
    Probe(244, "the kernel's other doors", "the host's name", "filter", lambda: call(170, b"x", 1)),
    Probe(245, "the kernel's other doors", "the host's domain", "filter", lambda: call(171, b"x", 1)),
    Probe(246, "the kernel's other doors", "hanging up the terminal (vhangup)", "filter", lambda: call(153)),
    Probe(247, "the kernel's other doors", "moving pages (move_pages)", "filter", lambda: call(279, 1, 0, 0, 0, 0, 0)),
    Probe(248, "the kernel's other doors", "memory policy (mbind)", "filter", lambda: call(237, 0, 0, 0, 0, 0, 0)),
    Probe(
        249,
        "the kernel's other doors",
        "advice on another's memory (process_madvise)",
        "filter",
        lambda: call(440, 0, 0, 0, 0, 0),
    ),
    Probe(
        250,
        "the kernel's other doors",
        "reading a cookie of directories (lookup_dcookie)",
        "filter",
        lambda: call(212, 0, 0, 0),
    ),
    Probe(
        251,
        "the kernel's other doors",
        "a key of the processor's (memfd as program)",
        "documented",
        lambda: some(os.memfd_create("probe") >= 0),
    ),
    Probe(
        252,
        "the kernel's other doors",
        "a program in /tmp (noexec)",
        "no capability",
        lambda: (
            __import__("shutil").copy("/bin/true", "/tmp/probe-true")
            and subprocess.run(["/tmp/probe-true"], check=True)
        ),
    ),
)

if _given:
    print(json.dumps({probe.number: outcome_of(probe.attempt) for probe in PROBES}))
