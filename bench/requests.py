"""Measurements of bench/requests.sh: requests.py FOLDER ADDRESS MESSAGES..."""

import bisect
import json
import os
import pathlib
import re
import statistics
import subprocess
import time
import urllib.request

from running_server import (
    CONNECTIONS, FOLDER, SIZES, cpu_seconds, database, mebibytes, print_header, print_row, psql,
    saved_within, server,
)

SECONDS, ROUNDS, TURN_SESSIONS = 4, 3, 2_000
QUERIES = [q["query"] for q in json.loads(pathlib.Path("sqlx-data.json").read_text()).values()]


def batched_query(*parts, without="no such text"):
    """The only batched query of the server that contains all of the given texts."""
    (found,) = [
        query
        for query in QUERIES
        if "unnest(" in query and all(part in query for part in parts) and without not in query
    ]
    return found


def bind(query, values):
    """The query with values or pgbench's variables instead of its parameters."""
    return re.sub(r"\$(\d+)", lambda parameter: values[int(parameter[1]) - 1], query)


# Not those of users, who read in another role.
GET_SESSION = batched_query('AS "age_seconds!"', "viewer.bypass_ownership")
GET_MESSAGES = batched_query('AS "position?"', "viewer.bypass_ownership")
# Of requests without an idempotency key.
CREATE_SESSION = batched_query(
    "INSERT INTO public.sessions AS s", "language_is_guess", without="stored_response"
)
RATE_SESSION = batched_query("SET rating =", without="stored_response")
ACQUIRE_LEASE = batched_query("SET turn_claim =")
SAVE_TURN = batched_query("jsonb_to_record(")

# The key of a session's row has the bits of its public id.
KEY = "lpad(to_hex(:n::bigint), 32, '0')::uuid"
# Sessions other than the server's turns, whose messages the server caches.
TURN_KEY = "('e' || lpad(to_hex(:n::bigint), 31, '0'))::uuid"
LEASE = "00000000-0000-4000-8000-000000000000"
# As of a statement for a single query.
NO_LOCK_TIMEOUT = "'0'"
# Words of a message, frequent ones more often: the search index stores equal messages for free.
WORDS, VOCABULARY = 18, 20_000


def save_script():
    variables = f"\\set n random(0, {TURN_SESSIONS - 1})\n" + "".join(
        f"\\set w{n} random_zipfian(1, {VOCABULARY}, 1.05)\n" for n in range(WORDS)
    )
    turn = {
        "message_count": 0, "seconds_since_spoken": 0, "awaiting_confirmation": False,
        "cooldown": 0, "extension_minutes": 0, "skip_progress_check": False, "coach_replies": 0,
        "turns_since_offer": 0, "ends_session": False, "turn_lease": LEASE,
        "bypass_ownership": True, "awaits_audio": False, "unanswered_recordings": 0,
        "answers_recordings": False, "language": None,
    }
    text = "concat_ws(' ', " + ", ".join(f"'word' || :w{n}" for n in range(WORDS)) + ")"
    fields = {
        "id": TURN_KEY, "user_message_id": "md5(random()::text)",
        "ai_message_id": "md5(random()::text)", "user_text": text, "ai_text": text,
    }
    for name in [*turn, *fields]:
        assert re.search(rf"\b{name} \w+", SAVE_TURN), f"{name} is no field of a saved turn"
    pairs = ", ".join(f"'{name}', {value}" for name, value in fields.items())
    # pgbench's turns do not know the number of messages.
    query = re.sub(r"AND s\.message_count = \w+\.message_count", "", SAVE_TURN)
    assert query != SAVE_TURN
    parameter = f"ARRAY['{json.dumps(turn)}'::jsonb || jsonb_build_object({pairs})]"
    return variables, bind(query, [parameter, NO_LOCK_TIMEOUT])


