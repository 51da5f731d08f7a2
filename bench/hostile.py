"""Measurements of bench/hostile.sh: hostile.py FOLDER ADDRESS MESSAGES. ATTACK is a
part of the names of attacks."""

import asyncio
import collections
import json
import multiprocessing
import os
import pathlib
import resource
import statistics
import sys
import time

import attacks
import spoken
from running_server import SIZES, mebibytes, print_header, print_row, psql, server
from spoken import RECORDING, read_body

SIZE = SIZES[-1]
# Each person does a few things a second, as a person whose page is open never would.
PEOPLE, SECONDS, WARM_UP = 6, 20, 5
# What an attack has before the measurement, and what is waited for after it.
HEAD_START, RECOVERY = 6, 4
# Aims: p99 below so many times the quiet one, and resident memory below so many MiB.
MAX_RATIO, MAX_MEBIBYTES = 3, 200
# What is measured together.
GROUPS = {
    "requests": ("typed turn", "history", "search", "session"),
    "spoken turns": ("spoken turn",),
    "log-ins": ("log-in",),
}
PASSWORD = "longEnough"
FORM = "multipart/form-data; boundary=X"


async def ask(port, client, method, path, body=b"", token="", kind="application/json"):
    """Sends a request as a proxy does for `client`; returns status and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {client}\r\n"
            f"{authorization}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n".encode() + body
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        return int(head.split()[1]), await read_body(reader, head)
    finally:
        writer.close()


async def data_of(*arguments, **options):
    status, body = await ask(*arguments, **options)
    reply = json.loads(body)
    assert status in (200, 201) and reply["success"], (status, reply)
    return reply["data"]


class Person:
    """Somebody with an account and an address, who types, speaks, reads and searches."""

    def __init__(self, port, number):
        self.port, self.client = port, f"198.51.100.{number}"
        self.credentials = {"email": f"person{number}@example.com", "password": PASSWORD}

    async def sign_up(self):
        body = json.dumps(self.credentials).encode()
        account = await data_of(self.port, self.client, "POST", "/api/auth/signup", body)
        self.token = account["accessToken"]

    async def begin(self):
        """Creates a session, and returns its path."""
        session = await data_of(
            self.port, self.client, "POST", "/api/sessions", b"{}", token=self.token
        )
        return f"/api/sessions/{session['sessionId']}"

    async def begin_both(self):
        """Sessions for what is typed and spoken next. All measurements begin with empty ones."""
        self.typed, self.spoken = await self.begin(), await self.begin()

    async def use(self, results, seconds):
        """Adds to the results what the person did: kinds, seconds and outcomes."""
        text = b'{"text":"I sat by the river, and my job still wears me out."}'
        ends = time.monotonic() + seconds
        count = 0
        while (started := time.monotonic()) < ends:
            await self.measure(results, "typed turn", "POST", f"{self.typed}/messages", text)
            await self.measure(results, "history", "GET", f"{self.typed}/messages")
            await self.measure(results, "search", "GET", "/api/search/messages?q=river")
            await self.measure(results, "session", "GET", self.typed)
            if count % 2 == 0:
                path = f"{self.spoken}/messages"
                await self.measure(results, "spoken turn", "POST", path, RECORDING, FORM)
            if count % 4 == 0:
                body = json.dumps(self.credentials).encode()
                await self.measure(results, "log-in", "POST", "/api/auth/login", body)
            count += 1
            await asyncio.sleep(max(0.0, started + 1 - time.monotonic()))

    async def measure(self, results, kind, method, path, body=b"", content="application/json"):
        started = time.monotonic()
        try:
            status, reply = await ask(
                self.port, self.client, method, path, body, self.token, content
            )
            reply = json.loads(reply)
            outcome = "ok" if reply["success"] else f"{status} {reply['code']}"
        except (OSError, asyncio.IncompleteReadError) as error:
            outcome = type(error).__name__
        if outcome != "ok":
            outcome = f"{kind}: {outcome}"
        results.append((kind, time.monotonic() - started, outcome))


async def begin_all(people):
    for person in people:
        await person.begin_both()


async def use_by_all(people, seconds):
    """What the people do in so many seconds."""
    results = []

    async def use(number, person):
        await asyncio.sleep(number / len(people))
        await person.use(results, seconds)

    await asyncio.gather(*(use(number, person) for number, person in enumerate(people)))
    return results


def percentiles(results):
    """p50 and p99 in ms of each group of requests."""
    for kinds in GROUPS.values():
        times = [1000 * seconds for kind, seconds, _ in results if kind in kinds]
        yield statistics.median(times), statistics.quantiles(times, n=100)[98]


def cells(results, quiet):
    """p50 and p99 of each group, and how many times the quiet p99 it is. Misses are marked."""
    for (p50, p99), (_, quiet_p99) in zip(percentiles(results), percentiles(quiet)):
        ratio = p99 / quiet_p99
        yield from (f"{p50:.1f}, {p99:.1f}", f"{ratio:.1f}{' (!)' * (ratio >= MAX_RATIO)}")


async def prepare(port):
    """Creates people, and what the attackers use: an account with full sessions, and sessions."""
    people = [Person(port, number) for number in range(1, PEOPLE + 1)]
    for person in people:
        await person.sign_up()
    attacker = Person(port, 200)
    await attacker.sign_up()
    paths = [await attacker.begin() for _ in range(5)]
    full = [path.rpartition("/")[2] for path in paths]
    searched = full.pop()
    message = "INSERT INTO messages (session_id, message_id, sender, text_content, position) SELECT"
    psql(
        SIZE,
        f"""
        INSERT INTO sessions (session_id)
          SELECT 'session-f' || lpad(to_hex(n), 31, '0')
          FROM generate_series(0, {attacks.BODIES}) AS n;
        {message} s.id, 'msg-' || md5(s.session_id || n),
          CASE WHEN n % 2 = 1 THEN 'user' ELSE 'ai' END, repeat('好', 50000), n
          FROM sessions AS s, generate_series(1, 40) AS n
          WHERE s.session_id IN ({", ".join(f"'{id}'" for id in full)});
        {message} s.id, 'msg-' || md5(n::text), 'user', repeat('工作', 130), n
          FROM sessions AS s, generate_series(1, 1000) AS n WHERE s.session_id = '{searched}';
        VACUUM (ANALYZE);
        """,
    )
    targets = {
        "token": attacker.token, "full": full[0], "victim": people[0].credentials["email"],
    }
    return people, targets


async def under_attack(name, process, port, people, targets, address):
    """What the people do during an attack, and the attack's connections and outcomes."""
    # Resets the peak of the resident memory.
    pathlib.Path(f"/proc/{process.pid}/clear_refs").write_text("5")
    _, _, count = attacks.ATTACKS[name]
    addresses = [f"203.0.113.{address + n}" for n in range(count)]
    receiving, sending = multiprocessing.Pipe(duplex=False)
    arguments = (name, port, targets, addresses, HEAD_START + SECONDS, sending)
    await begin_all(people)
    attacker = multiprocessing.Process(target=attacks.run, args=arguments, daemon=True)
    attacker.start()
    # Its end is an error here, and not a wait.
    sending.close()
    await asyncio.sleep(HEAD_START)
    results = await use_by_all(people, SECONDS)
    peak = mebibytes(process, "VmHWM")
    connections, outcomes = await asyncio.to_thread(receiving.recv)
    attacker.join()
    await asyncio.sleep(RECOVERY)
    return results, peak, connections, outcomes


