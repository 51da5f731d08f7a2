"""The measuring part of bench/requests.sh: requests.py FOLDER ADDRESS LINES..."""

import asyncio
import bisect
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

FOLDER, ADDRESS, SIZES = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
CONNECTIONS, SECONDS, ROUNDS, TALKING = 32, 4, 3, 2_000
LISTEN, REPLY, SPEAK = 0.8, 1.5, 1.0  # seconds of the local provider
shipped = [q["query"] for q in json.loads(pathlib.Path("sqlx-data.json").read_text()).values()]


def statement(*parts, without="held AS"):
    (found,) = [q for q in shipped if all(part in q for part in parts) and without not in q]
    return found


def numbered(query, values):
    """The statement with values or pgbench's variables in the places of its parameters."""
    return re.sub(r"\$(\d+)", lambda place: values[int(place[1]) - 1], query)


LOOK = statement("age_seconds!", without="SET turn_claim")
HISTORY = statement("m.position > asked.after")
BEGIN = statement("INSERT INTO public.sessions (session_id, user_id)")
RATE = statement("SET rating = asked.rating")
CLAIM = statement("SET turn_claim = asked.claim")
SAVE = statement("jsonb_to_record(turn)", without="no such thing")

SESSION = "('session-' || lpad(to_hex(:n::bigint), 32, '0'))"
# Other sessions than the server's, which has the lines of those at hand.
TALK = "('session-e' || lpad(to_hex(:n::bigint), 31, '0'))"
CLAIM_ID = "00000000-0000-4000-8000-000000000000"
# Eighteen words of 20,000, common ones more often: a line that is always the same costs the index for search next to nothing.
WORDS, VOCABULARY = 18, 20_000


def save_script():
    talk = f"\\set n random(0, {TALKING - 1})\n" + "".join(f"\\set w{n} random_zipfian(1, {VOCABULARY}, 1.05)\n" for n in range(WORDS))
    turn = json.dumps({
        "message_count": 0, "said_ago": 0, "awaiting": False, "cooldown": 0, "extension_minutes": 0,
        "ignore_content": False, "rounds": 0, "turns": 0, "ends_session": False, "claim": CLAIM_ID,
    })
    line = "concat_ws(' ', " + ", ".join(f"'word' || :w{n}" for n in range(WORDS)) + ")"
    ids = f"jsonb_build_object('session_id', {TALK}, 'user_id', md5(random()::text), 'ai_id', md5(random()::text), 'user_text', {line}, 'ai_text', {line})"
    save = numbered(SAVE.replace("AND s.message_count = asked.message_count", ""), [f"ARRAY['{turn}'::jsonb || {ids}]"])
    return talk, save


def scripts(size):
    pick = f"\\set n random(0, {int(size) // 25 - 1})\n"
    talk, save = save_script()
    turn = [
        numbered(LOOK, [f"ARRAY[{TALK}]", "ARRAY[true]", "NULL"]),
        numbered(CLAIM, [f"ARRAY[{TALK}]", f"ARRAY['{CLAIM_ID}'::uuid]", "6.0::double precision"]),
        save,
    ]
    session = f"ARRAY[{SESSION}]"
    return {
        "look": pick + numbered(LOOK, [session, "ARRAY[true]", "NULL"]) + ";\n",
        "history": pick + numbered(HISTORY, [session, "ARRAY[0]", "ARRAY[501]", "ARRAY[true]", "NULL"]) + ";\n",
        "begin": numbered(BEGIN, ["ARRAY['session-' || md5(random()::text)]", "ARRAY[NULL]"]) + ";\n",
        "rate": pick + numbered(RATE, [session, "ARRAY[4]", "ARRAY['Thank you.']", "ARRAY[true]", "ARRAY[NULL]"]) + ";\n",
        "turn": talk + ";\n".join(turn) + ";\n",
    }


LUA = {
    "look": 'return function(id) return wrk.format("GET", "/api/sessions/session-" .. id) end',
    "history": 'return function(id) return wrk.format("GET", "/api/sessions/session-" .. id .. "/messages") end',
    "begin": 'return function(id) return wrk.format("POST", "/api/sessions", json, "{}") end',
    "rate": """return function(id)
        return wrk.format("POST", "/api/sessions/session-" .. id .. "/rating", json, '{"rating":4,"feedback":"Thank you."}') end""",
    "turn": f"""local words = {{}}
      return function(id)
        for n = 1, {WORDS} do words[n] = "word" .. math.floor({VOCABULARY} ^ math.random()) end
        return wrk.format("POST", "/api/sessions/session-" .. id .. "/messages", json, '{{"text":"' .. table.concat(words, " ") .. '"}}') end""",
}


