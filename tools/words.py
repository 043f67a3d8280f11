"""Finds words that an engineer who is not a native speaker would have to look up.

    python -m tools.words  fails on what tools/words.yaml has, and on broken lines of comments

Comments, docstrings and messages are checked as text, and so is all of a file that is neither
Python nor Solidity; identifiers and file names part by part. The name of a test is a sentence, and
checked as text; other strings of tests are not checked.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
WORDS = ROOT / "tools" / "words.yaml"
_CODE = (".py", ".sol")
_SKIPPED = ("macrostrike/_generated/*", "*.lock", "*.json", "*.csv", "tools/words.yaml", "LICENSE")
_SOLIDITY = re.compile(
    r"(?P<text>//[^\n]*|/\*.*?\*/|\"[^\"\n]*\")|(?P<name>[A-Za-z_]\w*)", re.DOTALL
)
_COMMENT = re.compile(r"^\s*(?P<sign>///|//|#) (?P<text>\S.*)$")
_IS_TABLE = re.compile(r"\s{2}|^@|slither-|noqa|type:|fmt:|forge-")
# What libraries call theirs.
_FOREIGN = frozenset({"most_common"})
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True, slots=True)
class Word:
    """What is found, and what to write."""

    pattern: re.Pattern[str]
    say: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A word in a line of a file."""

    path: str
    line: int
    found: str
    say: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.found!r}: write {self.say}"


@dataclass(frozen=True, slots=True)
class WordList:
    """Words that are not for text, and not for names."""

    text: tuple[Word, ...]
    names: tuple[Word, ...]

    @classmethod
    def read(cls, path: Path = WORDS) -> WordList:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        text, names = (
            tuple(Word(_whole(find), say) for find, say in content[part].items())
            for part in ("text", "names")
        )
        return cls(text, names)

    def findings(self, path: str, content: str) -> Iterator[Finding]:
        """What a file has, its name included."""
        yield from self._in_name(path, 1, Path(path).stem)
        for line, text in _texts(path, content):
            yield from self._in_text(path, line, text)
        for line, name in _names(path, content):
            yield from self._in_name(path, line, name)

    def _in_text(self, path: str, line: int, text: str) -> Iterator[Finding]:
        for word in self.text:
            for match in word.pattern.finditer(text):
                at = line + text.count("\n", 0, match.start())
                yield Finding(path, at, " ".join(match[0].split()), word.say)

    def _in_name(self, path: str, line: int, name: str) -> Iterator[Finding]:
        if name.startswith("test_"):
            yield from self._in_text(path, line, name.replace("_", " "))
            return
        if name in _FOREIGN:
            return
        for part in _PARTS.findall(name):
            for word in self.names:
                if word.pattern.fullmatch(part):
                    yield Finding(path, line, name, word.say)


def _whole(find: str) -> re.Pattern[str]:
    """Whole words, which may be on two lines."""
    return re.compile(rf"\b(?:{find})\b".replace(" ", r"\s+"), re.IGNORECASE)


def _texts(path: str, content: str) -> Iterator[tuple[int, str]]:
    """The prose of a file: where it begins, and what it says without the signs of a comment."""
    if not path.endswith(_CODE):
        yield 1, content
    elif path.endswith(".sol"):
        yield from _comments(content, (m for m in _SOLIDITY.finditer(content) if m["text"]))
    else:
        tokens = _tokens(content)
        found = _of_a_test(tokens) if _is_test(path) else (t for t in tokens if t.type in _PROSE)
        yield from ((token.start[0], _without_signs(token.string)) for token in found)


def _is_test(path: str) -> bool:
    return path.startswith("tests/")


def _of_a_test(tokens: Iterator[tokenize.TokenInfo]) -> Iterator[tokenize.TokenInfo]:
    """Comments, and strings that are a statement by themselves."""
    begins = True
    for token in tokens:
        if token.type == tokenize.COMMENT or (begins and token.type == tokenize.STRING):
            yield token
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            begins = token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


def _names(path: str, content: str) -> Iterator[tuple[int, str]]:
    if path.endswith(".py"):
        for token in _tokens(content):
            if token.type == tokenize.NAME:
                yield token.start[0], token.string
    elif path.endswith(".sol"):
        for match in _SOLIDITY.finditer(content):
            if match["name"]:
                yield content.count("\n", 0, match.start()) + 1, match["name"]


_PROSE = {
    tokenize.COMMENT,
    tokenize.STRING,
    getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING),  # of Python 3.12
}


def _tokens(content: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(content).readline)


def _comments(content: str, matches: Iterator[re.Match[str]]) -> Iterator[tuple[int, str]]:
    """Comments that follow each other line by line are one text, so that a phrase may wrap."""
    start, last, lines = 0, -1, list[str]()
    for match in matches:
        line = content.count("\n", 0, match.start()) + 1
        if lines and line != last + 1:
            yield start, "\n".join(lines)
            lines = []
        start = line if not lines else start
        lines += _without_signs(match["text"]).split("\n")
        last = line + match["text"].count("\n")
    if lines:
        yield start, "\n".join(lines)


def _without_signs(text: str) -> str:
    return re.sub(r"(?m)^\s*(///?|\*|#)", "", text)


def broken_lines(path: str, content: str) -> Iterator[Finding]:
    """Lines of one or two words inside of a comment, as a formatter leaves them."""
    lines = [_COMMENT.match(line) for line in content.split("\n")]
    for number, (line, after) in enumerate(pairwise(lines), 1):
        if line is None or after is None or line["sign"] != after["sign"]:
            continue
        words = line["text"].split()
        goes_on = after["text"][:1].isalnum() and not line["text"].endswith((".", ":", ";", "?"))
        if 0 < len(words) <= 2 and goes_on and not _IS_TABLE.search(line["text"] + after["text"]):
            yield Finding(path, number, line["text"], "on in one line with the next")


def files() -> list[Path]:
    """All that is checked, in a stable order."""
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT)
    names = [n for n in listed.decode().splitlines() if not any(fnmatch(n, s) for s in _SKIPPED)]
    return [ROOT / name for name in sorted(names) if (ROOT / name).is_file()]


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def main() -> int:
    words, findings = WordList.read(), list[Finding]()
    for path in files():
        content = path.read_text(encoding="utf-8")
        findings += words.findings(_shown(path), content)
        if path.suffix in _CODE:
            findings += broken_lines(_shown(path), content)
    for finding in findings:
        print(finding, file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
