"""The measuring part of bench/search.sh: search.py FOLDER ADDRESS LINES..."""

import collections
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

FOLDER, ADDRESS, SIZES = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
ROUNDS = 20
shipped = [q["query"] for q in json.loads(pathlib.Path("sqlx-data.json").read_text()).values()]
EVERYWHERE = next(q for q in shipped if "lately AS" in q)
BY_WALK = next(q for q in shipped if "COALESCE(m.text_search" in q)
BY_INDEX = next(q for q in shipped if "TRUE AS too_few" in q)
WITHIN = next(q for q in shipped if "within.user_id = $12" in q)
SAVE = next(q for q in shipped if "INSERT INTO public.messages" in q and "answered AS" in q)
SETTINGS = "SET max_parallel_workers_per_gather = 0; SET client_min_messages = warning;"
CUSTOM = "SET plan_cache_mode = force_custom_plan;"


def database(lines):
    return f"postgres:///bench_{lines}{ADDRESS}"


def psql(lines, script):
    return subprocess.run(
        ["psql", "-qAt", "-v", "ON_ERROR_STOP=1", database(lines)], input=script, capture_output=True, text=True, check=True
    ).stdout


def terms(lines):
    found = collections.defaultdict(list)
    for line in (FOLDER / lines / "terms.tsv").read_text().splitlines():
        kind, language, word, _ = line.split("\t")
        found[kind, language].append(word)
    return found


def measure(lines, statement, executes):
    """p50 and p99 of the statements in milliseconds, after a first pass over all of them, and six for the plan."""
    settings = SETTINGS + (CUSTOM if statement == WITHIN else "")
    script = [settings, f"PREPARE shipped AS {statement};", "\\o /dev/null", *executes[:1] * 6, *executes, "\\timing on"]
    for _ in range(ROUNDS):
        script += executes
    times = [float(t) for t in re.findall(r"^Time: ([\d.]+) ms", psql(lines, "\n".join(script)), re.M)]
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def execute(word, by_rank, most, scope=""):
    return f"EXECUTE shipped ('{word}', NULL, NULL, NULL, NULL, {most}, {by_rank}, NULL, NULL, NULL, 21{scope});"


def table(rows):
    print(f"\n| ms: p50 / p99 | {' | '.join(SIZES)} | growth of p50 |\n|---|{'---|' * (len(SIZES) + 1)}")
    for name, cells in rows:
        growth = f"{cells[-1][0] / cells[0][0]:.1f}" if len(cells) > 1 else "-"
        print(f"| {name} | {' | '.join(f'{p50:.2f} / {p99:.2f}' for p50, p99 in cells)} | {growth} |")


def searches():
    rows = []
    for kind in "rare", "medium", "common":
        for language in "en", "zh":
            for sort, by_rank in ("relevance", "true"), ("newest", "false"):
                cells = [
                    measure(size, EVERYWHERE, [execute(word, by_rank, 201) for word in terms(size)[kind, language]])
                    for size in SIZES
                ]
                rows.append((f"{kind} {language}, {sort}", cells))
    # As the server asks for words that it has just looked for.
    for kind in "rare", "medium", "common":
        cells = []
        for size in SIZES:
            statement = BY_WALK if kind == "common" else BY_INDEX
            cells.append(measure(size, statement, [execute(word, "true", 201) for word in terms(size)[kind, "en"]]))
        rows.append((f"{kind} en, relevance, again", cells))
    for kind in "rare", "medium", "common":
        cells = []
        for size in SIZES:
            people = psql(size, "SELECT user_id FROM sessions WHERE user_id IS NOT NULL GROUP BY 1 HAVING count(*) = 12 LIMIT 5")
            words = terms(size)[kind, "en"]
            cells.append(
                measure(
                    size,
                    WITHIN,
                    [execute(word, "true", 1001, f", '{person}', NULL, NULL") for person in people.split() for word in words],
                )
            )
        rows.append((f"{kind} en, of a person with 300 lines", cells))
    for name, filters in ("sender", "'user', NULL, NULL"), ("a week", "NULL, '2026-03-01', '2026-03-08'"):
        cells = [
            measure(size, EVERYWHERE, [execute(w, "true", 201).replace("NULL, NULL, NULL", filters, 1) for w in terms(size)["common", "en"]])
            for size in SIZES
        ]
        rows.append((f"common en, {name}", cells))
    cells = [
        measure(size, WITHIN, [execute(w, "true", 201, ", NULL, NULL, 4") for w in terms(size)["common", "en"]]) for size in SIZES
    ]
    rows.append(("common en, rated 4 or better", cells))
    table(rows)


