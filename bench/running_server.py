"""What the benchmarks share: a running server, its memory, and tables. Their arguments are
FOLDER ADDRESS MESSAGES..."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

FOLDER, ADDRESS, SIZES = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
CONNECTIONS = 32


def database(size):
    return f"postgres:///bench_{size}{ADDRESS}"


def psql(size, script):
    subprocess.run(
        ["psql", "-qAt", "-v", "ON_ERROR_STOP=1", database(size)],
        input=script, text=True, check=True, stdout=subprocess.DEVNULL,
    )


@contextlib.contextmanager
def server(size, **variables):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        metrics = f"127.0.0.1:{free.getsockname()[1]}"
    environment = dict(
        os.environ, PORT="0", DATABASE_URL=database(size), RUST_LOG="info",
        KUKU_DATA_DIR=str(FOLDER / "server"),
        KUKU_DATABASE__MAX_CONNECTIONS=str(CONNECTIONS), KUKU_DATABASE__MIGRATE="false",
        KUKU_LIMITS__REQUESTS_PER_MINUTE="0", KUKU_LIMITS__TURNS_PER_MINUTE="0",
        KUKU_METRICS__ADDRESS=metrics,
    ) | variables
    started = time.monotonic()
    with open(FOLDER / "log", "w") as log:
        process = subprocess.Popen(
            ["target/dist/kuku-coach"],
            env=environment, stdout=subprocess.PIPE, stderr=log, text=True,
        )
    try:
        base = next(
            line.split()[1] for line in process.stdout if line.strip().startswith("API ")
        ).removesuffix("/api")
        process.startup, process.metrics = time.monotonic() - started, metrics
        yield process, base
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def mebibytes(process, name):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def saved_within(process, *bounds):
    """Shares of the turns that were saved within so many seconds."""
    # The server updates its histograms every five seconds.
    time.sleep(6)
    page = urllib.request.urlopen(f"http://{process.metrics}/metrics").read().decode()
    pattern = r'turn_stage_duration_seconds_bucket{stage="commit",le="([^"]+)"} (\d+)'
    saved = {float(bound): int(count) for bound, count in re.findall(pattern, page)}
    return [saved[bound] / saved[float("inf")] for bound in bounds]


def print_header(*columns):
    print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")


def print_row(*cells):
    print(f"| {' | '.join(map(str, cells))} |")
