#!/usr/bin/env python3
"""Checks the width of lines, and words that this project has replaced. Part of .ci/run.

Lines end at 100 characters in code, scripts and prose. Exempt: tables, links, applied migrations,
generated files, lock files, and data. Words: one thing has one name (docs/glossary.md).
"""

import pathlib
import re
import subprocess
import sys

WIDTH = 100
WIDE = {
    "Cargo.lock", "sqlx-data.json", "deny.toml", ".env.example", "LICENSE",
    "ops/grafana-dashboard.json", "scripts/check-text.py",
}
# Migrations that were applied before the check existed, and those of character classes.
WIDE_PATTERNS = re.compile(
    r"^migrations/(2026112[345]|\d+_search_all_punctuation|\d+_search_by_language)|^tests/fixtures/|\.snap$|^\.github/"
)
# The lists of phrases hold what people say.
SPOKEN = re.compile(
    r"^(src/(?!domain/phrases/lists)|docs/|tests/|bench/|scripts/)|^(README|CONTRIBUTING)\.md$"
)
# The brackets keep this list from matching itself.
WORDS = re.compile(
    r"[p]atience|[o]pener|who_is_who|at_the_[d]oor|[n]obody'?s\b|goes_[a]lone|\bat [h]and\b"
    r"|[s]tatements? for many|\b(self\.|let |mod )[w]ays\b|\b[L]eaving::|\b[t]old from\b"
    r"|private [P]ostgres|offline [c]oach",
    re.IGNORECASE,
)


def is_exempt(name: str, line: str) -> bool:
    """Tables and lines that are long because of a link or URL."""
    if name.endswith(".md") and line.lstrip().startswith("|"):
        return True
    return len(re.sub(r"\]\([^)]*\)|https?://\S+", "", line)) <= WIDTH


def problems(name: str) -> list[str]:
    try:
        text = pathlib.Path(name).read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return []
    found = []
    wide = name in WIDE or WIDE_PATTERNS.search(name)
    for number, line in enumerate(text.splitlines(), 1):
        if not wide and len(line) > WIDTH and not is_exempt(name, line):
            found.append(f"{name}:{number}: {len(line)} characters")
        if SPOKEN.search(name) and name != "scripts/check-text.py" and (word := WORDS.search(line)):
            found.append(f"{name}:{number}: {word.group()!r} has a plain word in docs/glossary.md")
        if name.startswith("docs/") and line.startswith("|"):
            found += [
                f"{name}:{number}: a table cell of {len(cell)} characters, make it prose"
                for cell in map(str.strip, line.split("|"))
                if len(re.sub(r"\]\([^)]*\)|`", "", cell)) > WIDTH
            ]
    return found


files = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout
found = [problem for name in files.splitlines() for problem in problems(name)]
print("\n".join(found) or "text is fine")
sys.exit(1 if found else 0)
