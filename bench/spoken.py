"""Measurements of bench/spoken.sh: spoken.py FOLDER ADDRESS MESSAGES..."""

import asyncio
import contextlib
import json
import multiprocessing
import os
import re
import statistics
import time

from running_server import SIZES, mebibytes, print_header, print_row, saved_within, server

# The local provider: seconds until the transcript, between two pieces of the reply, and from a
# sentence to the first and last byte of its speech.
SPEECH_TO_TEXT, PIECE, FIRST_BYTE, LAST_BYTE = 0.8, 0.1, 0.3, 1.0
TURNS = 3
# People who never pause: the next recording follows the reply at once.
PEOPLE = 1, 50, 100, 300, 600, 1000
# People who hear the nine seconds of the reply, and speak for one.
LISTENERS = 1000, 2000
LISTENING = 10
# Three sentences of some 50 characters, in 15 pieces: the first sentence is complete after 0.4 s.
SENTENCES = [
    ["That sounds like ", "a heavy week, and ", "you stayed ", "with it all ", "the time."],
    [" You spoke of ", "your boss and of ", "the nights ", "without any ", "sleep."],
    [" What would a ", "good end of this ", "week look ", "like to you, ", "honestly?"],
]
PIECES = [piece for sentence in SENTENCES for piece in sentence]
REPLY = PIECE * len(PIECES)
# MPEG-2 layer III, 32 kbit/s, 24 kHz, mono: 96 bytes are 24 ms. Three seconds a sentence.
SPEECH = (bytes([0xFF, 0xF3, 0x44, 0xC4]) + bytes(92)) * 125

RECORDING = (
    b'--X\r\nContent-Disposition: form-data; name="audio"; filename="a.webm"\r\n'
    b"Content-Type: audio/webm\r\n\r\n\x1a\x45\xdf\xa3" + bytes(20_000) + b"\r\n--X--\r\n"
)


async def read_body(reader, headers):
    length = re.search(r"content-length: (\d+)", headers, re.I)
    if length:
        return await reader.readexactly(int(length[1]))
    body = b""
    while size := int((await reader.readline()).strip() or b"0", 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


def write_json(writer, value):
    text = json.dumps(value).encode()
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        + f"Content-Length: {len(text)}\r\n\r\n".encode() + text
    )


def write_chunk(writer, data):
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


async def write_reply(writer):
    for number, piece in enumerate(PIECES):
        if number:
            await asyncio.sleep(PIECE)
        data = json.dumps({"choices": [{"delta": {"content": piece}, "finish_reason": None}]})
        write_chunk(writer, f"data: {data}\n\n".encode())
        await writer.drain()
    await asyncio.sleep(PIECE)
    end = json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    write_chunk(writer, f"data: {end}\n\ndata: [DONE]\n\n".encode())


async def write_speech(writer):
    await asyncio.sleep(FIRST_BYTE)
    write_chunk(writer, SPEECH[:960])
    await writer.drain()
    await asyncio.sleep(LAST_BYTE - FIRST_BYTE)
    write_chunk(writer, SPEECH[960:])


async def serve_provider(reader, writer):
    disconnects = asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError
    with contextlib.suppress(*disconnects):
        while True:
            headers = (await reader.readuntil(b"\r\n\r\n")).decode()
            body = await read_body(reader, headers) if headers.startswith("POST") else b""
            if not body:
                # The server asks when its models end.
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                continue
            if "transcriptions" in headers:
                await asyncio.sleep(SPEECH_TO_TEXT)
                write_json(writer, {"text": "I do not know yet what I want to do about it."})
                continue
            is_speech = "/audio/speech" in headers
            if not is_speech and not json.loads(body).get("stream"):
                # A question of the server, not a reply.
                message = {"role": "assistant", "content": "no"}
                choice = {"message": message, "finish_reason": "stop"}
                write_json(writer, {"choices": [choice]})
                continue
            kind = "audio/mpeg" if is_speech else "text/event-stream"
            writer.write(
                f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n"
                "Transfer-Encoding: chunked\r\n\r\n".encode()
            )
            await (write_speech(writer) if is_speech else write_reply(writer))
            writer.write(b"0\r\n\r\n")
            await writer.drain()
    writer.close()


def run_provider(port):
    """A process of its own, so that it does not wait for the clients."""

    async def serve():
        provider = await asyncio.start_server(serve_provider, "127.0.0.1", 0, backlog=4096)
        port.send(provider.sockets[0].getsockname()[1])
        await provider.serve_forever()

    asyncio.run(serve())


class Client:
    """One connection to the server."""

    def __init__(self, port):
        self.port = port

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_):
        self.writer.close()

    async def send(self, method, path, body=b"", kind="application/json", accept="*/*"):
        """Sends a request, and returns the head of the response."""
        self.writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
            f"Accept: {accept}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )
        headers = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        assert headers.startswith("HTTP/1.1 200"), headers
        return headers

    async def request(self, *arguments, **options):
        return await read_body(self.reader, await self.send(*arguments, **options))


