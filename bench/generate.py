"""Generates conversations to search in: generate.py MESSAGES FOLDER. Data depends on MESSAGES only.

Seven sessions in ten are English, three Chinese. Word frequencies follow Zipf (p ~ 1/rank, steeper
beyond rank 3,000, so that there are rare words). A message has about 25 words or characters, a
session 25 messages, a user 12 sessions; every second session is anonymous.

Writes people.tsv, sessions.tsv and messages.tsv for COPY, and terms.tsv: kind, language, word,
number of messages with the word.
"""

import collections
import datetime
import itertools
import pathlib
import random
import sys
import uuid

MESSAGES, FOLDER = int(sys.argv[1]), pathlib.Path(sys.argv[2])
MESSAGES_PER_SESSION, KNEE = 25, 3000
rnd = random.Random(20261124)


def zipf(count):
    weights = (1 / rank if rank <= KNEE else KNEE / rank**2 for rank in range(1, count + 1))
    return list(itertools.accumulate(weights))


def english(count):
    """Words that the stemmer leaves as they are: three syllables and a consonant."""
    syllables = [c + v for c in "bdfgklmnprtvz" for v in "aiou"]
    words = set()
    while len(words) < count:
        words.add("".join(rnd.choices(syllables, k=3)) + rnd.choice("bkmp"))
    # Sorted first: the order of a set differs from run to run.
    return sorted(sorted(words), key=lambda _: rnd.random())


def chinese(count):
    characters = [chr(c) for c in rnd.sample(range(0x4E00, 0x9FA5), 2000)]
    words = set()
    while len(words) < count:
        words.add("".join(rnd.choices(characters, k=2)))
    # Sorted first: the order of a set differs from run to run.
    return sorted(sorted(words), key=lambda _: rnd.random())


def new_id():
    return uuid.UUID(int=rnd.getrandbits(128), version=4)


latin, han = english(60_000), chinese(20_000)
latin_weights, han_weights = zipf(len(latin)), zipf(len(han))
sessions = MESSAGES // MESSAGES_PER_SESSION
people = [new_id() for _ in range(max(1, sessions // 24))]
start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
gap = datetime.timedelta(days=180) / sessions
latin_counts, han_counts = collections.Counter(), collections.Counter()

FOLDER.mkdir(parents=True, exist_ok=True)
with open(FOLDER / "people.tsv", "w") as out:
    out.writelines(f"{person}\n" for person in people)
with (
    open(FOLDER / "sessions.tsv", "w") as out_sessions,
    open(FOLDER / "messages.tsv", "w") as out_messages,
):
    for number in range(sessions):
        # The key of the session's row has the bits of its public id.
        key, at = uuid.UUID(int=number), start + gap * number
        person = rnd.choice(people) if number % 2 else r"\N"
        rating = 1 + number % 5 if number % 3 == 0 else r"\N"
        is_han = number % 10 >= 7
        for position in range(1, MESSAGES_PER_SESSION + 1):
            at += datetime.timedelta(seconds=5 + 30 * rnd.random())
            if is_han:
                words = rnd.choices(han, cum_weights=han_weights, k=12)
                text = "".join(words[:6]) + "，" + "".join(words[6:]) + "。"
                han_counts.update({text[i : i + 2] for i in range(len(text) - 1)})
            else:
                words = rnd.choices(latin, cum_weights=latin_weights, k=25)
                latin_counts.update(set(words))
                text = " ".join(words).capitalize() + "."
            sender = "user" if position % 2 else "ai"
            message_id = f"msg-{rnd.getrandbits(128):032x}"
            out_messages.write(
                f"{key}\t{message_id}\t{sender}\t{text}\t{at.isoformat()}\t{position}\n"
            )
        out_sessions.write(
            f"{key}\tsession-{key.hex}\t{person}\tended\t{(start + gap * number).isoformat()}\t"
            f"{at.isoformat()}\t{at.isoformat()}\t{MESSAGES_PER_SESSION}\t"
            f"A good talk.\t600\t{rating}\n"
        )

with open(FOLDER / "terms.tsv", "w") as out:
    for language, counts in ("en", latin_counts), ("zh", han_counts):
        counts = {word: count for word, count in counts.items() if not set(word) & set("，。")}
        kinds = ("rare", 10), ("medium", MESSAGES // 1000), ("common", MESSAGES // 10)
        for kind, target in kinds:
            nearest = sorted(counts.items(), key=lambda found: (abs(found[1] - target), found[0]))
            for word, count in nearest[: 5 if kind == "common" else 20]:
                out.write(f"{kind}\t{language}\t{word}\t{count}\n")