def report(name, connections, results, quiet, peak):
    """Prints a row, and returns the aims that were missed."""
    errors = dict(collections.Counter(what for _, _, what in results if what != "ok"))
    print_row(name, connections, *cells(results, quiet), errors or 0, f"{peak:.0f}")
    sys.stdout.flush()
    if errors:
        yield f"{name}: people got {errors}"
    if peak >= MAX_MEBIBYTES:
        yield f"{name}: {peak:.0f} MiB"


async def measure(names, url):
    """Measures attacks one after another, and returns the aims that were missed."""
    variables = {
        "OPENAI_API_KEY": "x", "OPENAI_BASE_URL": url, "KUKU_TEXT_TO_SPEECH__PROVIDER": "openai",
        "KUKU_AUTH__MODE": "optional", "KUKU_LIMITS__TRUSTED_PROXIES": "127.0.0.1",
        # The defaults, where the other benchmarks have none.
        "KUKU_LIMITS__REQUESTS_PER_MINUTE": "600", "KUKU_LIMITS__TURNS_PER_MINUTE": "60",
        "KUKU_DATABASE__MAX_CONNECTIONS": "10",
    }
    columns = [column for group in GROUPS for column in (f"{group}: p50, p99 ms", "of quiet p99")]
    with server(SIZE, **variables) as (process, base):
        port = int(base.rpartition(":")[2])
        people, targets = await prepare(port)
        await begin_all(people)
        await use_by_all(people, WARM_UP)
        await begin_all(people)
        quiet = await use_by_all(people, SECONDS)
        print_header("attack", "connections", *columns, "errors of people", "peak MiB")
        missed = [*report("none", 0, quiet, quiet, mebibytes(process, "VmRSS"))]
        outcomes = {}
        for number, name in enumerate(names, 1):
            results, peak, connections, outcomes[name] = await under_attack(
                name, process, port, people, targets, 10 * number
            )
            missed += report(name, connections, results, quiet, peak)
    print("\nWhat became of the attackers' connections:\n")
    for name, counts in outcomes.items():
        print(f"- {name}: {', '.join(f'{what} {n}' for what, n in counts.most_common())}")
    return missed


def run_quick_provider(port):
    """A provider that answers at once: the times are the server's own."""
    spoken.SPEECH_TO_TEXT = spoken.PIECE = spoken.FIRST_BYTE = spoken.LAST_BYTE = 0
    spoken.run_provider(port)


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    names = [name for name in attacks.ATTACKS if os.environ.get("ATTACK", "") in name]
    print(f"## bench/hostile.sh, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores")
    listening, port = multiprocessing.Pipe(duplex=False)
    provider = multiprocessing.Process(target=run_quick_provider, args=(port,), daemon=True)
    provider.start()
    missed = asyncio.run(measure(names, f"http://127.0.0.1:{listening.recv()}/v1"))
    provider.terminate()
    if missed:
        sys.exit("\n".join(["", "Missed:", *missed]))


if __name__ == "__main__":
    main()
