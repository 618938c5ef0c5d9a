"""Proves that the static program resolves names in a root folder of its own, with glibc's resolver inside it.

Runs in a network namespace of its own (`unshare -rn`): its name server is on port 53 of a loopback that nobody else has.
The program is pointed at a host that the name server leads to loopback, where nothing listens: "connection refused"
means that the name was resolved.
"""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading

import certifi

KNOWN = "known.example.test"
chroot, root = sys.argv[1:]


def raise_loopback():
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 0x49))  # SIOCSIFFLAGS: IFF_UP | IFF_LOOPBACK | IFF_RUNNING


def answer(server):
    while True:
        query, asker = server.recvfrom(512)
        end, labels = 12, []
        while query[end]:
            labels.append(query[end + 1 : end + 1 + query[end]].decode())
            end += query[end] + 1
        is_address = query[end + 1 : end + 3] == b"\0\1"
        is_known = ".".join(labels) == KNOWN
        record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton("127.0.0.1") if is_known and is_address else b""
        flags = b"\x81\x80" if is_known else b"\x81\x83"
        counts = b"\0\1" + struct.pack(">H", bool(record)) + b"\0\0\0\0"
        server.sendto(query[:2] + flags + counts + query[12 : end + 5] + record, asker)


def why(host):
    """What the program says when it is pointed at this host."""
    account = {"RUNAJOB_LOGIN_URL": f"https://{host}", "RUNAJOB_USERNAME": "u", "RUNAJOB_PASSWORD": "p"}
    command = [chroot, root, "/runajob", "--no-session-cache", "start", "--name", "x", "-t", "MTT"]
    ended = subprocess.run(command, env=account, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 69, (ended.returncode, ended.stderr)
    return ended.stderr


def write(name, text):
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def expect(case, host, text):
    said = why(host)
    assert text in said, f"{case}: expected {text!r} of {host}, but it said:\n{said}"
    print(f"{case}: {host}: {text}")


raise_loopback()
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 53))
threading.Thread(target=answer, args=(udp,), daemon=True).start()
try:
    write("etc/ssl/certs/ca-certificates.crt", "")
    shutil.copy(certifi.where(), os.path.join(root, "etc/ssl/certs/ca-certificates.crt"))
    write("etc/resolv.conf", "nameserver 127.0.0.1\n")
    expect("name server", KNOWN, "Connection refused")
    expect("name server", "unknown.example.test", "Name or service not known")
    write("etc/hosts", "127.0.0.1 listed.example.test\n")
    expect("hosts file", "listed.example.test", "Connection refused")
    write("etc/nsswitch.conf", "hosts: files mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] myhostname dns\n")
    expect("modules that are not there", KNOWN, "Connection refused")
finally:
    shutil.rmtree(os.path.join(root, "etc"))