def lua(name, size):
    number = f'("f%031x"):format(math.random(0, {TALKING - 1}))' if name == "turn" else f'("%032x"):format(math.random(0, {int(size) // 25 - 1}))'
    file = FOLDER / f"{name}.lua"
    file.write_text(f"""
        local json = {{["Content-Type"] = "application/json"}}
        local make = (function() {LUA[name]} end)()
        local seeds = 0
        function setup(thread) seeds = seeds + 1; thread:set("seed", seeds) end
        function init() math.randomseed(seed) end
        function request() return make({number}) end
        function response(status, _, body)
          if status == 200 and not body:find('"success":true', 1, true) then error("refused: " .. body) end
        end
    """)
    return file


def database(size):
    return f"postgres:///bench_{size}{ADDRESS}"


def psql(size, script):
    subprocess.run(["psql", "-qAt", "-v", "ON_ERROR_STOP=1", database(size)], input=script, text=True, check=True, stdout=subprocess.DEVNULL)


def pgbench(size, script, connections=CONNECTIONS, options=()):
    file = FOLDER / "script.sql"
    file.write_text(script)
    out = subprocess.run(
        ["pgbench", "-n", "-M", "prepared", "-c", str(connections), "-j", "2", "-T", str(SECONDS), "-f", str(file), *options, database(size)],
        capture_output=True, text=True, check=True,
    ).stdout
    return float(re.search(r"tps = ([\d.]+)", out)[1])


class Wrk:
    def __init__(self, base, script, connections=CONNECTIONS):
        out = subprocess.run(
            ["wrk", "-t2", f"-c{connections}", f"-d{SECONDS}", "--latency", "--timeout", "30s", "-s", str(script), base],
            capture_output=True, text=True, check=True,
        ).stdout
        assert "refused" not in out, out
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
        requests = int(re.search(r"(\d+) requests in", out)[1])
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
        self.accepted = 1 - (int(refused[1]) if refused else 0) / requests
        self.broken = re.search(r"Socket errors: (.*)", out)
        self.p50, self.p99 = (self.milliseconds(re.search(rf"^\s+{share}%\s+(\S+)", out, re.M)[1]) for share in (50, 99))

    @staticmethod
    def milliseconds(text):
        number, unit = re.match(r"([\d.]+)(us|ms|s|m)", text).groups()
        return float(number) * {"us": 0.001, "ms": 1, "s": 1_000, "m": 60_000}[unit]


