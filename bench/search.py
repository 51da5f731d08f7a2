"""Measures searches: search.py FOLDER ADDRESS SIZES... Called by bench/search.sh."""

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


def shipped_query(part):
    """The one query that contains the text."""
    (query,) = (q for q in shipped if part in q)
    return query


GLOBAL = shipped_query("recent_matches AS MATERIALIZED")
SCOPED = shipped_query("s.user_id = $12")
OWN = shipped_query("WHERE m.user_id = viewer.user_id")
SAVE_TURN = shipped_query("jsonb_to_record(turn)")
SETTINGS = "SET max_parallel_workers_per_gather = 0; SET client_min_messages = warning;"
CUSTOM_PLAN = "SET plan_cache_mode = force_custom_plan;"
ROLE = "SET search_path = public; SET ROLE authenticated;"


def database(size):
    return f"postgres:///bench_{size}{ADDRESS}"


def psql(size, script):
    return subprocess.run(
        ["psql", "-qAt", "-v", "ON_ERROR_STOP=1", database(size)],
        input=script, capture_output=True, text=True, check=True,
    ).stdout


def terms(size):
    """The words of bench/generate.py by kind (rare, medium, common) and language."""
    words = collections.defaultdict(list)
    for row in (FOLDER / size / "terms.tsv").read_text().splitlines():
        kind, language, word, _ = row.split("\t")
        words[kind, language].append(word)
    return words


def measure(size, query, executions):
    """p50 and p99 in milliseconds. Six executions settle the plan; one pass warms the caches."""
    settings = SETTINGS + {SCOPED: CUSTOM_PLAN, OWN: ROLE}.get(query, "")
    warm_up = [*executions[:1] * 6, *executions]
    script = [settings, f"PREPARE shipped AS {query};", "\\o /dev/null", *warm_up, "\\timing on"]
    script += executions * ROUNDS
    output = psql(size, "\n".join(script))
    times = [float(t) for t in re.findall(r"^Time: ([\d.]+) ms", output, re.M)]
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def execution(word, by_rank="true", match_limit=201, scope="", filters="NULL, NULL, NULL"):
    """`filters`: sender, earliest and latest time. `scope`: user, session, rating and languages."""
    return (
        f"EXECUTE shipped ('{word}', {filters}, NULL, {match_limit}, {by_rank},"
        f" NULL, NULL, NULL, 21{scope});"
    )


def table(rows):
    print(f"\n| ms: p50 / p99 | {' | '.join(SIZES)} | growth of p50 |")
    print(f"|---|{'---|' * (len(SIZES) + 1)}")
    for name, cells in rows:
        growth = f"{cells[-1][0] / cells[0][0]:.1f}" if len(cells) > 1 else "-"
        times = " | ".join(f"{p50:.2f} / {p99:.2f}" for p50, p99 in cells)
        print(f"| {name} | {times} | {growth} |")


def common_words(query, **parameters):
    """Cells of a row for common English words."""
    words = {size: terms(size)["common", "en"] for size in SIZES}
    return [
        measure(size, query, [execution(word, **parameters) for word in words[size]])
        for size in SIZES
    ]


def user_searches(size, kind, languages=""):
    """Executions in the sessions of five users with 300 messages each."""
    users = psql(
        size,
        "SELECT user_id FROM sessions WHERE user_id IS NOT NULL"
        " GROUP BY 1 HAVING count(*) = 12 LIMIT 5",
    ).split()
    return [
        execution(word, match_limit=1001, scope=f", '{user}', NULL, NULL{languages}")
        for user in users
        for word in terms(size)[kind, "en"]
    ]


def searches():
    rows = []
    for kind in "rare", "medium", "common":
        for language in "en", "zh":
            for sort, by_rank in ("relevance", "true"), ("newest", "false"):
                cells = []
                for size in SIZES:
                    words = terms(size)[kind, language]
                    executions = [execution(word, by_rank) for word in words]
                    cells.append(measure(size, GLOBAL, executions))
                rows.append((f"{kind} {language}, {sort}", cells))
    for kind in "rare", "medium", "common":
        cells = [measure(size, OWN, user_searches(size, kind)) for size in SIZES]
        rows.append((f"{kind} en, own 300 messages", cells))
        cells = [measure(size, SCOPED, user_searches(size, kind, ", '{}'")) for size in SIZES]
        rows.append((f"{kind} en, user with 300 messages", cells))
    for name, filters in (
        ("one sender", "'user', NULL, NULL"),
        ("within a week", "NULL, '2026-03-01', '2026-03-08'"),
    ):
        rows.append((f"common en, {name}", common_words(GLOBAL, filters=filters)))
    rated = common_words(SCOPED, scope=", NULL, NULL, 4, '{}'")
    rows.append(("common en, rated 4 or better", rated))
    table(rows)