def scripts(size):
    pick = f"\\set n random(0, {int(size) // 25 - 1})\n"
    variables, save = save_script()
    turn = [
        bind(GET_SESSION, [f"ARRAY[{TURN_KEY}]", "ARRAY[true]"]),
        bind(
            ACQUIRE_LEASE,
            [
                f"ARRAY[{TURN_KEY}]", f"ARRAY['{LEASE}'::uuid]", "6.0::double precision",
                "ARRAY[true]", "ARRAY[NULL]", NO_LOCK_TIMEOUT,
            ],
        ),
        save,
    ]
    keys = f"ARRAY[{KEY}]"
    messages = [keys, "ARRAY[0]", "ARRAY[501]", "ARRAY[256000]", "ARRAY[true]"]
    creation = [
        "ARRAY[md5(:r::text)::uuid]", "ARRAY['session-' || md5(:r::text)]",
        *["ARRAY[NULL]"] * 2, "ARRAY[FALSE]", NO_LOCK_TIMEOUT,
    ]
    rating = [
        keys, "ARRAY[4]", "ARRAY['Thank you.']", "ARRAY[true]", "ARRAY[NULL]",
        NO_LOCK_TIMEOUT,
    ]
    return {
        "get_session": pick + bind(GET_SESSION, [keys, "ARRAY[true]"]) + ";\n",
        "get_messages": pick + bind(GET_MESSAGES, messages) + ";\n",
        "create_session": f"\\set r random(1, {2**62})\n" + bind(CREATE_SESSION, creation) + ";\n",
        "rate_session": pick + bind(RATE_SESSION, rating) + ";\n",
        "turn": variables + ";\n".join(turn) + ";\n",
    }


LUA = {
    "get_session": """return function(id)
        return wrk.format("GET", "/api/sessions/session-" .. id) end""",
    "get_messages": """return function(id)
        return wrk.format("GET", "/api/sessions/session-" .. id .. "/messages") end""",
    "create_session": """return function(id)
        return wrk.format("POST", "/api/sessions", json, "{}") end""",
    "rate_session": """return function(id)
        return wrk.format("POST", "/api/sessions/session-" .. id .. "/rating", json,
          '{"rating":4,"feedback":"Thank you."}') end""",
    "turn": f"""local words = {{}}
      return function(id)
        for n = 1, {WORDS} do words[n] = "word" .. math.floor({VOCABULARY} ^ math.random()) end
        return wrk.format("POST", "/api/sessions/session-" .. id .. "/messages", json,
          '{{"text":"' .. table.concat(words, " ") .. '"}}') end""",
}


def lua(name, size):
    if name == "turn":
        number = f'("f%031x"):format(math.random(0, {TURN_SESSIONS - 1}))'
    else:
        number = f'("%032x"):format(math.random(0, {int(size) // 25 - 1}))'
    return lua_file(name, LUA[name], number)


def lua_file(name, make, argument):
    """A script of wrk: `make` returns the function that makes a request of `argument`."""
    file = FOLDER / f"{name}.lua"
    file.write_text(f"""
        local json = {{["Content-Type"] = "application/json"}}
        local make = (function() {make} end)()
        local seeds = 0
        function setup(thread) seeds = seeds + 1; thread:set("seed", seeds) end
        function init() math.randomseed(seed) end
        function request() return make({argument}) end
        function response(status, _, body)
          if status == 200 and not body:find('"success":true', 1, true) then
            error("refused: " .. body)
          end
        end
    """)
    return file


def pgbench(size, script, connections=CONNECTIONS, options=()):
    file = FOLDER / "script.sql"
    file.write_text(script)
    command = [
        "pgbench", "-n", "-M", "prepared", "-c", str(connections), "-j", "2", "-T", str(SECONDS),
        "-f", str(file), *options, database(size),
    ]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"tps = ([\d.]+)", out)[1])