async def first_audio_byte(port, url):
    """Waits for the first byte of an audio. The rest is read in the background."""
    client = await Client(port).__aenter__()
    headers = await client.send("GET", url)
    await client.reader.readexactly(1)
    return asyncio.create_task(drain(client)), headers


async def drain(client):
    with contextlib.suppress(ConnectionError):
        await client.reader.read(1 << 20)
    client.writer.close()


async def streaming_turn(client, port, path):
    """Seconds until the first byte of sound, and until the reply is stored."""
    started = time.monotonic()
    form = "multipart/form-data; boundary=X"
    await client.send("POST", path, RECORDING, form, "text/event-stream")
    listening = stored = None
    event = ""
    while event != "done":
        line = (await client.reader.readuntil(b"\n")).decode().strip()
        if line.startswith("event: "):
            event = line.removeprefix("event: ")
            assert event != "error", await client.reader.readline()
        elif line.startswith("data: ") and event == "audio" and listening is None:
            url = json.loads(line.removeprefix("data: "))["audioUrl"]
            listening = asyncio.create_task(heard_after(port, url, started))
        elif line.startswith("data: ") and event == "message":
            stored = time.monotonic() - started
    # The chunk that ends the event, and the last chunk of the body.
    await client.reader.readuntil(b"0\r\n\r\n")
    return await listening, stored


async def heard_after(port, url, started):
    await first_audio_byte(port, url)
    return time.monotonic() - started


async def frontend_turn(client, port, path):
    """Seconds until the first byte of sound, and until the JSON."""
    started = time.monotonic()
    reply = json.loads(
        await client.request("POST", path, RECORDING, "multipart/form-data; boundary=X")
    )
    answered = time.monotonic() - started
    assert reply["success"] and reply["data"]["messages"][1]["audioUrl"], reply
    await first_audio_byte(port, reply["data"]["messages"][1]["audioUrl"])
    return time.monotonic() - started, answered


async def converse(port, delay, turn, pause, durations):
    await asyncio.sleep(delay)
    async with Client(port) as client:
        session = json.loads(await client.request("POST", "/api/sessions", b"{}"))
        path = f"/api/sessions/{session['data']['sessionId']}/messages"
        for number in range(TURNS):
            if number and pause:
                await asyncio.sleep(pause)
                # The server has closed the idle connection.
                client.writer.close()
                await client.__aenter__()
            durations.append(await turn(client, port, path))


async def measure(url, name, turn, clients, pause):
    variables = {
        "OPENAI_API_KEY": "x", "OPENAI_BASE_URL": url, "KUKU_TEXT_TO_SPEECH__PROVIDER": "openai",
        "KUKU_LIMITS__CONCURRENT_UPLOADS": "2000", "KUKU_LIMITS__CONCURRENT_TURNS": "2000",
    }
    with server(SIZES[-1], **variables) as (process, base):
        port, durations = int(base.rpartition(":")[2]), []
        # The turns of a thousand people are spread over the time that one takes.
        spread = SPEECH_TO_TEXT + REPLY + pause
        await asyncio.gather(
            *(converse(port, spread * n / clients, turn, pause, durations) for n in range(clients))
        )
        # This also lets the last speeches finish, for which a stop would wait.
        (saved,) = await asyncio.to_thread(saved_within, process, 0.01)
        heard, stored = ([pair[n] for pair in durations] for n in (0, 1))
        assert len(heard) == clients * TURNS
        p99 = statistics.quantiles(heard, n=100)[98] if clients > 1 else max(heard)
        gap = statistics.median(h - s for h, s in durations) * 1000
        print_row(
            name, clients, pause, f"{statistics.median(heard):.2f}", f"{p99:.2f}",
            f"{statistics.median(stored):.2f}", f"{gap:.0f}", f"{saved:.3f}",
            f"{mebibytes(process, 'VmHWM'):.0f}",
        )


async def spoken_turns(url):
    print_header(
        "client", "people", "pause, s", "first sound, p50 s", "p99 s", "stored or JSON, p50 s",
        "sound after it, p50 ms", "saved within 10 ms", "peak MiB",
    )
    for name, turn in ("SSE", streaming_turn), ("JSON", frontend_turn):
        for clients in PEOPLE:
            await measure(url, name, turn, clients, 0)
        for clients in LISTENERS:
            await measure(url, name, turn, clients, LISTENING)


if __name__ == "__main__":
    print(f"## bench/spoken.sh, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores")
    listening, port = multiprocessing.Pipe(duplex=False)
    provider = multiprocessing.Process(target=run_provider, args=(port,), daemon=True)
    provider.start()
    asyncio.run(spoken_turns(f"http://127.0.0.1:{listening.recv()}/v1"))
    provider.terminate()