def pgbench(lines, script, seconds=5, clients=8, word=""):
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        out = subprocess.run(
            ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", file.name,
             *(["-D", f"word={word}"] if word else []), database(lines)],
            capture_output=True, text=True, check=True,
        ).stdout
    return float(re.search(r"tps = ([\d.]+)", out)[1])


def numbered(statement, values):
    """The statement with pgbench's variables or literals in the places of its parameters."""
    return re.sub(r"\$(\d+)", lambda place: values[int(place[1]) - 1], statement)


def http():
    size = SIZES[-1]
    environment = dict(
        os.environ, PORT="0", DATABASE_URL=database(size), RUST_LOG="info", KUKU_DATA_DIR=str(FOLDER / "server"),
        KUKU_DATABASE__MAX_CONNECTIONS="8", KUKU_DATABASE__MIGRATE="false",
    )
    with open(FOLDER / "log", "w") as log:
        server = subprocess.Popen(["target/release/kuku-coach"], env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        base = next(line.split()[1] for line in server.stdout if line.strip().startswith("API "))
        print("\n| req/s, 8 connections, 1 word each | pgbench | HTTP | HTTP / pgbench, best of 3 |\n|---|---|---|---|")
        for kind in "rare", "medium", "common":
            word = terms(size)[kind, "en"][0]
            values = [":word"] + ["NULL"] * 4 + ["201", "true"] + ["NULL"] * 3 + ["21"]
            script = numbered(BY_WALK if kind == "common" else BY_INDEX, values) + ";\n"
            url = f"{base}/search/messages?q={word}"
            urllib.request.urlopen(url).read()
            pairs = []
            for _ in range(3):
                limit = pgbench(size, script, word=word)
                out = subprocess.run(["wrk", "-t2", "-c8", "-d5", url], capture_output=True, text=True, check=True).stdout
                assert "Non-2xx" not in out, out
                pairs.append((limit, float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])))
            limit, ours = max(pairs, key=lambda pair: pair[1] / pair[0])
            print(f"| {kind} | {limit:.0f} | {ours:.0f} | {ours / limit:.2f} |")
    finally:
        server.terminate()
        server.wait()


def saving():
    """A turn of two lines of 25 words into the largest database, with the plan's index, and with ours."""
    size = SIZES[-1]
    words = terms(size)["common", "en"] + terms(size)["medium", "en"]
    line = " ".join((words * 2)[:25])
    setup = "INSERT INTO public.sessions (session_id, message_count) SELECT 'session-saving-' || n, 0 FROM generate_series(0, 7) AS n ON CONFLICT DO NOTHING;"
    turn = json.dumps({
        "message_count": 0, "user_text": line, "said_ago": 0, "ai_text": line, "awaiting": False, "cooldown": 0, "extension_minutes": 0,
        "ignore_content": False, "rounds": 0, "turns": 0, "ends_session": False, "claim": "00000000-0000-4000-8000-000000000000",
    })
    ids = "jsonb_build_object('session_id', 'session-saving-' || :client_id, 'user_id', md5(random()::text), 'ai_id', md5(random()::text))"
    statement = numbered(SAVE.replace("AND s.message_count = asked.message_count", ""), [f"ARRAY['{turn}'::jsonb || {ids}]"]) + ";\n"
    psql(size, setup)
    ours, plan = [], []
    for _ in range(3):
        ours.append(pgbench(size, statement))
    psql(size, "DROP INDEX idx_messages_text_search, idx_messages_created_at; ALTER TABLE messages DROP COLUMN text_search;"
               "CREATE INDEX idx_messages_text_content ON public.messages USING gin (to_tsvector('english', text_content)); CHECKPOINT")
    for _ in range(3):
        plan.append(pgbench(size, statement))
    print(f"\nSaving a turn: {statistics.median(ours):.0f}/s, with the plan's index {statistics.median(plan):.0f}/s:"
          f" {statistics.median(plan) / statistics.median(ours):.2f} times the cost")


print(f"## bench/search.sh, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores")
searches()
http()
saving()