class Wrk:
    def __init__(self, base, script, connections=CONNECTIONS):
        command = [
            "wrk", "-t2", f"-c{connections}", f"-d{SECONDS}", "--latency", "--timeout", "30s",
            "-s", str(script), base,
        ]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert "refused" not in out, out
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
        requests = int(re.search(r"(\d+) requests in", out)[1])
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
        self.accepted = 1 - (int(refused[1]) if refused else 0) / requests
        self.broken = re.search(r"Socket errors: (.*)", out)
        self.p50, self.p99 = (
            self.milliseconds(re.search(rf"^\s+{share}%\s+(\S+)", out, re.M)[1])
            for share in (50, 99)
        )

    @staticmethod
    def milliseconds(text):
        number, unit = re.match(r"([\d.]+)(us|ms|s|m)", text).groups()
        return float(number) * {"us": 0.001, "ms": 1, "s": 1_000, "m": 60_000}[unit]


def add_turn_sessions(size):
    psql(
        size,
        "INSERT INTO sessions (session_id) SELECT 'session-' || prefix || lpad(to_hex(n), 31, '0')"
        f" FROM generate_series(0, {TURN_SESSIONS - 1}) AS n, unnest(ARRAY['e', 'f']) AS prefix",
    )


def measure_round(size, process, base, name, script):
    """One round of pgbench and of the server, with the same queries."""
    psql(size, "CHECKPOINT")
    limit = pgbench(size, script)
    cpu_before = cpu_seconds(process)
    ours = Wrk(base, lua(name, size))
    assert ours.accepted == 1 and not ours.broken, (name, vars(ours))
    micros = (cpu_seconds(process) - cpu_before) / (ours.rate * SECONDS) * 1e6
    return ours.rate / limit, ours.rate, ours.p50, ours.p99, micros


def requests():
    rows = {}
    for size in SIZES:
        add_turn_sessions(size)
        with server(size) as (process, base):
            for name, script in scripts(size).items():
                Wrk(base, lua(name, size))  # warm-up
                rounds = [measure_round(size, process, base, name, script) for _ in range(ROUNDS)]
                medians = [statistics.median(column) for column in zip(*rounds)]
                rows.setdefault(name, []).append(medians)
            memory = mebibytes(process, "VmRSS")
    print_header(
        f"{CONNECTIONS} connections, medians of {ROUNDS}", "messages", "share of pgbench",
        "a second", "p50 ms", "p99 ms", "CPU us", "growth of p50",
    )
    for name, cells in rows.items():
        for size, (share, rate, p50, p99, micros) in zip(SIZES, cells):
            growth = f"{p50 / cells[0][2]:.2f}" if size != SIZES[0] else "-"
            print_row(
                name, size, f"{share:.2f}", f"{rate:.0f}", f"{p50:.2f}", f"{p99:.2f}",
                f"{micros:.0f}", growth,
            )
    print(f"\nMemory afterwards: {memory:.0f} MiB")


OWN_CONNECTIONS, USERS, SESSIONS_OF_A_USER = 8, 20, 12


def post(url, token=None):
    request = urllib.request.Request(url, method="POST")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    return json.load(urllib.request.urlopen(request))["data"]


