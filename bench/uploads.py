"""Uploads 200 recordings of 20 MiB at once to the server on a port, and prints the outcomes."""

import collections
import http.client
import json
import sys
import threading
import time

PORT, UPLOADS, SIZE, CHUNK = int(sys.argv[1]), 200, 20 * 1024 * 1024, b"\x55" * 65536
HEAD = (
    b'--X\r\nContent-Disposition: form-data; name="audio"; filename="recording.webm"\r\n'
    b"Content-Type: audio/webm\r\n\r\n\x1a\x45\xdf\xa3"
)
TAIL = b"\r\n--X--\r\n"


def connect():
    return http.client.HTTPConnection("127.0.0.1", PORT, timeout=300)


def create_session():
    connection = connect()
    connection.request("POST", "/api/sessions")
    return json.loads(connection.getresponse().read())["data"]["sessionId"]


def upload(session, results):
    connection = connect()
    connection.putrequest("POST", f"/api/sessions/{session}/messages")
    connection.putheader("Content-Type", "multipart/form-data; boundary=X")
    connection.putheader("Content-Length", str(len(HEAD) + SIZE + len(TAIL)))
    connection.endheaders()
    connection.send(HEAD)
    for _ in range(SIZE // len(CHUNK)):
        connection.send(CHUNK)
    connection.send(TAIL)
    response = connection.getresponse()
    results.append((response.status, json.loads(response.read())["success"]))


sessions = [create_session() for _ in range(UPLOADS)]
results = []
threads = [threading.Thread(target=upload, args=(session, results)) for session in sessions]
started = time.monotonic()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f"{collections.Counter(results)} in {time.monotonic() - started:.1f} s")
sys.exit(results != [(200, True)] * UPLOADS)
