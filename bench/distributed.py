"""Measurements of bench/distributed.sh: distributed.py FOLDER ORDINARY_URL DISTRIBUTED_URL"""

import contextlib
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import urllib.request

FOLDER, URLS = pathlib.Path(sys.argv[1]), {"plain": sys.argv[2], "citus": sys.argv[3]}
SECONDS, ROUNDS, SESSIONS, TURNS, TURN_SESSIONS = 6, 3, 400, 10, 4_000

REQUESTS = {
    "session": 'wrk.format("GET", "/api/sessions/" .. id)',
    "history": 'wrk.format("GET", "/api/sessions/" .. id .. "/messages")',
    "turn": """wrk.format("POST", "/api/sessions/" .. id .. "/messages",
        {["Content-Type"] = "application/json"},
        '{"text":"word' .. math.random(20000) .. ' after word' .. math.random(20000) .. '"}')""",
}


@contextlib.contextmanager
def server(name, url):
    environment = dict(
        os.environ, PORT="0", DATABASE_URL=url, KUKU_DATA_DIR=str(FOLDER / name),
        KUKU_DATABASE__MAX_CONNECTIONS="32", KUKU_DATABASE__ALLOW_PLAINTEXT="true",
        KUKU_DATABASE__MIGRATE="false",
        KUKU_LIMITS__REQUESTS_PER_MINUTE="0", KUKU_LIMITS__TURNS_PER_MINUTE="0",
    )
    with open(FOLDER / f"{name}.log", "w") as log:
        process = subprocess.Popen(
            ["target/dist/kuku-coach"], env=environment, stdout=subprocess.PIPE, stderr=log,
            text=True,
        )
    try:
        lines = (line for line in process.stdout if line.strip().startswith("API "))
        yield next(lines).split()[1].removesuffix("/api")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def post(url, body):
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    return json.load(urllib.request.urlopen(request))["data"]


def sessions(base):
    """Ids of new sessions with ten turns each, which are read, and of others for turns."""
    ids = [post(f"{base}/api/sessions", {})["sessionId"] for _ in range(SESSIONS + TURN_SESSIONS)]
    for id in ids[:SESSIONS]:
        for turn in range(TURNS):
            post(f"{base}/api/sessions/{id}/messages", {"text": f"word {turn} of many"})
    return {"session": ids[:SESSIONS], "history": ids[:SESSIONS], "turn": ids[SESSIONS:]}


def rate(base, name, ids, connections):
    """Requests a second, all of which succeed."""
    script = FOLDER / "script.lua"
    quoted = ", ".join(f'"{id}"' for id in ids)
    script.write_text(f"""
        local ids = {{{quoted}}}
        local seeds = 0
        function setup(thread) seeds = seeds + 1; thread:set("seed", seeds) end
        function init() math.randomseed(seed) end
        function request() local id = ids[math.random(#ids)]; return {REQUESTS[name]} end
    """)
    command = [
        "wrk", "-t2", f"-c{connections}", f"-d{SECONDS}", "--timeout", "30s", "-s", str(script),
        base,
    ]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


def main():
    with server("plain", URLS["plain"]) as plain, server("citus", URLS["citus"]) as citus:
        bases = {"plain": plain, "citus": citus}
        ids = {name: sessions(base) for name, base in bases.items()}
        print("| request | connections | plain | Citus | ratio of each round | median |")
        print("|---|---|---|---|---|---|")
        for request in REQUESTS:
            for connections in [8, 32]:
                rounds = []
                for number in range(ROUNDS + 1):
                    # The first is a warm-up.
                    rates = {
                        name: rate(base, request, ids[name][request], connections)
                        for name, base in bases.items()
                    }
                    rounds += [rates] if number else []
                ratios = [rates["citus"] / rates["plain"] for rates in rounds]
                cells = [
                    f"{statistics.median(rates[name] for rates in rounds):.0f}" for name in bases
                ]
                each = " ".join(f"{ratio:.2f}" for ratio in ratios)
                print(
                    f"| {request} | {connections} | {' | '.join(cells)} | {each} "
                    f"| {statistics.median(ratios):.2f} |",
                    flush=True,
                )


main()
