"""Makes conversations to search in: bench/generate.py MESSAGES FOLDER, the same for the same MESSAGES.

Seven sessions in ten are English, three Chinese, with words of Zipf frequencies (p ~ 1/rank, steeper beyond rank 3,000, so
that there are rare words too). About 25 words or characters a line, 25 lines a session, 12 sessions a person; every second
session is nobody's. Writes sessions.tsv and messages.tsv for COPY, and terms.tsv: class, language, word, lines that it is in.
"""

import collections
import datetime
import itertools
import pathlib
import random
import sys
import uuid

MESSAGES, FOLDER = int(sys.argv[1]), pathlib.Path(sys.argv[2])
LINES, KNEE = 25, 3000
rnd = random.Random(20261124)


def zipf(count):
    return list(itertools.accumulate(1 / r if r <= KNEE else KNEE / r**2 for r in range(1, count + 1)))


def english(count):
    """Words that the stemmer leaves as they are: three syllables and an end."""
    syllables = [c + v for c in "bdfgklmnprtvz" for v in "aiou"]
    words = set()
    while len(words) < count:
        words.add("".join(rnd.choices(syllables, k=3)) + rnd.choice("bkmp"))
    return sorted(words, key=lambda _: rnd.random())


def chinese(count):
    characters = [chr(c) for c in rnd.sample(range(0x4E00, 0x9FA5), 2000)]
    words = set()
    while len(words) < count:
        words.add("".join(rnd.choices(characters, k=2)))
    return sorted(words, key=lambda _: rnd.random())


def new_id():
    return uuid.UUID(int=rnd.getrandbits(128), version=4)


latin, han = english(60_000), chinese(20_000)
latin_weights, han_weights = zipf(len(latin)), zipf(len(han))
sessions = MESSAGES // LINES
people = [new_id() for _ in range(max(1, sessions // 24))]
begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
gap = datetime.timedelta(days=180) / sessions
latin_lines, han_lines = collections.Counter(), collections.Counter()

FOLDER.mkdir(parents=True, exist_ok=True)
with open(FOLDER / "people.tsv", "w") as out:
    out.writelines(f"{person}\n" for person in people)
with open(FOLDER / "sessions.tsv", "w") as out_sessions, open(FOLDER / "messages.tsv", "w") as out_messages:
    for number in range(sessions):
        key, at = new_id(), begin + gap * number
        person = rnd.choice(people) if number % 2 else r"\N"
        rating = 1 + number % 5 if number % 3 == 0 else r"\N"
        is_han = number % 10 >= 7
        for position in range(1, LINES + 1):
            at += datetime.timedelta(seconds=5 + 30 * rnd.random())
            if is_han:
                words = rnd.choices(han, cum_weights=han_weights, k=12)
                text = "".join(words[:6]) + "，" + "".join(words[6:]) + "。"
                han_lines.update({text[i : i + 2] for i in range(len(text) - 1)})
            else:
                words = rnd.choices(latin, cum_weights=latin_weights, k=25)
                latin_lines.update(set(words))
                text = " ".join(words).capitalize() + "."
            sender = "user" if position % 2 else "ai"
            out_messages.write(f"{key}\tmsg-{rnd.getrandbits(128):032x}\t{sender}\t{text}\t{at.isoformat()}\t{position}\n")
        out_sessions.write(
            f"{key}\tsession-{number:032x}\t{person}\tended\t{(begin + gap * number).isoformat()}\t"
            f"{at.isoformat()}\t{at.isoformat()}\t{LINES}\tA good talk.\t600\t{rating}\n"
        )

with open(FOLDER / "terms.tsv", "w") as out:
    for language, counts in ("en", latin_lines), ("zh", han_lines):
        counts = {word: count for word, count in counts.items() if not set(word) & set("，。")}
        for kind, target in ("rare", 10), ("medium", MESSAGES // 1000), ("common", MESSAGES // 10):
            nearest = sorted(counts.items(), key=lambda found: (abs(found[1] - target), found[0]))
            for word, count in nearest[: 5 if kind == "common" else 20]:
                out.write(f"{kind}\t{language}\t{word}\t{count}\n")
