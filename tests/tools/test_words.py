"""Plain words: what the list finds, where, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.words import WordList, broken_lines

LIST = """text:
  'nobody': 'no one'
  '(came|comes?) of( it)?': 'the result'
names:
  'least': 'min'
"""


@pytest.fixture
def words(tmp_path: Path) -> WordList:
    path = tmp_path / "words.yaml"
    path.write_text(LIST)
    return WordList.read(path)


@pytest.mark.parametrize(
    ("path", "content", "found"),
    [
        ("a.py", "# Nobody\nx = 1\n", ["a.py:1: 'Nobody': write no one"]),
        (
            "a.py",
            'x = 1\n"""Line.\n\nWhat came\nof it.\n"""\n',
            ["a.py:4: 'came of it': write the result"],
        ),
        ("a.py", 'raise ValueError(f"nobody {x}")\n', ["a.py:1: 'nobody': write no one"]),
        ("a.py", "def f(theLeast, AT_LEAST, leastwise): ...\n", 2 * ["least"]),
        ("a.py", "nobody = 1\n", []),
        (
            "a.sol",
            "/// what came\n/// of it\nuint256 leastAmount;\n",
            ["came of it", "leastAmount"],
        ),
        ("a.sol", 'contract Nobody { string s = "nobody"; }\n', ["nobody"]),
        ("a.md", "Text.\n\nNobody\n", ["a.md:3: 'Nobody': write no one"]),
        ("a.yaml", "# Nobody\nleast: 1\n", ["a.yaml:1: 'Nobody': write no one"]),
        ("the_least.py", "", ["the_least"]),
        ("tests/the_least.py", "least = 'nobody'\n", ["the_least", "least"]),
        ("tests/a.py", "def test_nobody_is_told(): ...\n", ["nobody"]),
        (
            "tests/a.py",
            '"""Nobody."""\n\n\ndef f():\n    """Nobody."""\n    f("x")  # nobody\n',
            3 * ["nobody"],
        ),
    ],
)
def test_words_are_found_where_they_are_read(
    words: WordList, path: str, content: str, found: list[str]
) -> None:
    shown = [str(each) for each in words.findings(path, content)]
    assert len(shown) == len(found)
    assert all(part.lower() in line.lower() for part, line in zip(found, shown, strict=True))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("/// It ends\n/// here, broken.\n", ["It ends"]),
        ("    # and\n    # here\nx = 1\n", ["and"]),
        ("// The end.\n// Another begins.\n", []),
        ("// a list:\n// of lines\n", []),
        ("/// last words\n/// @param x Something.\n", []),
        ("// setOwner     the owner\n// setGuardian  the owner\n", []),
        ("# one\n/// two\n", []),
    ],
)
def test_a_line_that_a_formatter_broke_is_found(content: str, found: list[str]) -> None:
    assert [each.found for each in broken_lines("a.sol", content)] == found