def pgbench(size, script, seconds=5, clients=8, word=""):
    """Transactions per second."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        variables = ["-D", f"word={word}"] if word else []
        command = ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2"]
        out = subprocess.run(
            [*command, "-T", str(seconds), "-f", file.name, *variables, database(size)],
            capture_output=True, text=True, check=True,
        ).stdout
    return float(re.search(r"tps = ([\d.]+)", out)[1])


def with_values(query, values):
    """The query with pgbench variables or literals for its parameters."""
    return re.sub(r"\$(\d+)", lambda parameter: values[int(parameter[1]) - 1], query)


def start_server(size):
    environment = dict(
        os.environ, PORT="0", DATABASE_URL=database(size), RUST_LOG="info",
        KUKU_DATA_DIR=str(FOLDER / "server"), KUKU_DATABASE__MAX_CONNECTIONS="8",
        KUKU_DATABASE__MIGRATE="false",
    )
    with open(FOLDER / "log", "w") as log:
        return subprocess.Popen(
            ["target/dist/kuku-coach"],
            env=environment, stdout=subprocess.PIPE, stderr=log, text=True,
        )


def wrk(url):
    """Requests per second."""
    command = ["wrk", "-t2", "-c8", "-d5", url]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out, out
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


def http():
    size = SIZES[-1]
    server = start_server(size)
    try:
        base = next(line.split()[1] for line in server.stdout if line.strip().startswith("API "))
        print("\n| requests/s, 8 connections | pgbench | HTTP | HTTP / pgbench, best of 3 |")
        print("|---|---|---|---|")
        values = [":word"] + ["NULL"] * 4 + ["201", "true"] + ["NULL"] * 3 + ["21"]
        script = with_values(GLOBAL, values) + ";\n"
        for kind in "rare", "medium", "common":
            word = terms(size)[kind, "en"][0]
            url = f"{base}/search/messages?q={word}"
            urllib.request.urlopen(url).read()
            pairs = [(pgbench(size, script, word=word), wrk(url)) for _ in range(3)]
            limit, ours = max(pairs, key=lambda pair: pair[1] / pair[0])
            print(f"| {kind} | {limit:.0f} | {ours:.0f} | {ours / limit:.2f} |")
    finally:
        server.terminate()
        server.wait()


def save_turn_script(size):
    """pgbench script: a turn of two messages of 25 words."""
    words = terms(size)["common", "en"] + terms(size)["medium", "en"]
    text = " ".join((words * 2)[:25])
    turn = json.dumps({
        "message_count": 0, "user_text": text, "seconds_since_spoken": 0, "ai_text": text,
        "awaiting_confirmation": False, "cooldown": 0, "extension_minutes": 0,
        "skip_progress_check": False, "coach_replies": 0, "turns_since_offer": 0,
        "ends_session": False, "turn_lease": "00000000-0000-4000-8000-000000000000",
        "bypass_ownership": True, "awaits_audio": False, "unanswered_recordings": 0,
        "answers_recordings": False, "language": None,
    })
    ids = (
        "jsonb_build_object('id', public.session_key('session-saving-' || :client_id),"
        " 'user_message_id', md5(random()::text), 'ai_message_id', md5(random()::text))"
    )
    # Each client saves turn after turn into one session.
    query, replaced = re.subn(r"AND s\.message_count = \w+\.message_count", "", SAVE_TURN)
    assert replaced == 1, "condition on the message count"
    # Without a lock time-out, as of a statement for a single query.
    return with_values(query, [f"ARRAY['{turn}'::jsonb || {ids}]", "'0'"]) + ";\n"


def saving():
    """Saves turns into the largest database, with our index and with an expression index."""
    size = SIZES[-1]
    script = save_turn_script(size)
    psql(
        size,
        "INSERT INTO public.sessions (session_id, message_count)"
        " SELECT 'session-saving-' || n, 0 FROM generate_series(0, 7) AS n ON CONFLICT DO NOTHING;",
    )
    ours = statistics.median(pgbench(size, script) for _ in range(3))
    psql(
        size,
        "DROP INDEX idx_messages_text_search, idx_messages_created_at;"
        "DROP TRIGGER set_text_search ON messages; DROP TRIGGER update_text_search ON messages;"
        "ALTER TABLE messages DROP COLUMN text_search;"
        "ALTER TABLE messages ADD COLUMN text_search tsvector;"
        "CREATE INDEX idx_messages_text_content ON public.messages"
        " USING gin (to_tsvector('english', text_content)); CHECKPOINT",
    )
    vector = "public.language_search_vector(message.text_content, session.language)"
    assert vector in script
    script = script.replace(vector, "NULL::tsvector")
    expression = statistics.median(pgbench(size, script) for _ in range(3))
    print(
        f"\nSaving a turn: {ours:.0f}/s, with an expression index {expression:.0f}/s:"
        f" {expression / ours:.2f} times the cost"
    )


print(f"## bench/search.sh, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores")
searches()
http()
saving()
