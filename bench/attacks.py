"""Attacks of bench/hostile.sh. They run in a process of their own, with the lowest priority: real
attackers have computers of their own."""

import asyncio
import collections
import contextlib
import json
import os
import random
import socket
import time

# What the server and its limits are asked to bear.
IDLE, SLOW_HEADS, BODIES, UNREAD, SEARCHES, SIGN_INS = 5_000, 2_000, 500, 200, 40, 50
# Bytes of a typed turn, almost the largest, and of the part of it that comes at once.
JSON_SIZE, JSON_SENT = 600_000, 590_000
# The slowest upload that is not cut, in bytes a second: somewhat more than a kilobyte.
LEAST_RATE = 1_200
# Seconds until an attacker whose connection was closed, or who was refused, comes back.
RETURN = 1.0
# Seconds over which the first connections begin: thousands at one instant are a load of this
# machine's kernel and of Python, not of the server.
START = 4.0
COSTLY_TERM = "%E5%B7%A5%E4%BD%9C" * 90


class Attack:
    """The means of an attack, and a count of what came of it."""

    def __init__(self, port, targets, addresses, ends):
        self.port, self.targets, self.ends = port, targets, ends
        self.addresses, self.outcomes = addresses, collections.Counter()
        self.connections = 0

    def head(self, number, method, path, fields=""):
        """The head of a request as a proxy sends it for one of the attacker's addresses."""
        client = self.addresses[number % len(self.addresses)]
        return (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {client}\r\n"
            f"{fields}\r\n"
        ).encode()

    async def connect(self):
        """A connection with small buffers: what is not read stays at the server."""
        connection = socket.socket()
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self.port))
        self.connections += 1
        return connection

    async def again_and_again(self, once, number):
        """Does the same until the attack ends, with a pause after each."""
        await asyncio.sleep(random.uniform(0, START))
        while time.monotonic() < self.ends:
            try:
                self.outcomes[await once(self, number)] += 1
            except OSError:
                self.outcomes["cut off"] += 1
            await asyncio.sleep(RETURN)

    async def hold(self, opening, piece=b"", pause=5.0, reads=True):
        """Sends an opening, and pieces after pauses, as long as the server lets it."""
        loop = asyncio.get_running_loop()
        with contextlib.closing(await self.connect()) as connection:
            await loop.sock_sendall(connection, opening)
            while (left := self.ends - time.monotonic()) > 0:
                wait = min(pause, left)
                if not reads:
                    await asyncio.sleep(wait)
                    continue
                with contextlib.suppress(asyncio.TimeoutError):
                    received = await asyncio.wait_for(loop.sock_recv(connection, 4_096), wait)
                    return status(received)
                await loop.sock_sendall(connection, piece)
            return "held to the end"

    async def request(self, head, body=b""):
        """Sends a request, and reads the response."""
        loop = asyncio.get_running_loop()
        with contextlib.closing(await self.connect()) as connection:
            await loop.sock_sendall(connection, head + body)
            return status(await loop.sock_recv(connection, 4_096))


def status(received):
    return received[9:12].decode() if received else "closed"


async def idle_sockets(attack, number):
    return await attack.hold(b"")


async def slow_heads(attack, number):
    return await attack.hold(attack.head(number, "GET", "/health", "X-A: ")[:-2], b"a", 1.0)


async def slow_json(attack, number):
    path = turns(attack, number)
    fields = f"Content-Type: application/json\r\nContent-Length: {JSON_SIZE}\r\n"
    opening = attack.head(number, "POST", path, fields) + b'{"text":"'.ljust(JSON_SENT, b"x")
    return await attack.hold(opening, b"x", 1.0)


async def slow_recordings(attack, number):
    return await attack.hold(start_of_upload(attack, number), b"x", 1.0)


async def upload_hogging(attack, number):
    return await attack.hold(start_of_upload(attack, number), b"x" * LEAST_RATE, 1.0)


async def unread_histories(attack, number):
    path = f"/api/sessions/{attack.targets['full']}/messages"
    return await attack.hold(signed_in(attack, number, "GET", path), reads=False)


async def unread_exports(attack, number):
    opening = signed_in(attack, number, "GET", "/api/users/me/export")
    return await attack.hold(opening, reads=False)


async def unread_streams(attack, number):
    body = json.dumps({"text": "Tell me what to do, and why. " * 40}).encode()
    fields = (
        "Accept: text/event-stream\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
    )
    opening = attack.head(number, "POST", turns(attack, number), fields) + body
    return await attack.hold(opening, reads=False)


async def search_hogging(attack, number):
    path = f"/api/search/messages?q={COSTLY_TERM}"
    return await attack.request(signed_in(attack, number, "GET", path))


async def sign_in_flood(attack, number):
    """Log-ins to a person's account and to none, and changes of the attacker's password."""
    if number % 3 == 0:
        body = json.dumps({"password": f"another{time.monotonic_ns()}"}).encode()
        fields = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        head = signed_in(attack, number, "PATCH", "/api/users/me", fields)
    else:
        email = attack.targets["victim"] if number % 3 == 1 else f"{number}@example.com"
        body = json.dumps({"email": email, "password": "wrong password"}).encode()
        fields = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        head = attack.head(number, "POST", "/api/auth/login", fields)
    return await attack.request(head, body)


def turns(attack, number):
    return f"/api/sessions/session-f{number:031x}/messages"


def start_of_upload(attack, number):
    fields = "Content-Type: multipart/form-data; boundary=X\r\nContent-Length: 20000000\r\n"
    return attack.head(number, "POST", turns(attack, number), fields) + (
        b'--X\r\nContent-Disposition: form-data; name="audio"; filename="a.webm"\r\n'
        b"Content-Type: audio/webm\r\n\r\n\x1a\x45\xdf\xa3" + bytes(10_000)
    )


def signed_in(attack, number, method, path, fields=""):
    token = attack.targets["token"]
    return attack.head(number, method, path, f"Authorization: Bearer {token}\r\n{fields}")


# Name: what each connection does, connections, addresses that they come from.
ATTACKS = {
    "idle sockets": (idle_sockets, IDLE, 1),
    "slow heads": (slow_heads, SLOW_HEADS, 1),
    "slow JSON bodies": (slow_json, BODIES, 1),
    "slow JSON bodies, 5 addresses": (slow_json, BODIES, 5),
    "slow recordings": (slow_recordings, BODIES, 1),
    "upload hogging": (upload_hogging, BODIES, 1),
    "upload hogging, 5 addresses": (upload_hogging, BODIES, 5),
    "unread histories": (unread_histories, UNREAD, 1),
    "unread exports": (unread_exports, UNREAD, 1),
    "unread SSE": (unread_streams, UNREAD, 1),
    "search hogging": (search_hogging, SEARCHES, 1),
    "search hogging, 5 addresses": (search_hogging, SEARCHES, 5),
    "sign-in flood": (sign_in_flood, SIGN_INS, 1),
    "sign-in flood, 5 addresses": (sign_in_flood, SIGN_INS, 5),
}


def run(name, port, targets, addresses, seconds, results):
    """Runs an attack, and sends the connections that it made and their outcomes."""
    os.nice(19)
    once, connections, _ = ATTACKS[name]

    async def all_connections():
        attack = Attack(port, targets, addresses, time.monotonic() + seconds)
        await asyncio.gather(*(attack.again_and_again(once, n) for n in range(connections)))
        return attack.connections, attack.outcomes

    results.send(asyncio.run(all_connections()))