@contextlib.contextmanager
def server(size, **variables):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        metrics = f"127.0.0.1:{free.getsockname()[1]}"
    environment = dict(
        os.environ, PORT="0", DATABASE_URL=database(size), RUST_LOG="info", KUKU_DATA_DIR=str(FOLDER / "server"),
        KUKU_DATABASE__MAX_CONNECTIONS=str(CONNECTIONS), KUKU_LIMITS__REQUESTS_PER_MINUTE="0", KUKU_LIMITS__TURNS_PER_MINUTE="0",
        KUKU_METRICS__ADDRESS=metrics, KUKU_DATABASE__MIGRATE="false",
    ) | variables
    began = time.monotonic()
    with open(FOLDER / "log", "w") as log:
        process = subprocess.Popen(["target/release/kuku-coach"], env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        base = next(line.split()[1] for line in process.stdout if line.strip().startswith("API ")).removesuffix("/api")
        process.started, process.metrics = time.monotonic() - began, metrics
        yield process, base
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def megabytes(process, name):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024


def cpu(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def saved_within(process, *bounds):
    """Shares of the turns that were saved within so many seconds."""
    # Measurements come into their buckets every five seconds.
    time.sleep(6)
    page = urllib.request.urlopen(f"http://{process.metrics}/metrics").read().decode()
    buckets = re.findall(r'turn_stage_duration_seconds_bucket{stage="commit",le="([^"]+)"} (\d+)', page)
    saved = {float(bound): int(count) for bound, count in buckets}
    return [saved[bound] / saved[float("inf")] for bound in bounds]


def requests():
    rows = {}
    for size in SIZES:
        psql(size, f"INSERT INTO sessions (session_id) SELECT 'session-' || who || lpad(to_hex(n), 31, '0') FROM generate_series(0, {TALKING - 1}) AS n, unnest(ARRAY['e', 'f']) AS who")
        with server(size) as (process, base):
            for name, script in scripts(size).items():
                Wrk(base, lua(name, size))
                cells = []
                for _ in range(ROUNDS):
                    psql(size, "CHECKPOINT")
                    limit = pgbench(size, script)
                    before = cpu(process)
                    ours = Wrk(base, lua(name, size))
                    assert ours.accepted == 1 and not ours.broken, (name, vars(ours))
                    cells.append((ours.rate / limit, ours.rate, ours.p50, ours.p99, (cpu(process) - before) / (ours.rate * SECONDS) * 1e6))
                rows.setdefault(name, []).append([statistics.median(column) for column in zip(*cells)])
            steady = megabytes(process, "VmRSS")
    print(f"\n| {CONNECTIONS} connections, medians of {ROUNDS} | lines | of pgbench | a second | p50 ms | p99 ms | CPU us | growth of p50 |\n|---|---|---|---|---|---|---|---|")
    for name, cells in rows.items():
        for size, (ratio, rate, p50, p99, micros) in zip(SIZES, cells):
            growth = f"{p50 / cells[0][2]:.2f}" if size != SIZES[0] else "-"
            print(f"| {name} | {size} | {ratio:.2f} | {rate:.0f} | {p50:.2f} | {p99:.2f} | {micros:.0f} | {growth} |")
    print(f"\nMemory after all of it: {steady:.0f} MiB")


def saving():
    """Fifty turns at once, without a provider; and pgbench, which does nothing but save."""
    bounds = 0.005, 0.01, 0.02, 0.05, 0.1
    shares = lambda found: ", ".join(f"{bound * 1000:g} ms {share:.4f}" for bound, share in zip(bounds, found))
    limit = pgbench(SIZES[-1], "".join(save_script()) + ";\n", 50, ["-l", f"--log-prefix={FOLDER}/saves"])
    took = sorted(int(line.split()[2]) for file in FOLDER.glob("saves.*") for line in file.read_text().splitlines())
    found = [bisect.bisect(took, bound * 1e6) / len(took) for bound in bounds]
    print(f"\n50 clients of pgbench that never pause: {limit:.0f} saves a second; within {shares(found)}")
    with server(SIZES[-1]) as (process, base):
        turn = Wrk(base, lua("turn", SIZES[-1]), 50)
        found = saved_within(process, *bounds)
    print(f"50 typed turns that never pause: {turn.rate:.0f} a second, p50 {turn.p50:.1f} ms, p99 {turn.p99:.1f} ms; saved within {shares(found)}")


def curve():
    size = SIZES[-1]
    print("\n| connections | look, a second | p50 ms | p99 ms | turns, a second | p50 ms | p99 ms | accepted |\n|---|---|---|---|---|---|---|---|")
    # Few places for turns, so that there is something to refuse.
    with server(size, KUKU_LIMITS__CONCURRENT_TURNS="200") as (process, base):
        for connections in 8, 32, 128, 512, 1024:
            look, turn = (Wrk(base, lua(name, size), connections) for name in ("look", "turn"))
            assert not look.broken and not turn.broken, (vars(look), vars(turn))
            print(f"| {connections} | {look.rate:.0f} | {look.p50:.1f} | {look.p99:.1f} | {turn.rate * turn.accepted:.0f} | {turn.p50:.1f} | {turn.p99:.1f} | {turn.accepted:.2f} |")
        print(f"\nMemory after that: {megabytes(process, 'VmRSS'):.0f} MiB")


async def answer(reader, writer):
    """A provider that takes its time."""
    with contextlib.suppress(asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = re.search(r"content-length: (\d+)", head, re.I)
            if length:
                await reader.readexactly(int(length[1]))
            else:
                while (size := int((await reader.readline()).strip() or b"0", 16)):
                    await reader.readexactly(size + 2)
                await reader.readline()
            if "transcriptions" in head:
                await asyncio.sleep(LISTEN)
                kind, body = "application/json", b'{"text":"I do not know yet what I want to do about it."}'
            elif "speech" in head:
                kind, body = "audio/mpeg", b"ID3\x04" + bytes(20_000)
            else:
                await asyncio.sleep(REPLY)
                kind, body = "application/json", b'{"choices":[{"message":{"content":"What would a good end look like?"}}]}'
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            if kind == "audio/mpeg":
                # The first sound comes at once, the last one after a second.
                writer.write(body[:2_000])
                await asyncio.sleep(SPEAK)
                writer.write(body[2_000:])
            else:
                writer.write(body)
            await writer.drain()
    writer.close()


class Client:
    """One connection."""

    def __init__(self, port):
        self.port = port

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_):
        self.writer.close()

    async def ask(self, method, path, body=b"", kind="application/json"):
        self.writer.write(f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        assert head.startswith("HTTP/1.1 200"), head
        length = re.search(r"content-length: (\d+)", head, re.I)
        return await (self.reader.readexactly(int(length[1])) if length else self.reader.readuntil(b"\r\n"))


RECORDING = (
    b'--X\r\nContent-Disposition: form-data; name="audio"; filename="a.webm"\r\nContent-Type: audio/webm\r\n\r\n'
    b"\x1a\x45\xdf\xa3" + bytes(20_000) + b"\r\n--X--\r\n"
)


async def talk(port, delay, turns, times, sounds):
    async with Client(port) as client:
        await asyncio.sleep(delay)
        session = json.loads(await client.ask("POST", "/api/sessions", b"{}"))["data"]["sessionId"]
        for _ in range(turns):
            began = time.monotonic()
            reply = json.loads(await client.ask("POST", f"/api/sessions/{session}/messages", RECORDING, "multipart/form-data; boundary=X"))
            assert reply["success"] and reply["data"]["messages"][1]["audioUrl"], reply
            times.append(time.monotonic() - began)
            if sounds is not None:
                # Only the first chunk's head is read: a connection of its own.
                async with Client(port) as listening:
                    await listening.ask("GET", reply["data"]["messages"][1]["audioUrl"])
                sounds.append(time.monotonic() - began)


async def spoken():
    provider = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=4096)
    url = f"http://127.0.0.1:{provider.sockets[0].getsockname()[1]}/v1"
    print("\n| spoken turns | at once | p50 s | p99 s | p99 beyond the provider, ms | saved within 10 ms | first sound, p50 s | peak MiB |\n|---|---|---|---|---|---|---|---|")
    for early in "false", "true":
        for people in 1, 50, 100, 1000:
            limits = {"KUKU_LIMITS__CONCURRENT_UPLOADS": "2000", "KUKU_LIMITS__CONCURRENT_TURNS": "2000"}
            with server(SIZES[-1], OPENAI_API_KEY="x", OPENAI_BASE_URL=url, KUKU_RESPOND_BEFORE_AUDIO=early, **limits) as (process, base):
                port, times, sounds = int(base.rpartition(":")[2]), [], [] if early == "true" else None
                length = LISTEN + REPLY + (0 if sounds is not None else SPEAK)
                await asyncio.gather(*(talk(port, length * n / people, 3, times, sounds) for n in range(people)))
                # Meanwhile the last speeches come to their end: a stop waits for them.
                (saved,) = await asyncio.to_thread(saved_within, process, 0.01)
                p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98] if people > 1 else max(times)
                sound = f"{statistics.median(sounds):.2f}" if sounds else "-"
                print(f"| {'early' if sounds is not None else 'whole'} | {people} | {p50:.2f} | {p99:.2f} | {(p99 - length) * 1000:.0f} | {saved:.4f} | {sound} | {megabytes(process, 'VmHWM'):.0f} |")
    provider.close()


def starting():
    times = []
    psql(SIZES[-1], "CREATE DATABASE bench_start TEMPLATE template0")
    # The first start migrates it.
    for _ in range(6):
        with server("start", KUKU_DATABASE__MIGRATE="true") as (process, _):
            times.append(process.started * 1000)
            time.sleep(1)
            idle = megabytes(process, "VmRSS")
    size = pathlib.Path("target/release/kuku-coach").stat().st_size / 1e6
    print(f"\nStart to ready on a migrated database: {statistics.median(times[1:]):.0f} ms; idle {idle:.0f} MiB; binary {size:.1f} MB")


print(f"## bench/requests.sh, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores")
starting()
asyncio.run(spoken())
requests()
saving()
curve()