def own_reads():
    """Sessions and histories of signed-in users beside those of anonymous callers, in turns."""
    size, count = SIZES[-1], USERS * SESSIONS_OF_A_USER
    owned, anonymous = (
        [f"session-{n:032x}" for n in range(first, 2 * count, 2)] for first in (0, 1)
    )
    ids = ", ".join(f"'{id}'" for id in owned + anonymous)
    psql(size, f"UPDATE sessions SET user_id = NULL WHERE session_id IN ({ids})")
    rates = {}
    with server(size, KUKU_AUTH__MODE="optional") as (_, base):
        users = [post(f"{base}/api/auth/anonymous")["accessToken"] for _ in range(USERS)]
        requests = {"anonymous": [f'{{"{id}", {{}}}}' for id in anonymous], "own": []}
        for n, id in enumerate(owned):
            token = users[n % USERS]
            post(f"{base}/api/sessions/{id}/claim", token)
            requests["own"].append(f'{{"{id}", {{Authorization = "Bearer {token}"}}}}')
        paths = {"session": "", "history": "/messages"}
        for name, path in [*paths.items()] * (ROUNDS + 1):
            for who in requests:
                make = f"""local requests = {{{", ".join(requests[who])}}}
                    return function()
                      local id, headers = unpack(requests[math.random(#requests)])
                      return wrk.format("GET", "/api/sessions/" .. id .. "{path}", headers) end"""
                rate = Wrk(base, lua_file(f"{who}_{name}", make, ""), OWN_CONNECTIONS).rate
                rates.setdefault((who, name), []).append(rate)
    print_header(f"{OWN_CONNECTIONS} connections", "anonymous, a second", "own", "own / anonymous")
    for name in paths:
        # The first round is the warm-up.
        anonymous, own = (statistics.median(rates[who, name][1:]) for who in requests)
        print_row(name, f"{anonymous:.0f}", f"{own:.0f}", f"{own / anonymous:.2f}")


def saving():
    """Fifty concurrent turns without a provider, and pgbench with nothing but saves."""
    size, bounds = SIZES[-1], (0.005, 0.01, 0.02, 0.05, 0.1)

    def shares(found):
        return ", ".join(f"{bound * 1000:g} ms {share:.4f}" for bound, share in zip(bounds, found))

    options = ["-l", f"--log-prefix={FOLDER}/saves"]
    limit = pgbench(size, "".join(save_script()) + ";\n", 50, options)
    took = sorted(
        int(line.split()[2])
        for file in FOLDER.glob("saves.*")
        for line in file.read_text().splitlines()
    )
    found = [bisect.bisect(took, bound * 1e6) / len(took) for bound in bounds]
    print(f"\n50 clients of pgbench without pauses: {limit:.0f} saves a second, {shares(found)}")
    with server(size) as (process, base):
        turn = Wrk(base, lua("turn", size), 50)
        found = saved_within(process, *bounds)
    print(
        f"50 typed turns without pauses: {turn.rate:.0f} a second, p50 {turn.p50:.1f} ms,"
        f" p99 {turn.p99:.1f} ms; saved within {shares(found)}"
    )


def overload():
    size = SIZES[-1]
    print_header(
        "connections", "get_session, a second", "p50 ms", "p99 ms", "turns, a second", "p50 ms",
        "p99 ms", "accepted",
    )
    # A low limit of concurrent turns, so that turns are refused.
    with server(size, KUKU_LIMITS__CONCURRENT_TURNS="200") as (process, base):
        for connections in 8, 32, 128, 512, 1024:
            read, turn = (
                Wrk(base, lua(name, size), connections) for name in ("get_session", "turn")
            )
            assert not read.broken and not turn.broken, (vars(read), vars(turn))
            print_row(
                connections, f"{read.rate:.0f}", f"{read.p50:.1f}", f"{read.p99:.1f}",
                f"{turn.rate * turn.accepted:.0f}", f"{turn.p50:.1f}", f"{turn.p99:.1f}",
                f"{turn.accepted:.2f}",
            )
        print(f"\nMemory afterwards: {mebibytes(process, 'VmRSS'):.0f} MiB")


def startup():
    times = []
    psql(SIZES[-1], "CREATE DATABASE bench_start TEMPLATE template0")
    # The first start migrates the database, and is not counted.
    for _ in range(6):
        with server("start", KUKU_DATABASE__MIGRATE="true") as (process, _):
            times.append(process.startup * 1000)
            time.sleep(1)
            idle = mebibytes(process, "VmRSS")
    binary = pathlib.Path("target/dist/kuku-coach").stat().st_size / 1e6
    print(
        f"\nStart to ready on a migrated database: {statistics.median(times[1:]):.0f} ms;"
        f" idle {idle:.0f} MiB; binary {binary:.1f} MB"
    )


print(f"## bench/requests.sh, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores")
startup()
requests()
own_reads()
saving()
overload()
