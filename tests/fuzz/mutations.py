"""Ways in which files are odd: cut, repeated, badly encoded, badly quoted, merged with conflicts, deep, long."""

from __future__ import annotations

import random
from collections.abc import Callable

NAMES = (b"app.user", b"app/user.py", b"app.shop.cart", b"app/shop", b"from app import user", b"app\\.user")

Mutation = Callable[[bytes, random.Random], bytes]


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True) or [b""]


def _at(data: bytes, chance: random.Random) -> int:
    return chance.randint(0, len(data))


def flip(data: bytes, chance: random.Random) -> bytes:
    """Some bytes become others."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 4) if found else 0):
        found[chance.randrange(len(found))] = chance.choice(
            [*b"\"'#\\`:[]{}()<>,.=\n\t\r %$&*|-", chance.randrange(256)]
        )
    return bytes(found)


def cut(data: bytes, chance: random.Random) -> bytes:
    """The end is missing."""
    return data[: _at(data, chance)]


def drop(data: bytes, chance: random.Random) -> bytes:
    """A few bytes are missing."""
    start = _at(data, chance)
    return data[:start] + data[start + chance.randint(1, 12) :]


def repeat_line(data: bytes, chance: random.Random) -> bytes:
    """A line stands there twice."""
    lines = _lines(data)
    at = chance.randrange(len(lines))
    return b"".join([*lines[: at + 1], *lines[at:]])


def drop_line(data: bytes, chance: random.Random) -> bytes:
    """A line is missing."""
    lines = _lines(data)
    del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def swap_lines(data: bytes, chance: random.Random) -> bytes:
    """Lines are in another order."""
    lines = _lines(data)
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"".join(lines)


def join_lines(data: bytes, chance: random.Random) -> bytes:
    """A line break is missing."""
    lines = _lines(data)
    at = chance.randrange(len(lines))
    lines[at] = lines[at].rstrip(b"\r\n")
    return b"".join(lines)


def indent(data: bytes, chance: random.Random) -> bytes:
    """A line is indented oddly."""
    lines = _lines(data)
    at = chance.randrange(len(lines))
    lines[at] = chance.choice([b" ", b"\t", b"   ", b"\xc2\xa0", b"\x0c"]) + lines[at]
    return b"".join(lines)


def tabs(data: bytes, chance: random.Random) -> bytes:
    """Tabs for blanks."""
    return data.replace(b"    " if chance.random() < 0.5 else b" ", b"\t", chance.randint(1, 9))


def newlines(data: bytes, chance: random.Random) -> bytes:
    """Other line ends, everywhere or in places."""
    new = chance.choice([b"\r\n", b"\r", b"\n\r", b"\x0b", b"\xe2\x80\xa8", b"\x85"])
    return data.replace(b"\n", new, -1 if chance.random() < 0.5 else chance.randint(1, 3))


def marks(data: bytes, chance: random.Random) -> bytes:
    """A byte order mark, at the beginning or elsewhere."""
    at = 0 if chance.random() < 0.7 else _at(data, chance)
    return data[:at] + chance.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"]) + data[at:]


def encode(data: bytes, chance: random.Random) -> bytes:
    """Another encoding, with letters that tell."""
    text = data.decode("utf-8", "replace").replace("user", chance.choice(["user", "üser", "user é"]), 2)
    return text.encode(chance.choice(["utf-16", "utf-16-le", "latin-1", "cp1252", "utf-8", "shift-jis"]), "replace")


def declare(data: bytes, chance: random.Random) -> bytes:
    """A declared encoding, true or not."""
    name = chance.choice([b"latin-1", b"utf-8", b"utf-16", b"no-such", b"rot13", b"ascii", b"cp1252"])
    return b"# -*- coding: " + name + b" -*-\n" + data.replace(b"of", b"\xe9f", 1)


def zeros(data: bytes, chance: random.Random) -> bytes:
    """NUL and other control characters."""
    at = _at(data, chance)
    return data[:at] + chance.choice([b"\0", b"\x1a", b"\x1b[0m", b"\x7f", b"\x08"]) + data[at:]


def deep(data: bytes, chance: random.Random) -> bytes:
    """Deep nesting."""
    opening, closing = chance.choice(
        [(b"(", b")"), (b"[", b"]"), (b"{", b"}"), (b"- ", b""), (b"> ", b""), (b"-", b"")]
    )
    depth, at = chance.choice([20, 150, 1200]), _at(data, chance)
    return data[:at] + opening * depth + chance.choice(NAMES) + closing * depth + data[at:]


def long_line(data: bytes, chance: random.Random) -> bytes:
    """A huge line."""
    at = _at(data, chance)
    piece = chance.choice([b"x", b"app.user ", b"../", b"app.", b"`", b"'", b"\\", b"app/user.py,", b"=", b"user"])
    return data[:at] + piece * (chance.choice([2_000, 30_000]) // len(piece)) + data[at:]


def quote(data: bytes, chance: random.Random) -> bytes:
    """A quote that does not end, or does too early."""
    at = _at(data, chance)
    return (
        data[:at]
        + chance.choice([b'"', b"'", b'"""', b"'''", b"`", b"``", b"```\n", b"f'", b"\\", b"$(", b"{{"])
        + data[at:]
    )


def anchors(data: bytes, chance: random.Random) -> bytes:
    """Anchors, aliases, tags and merges of YAML."""
    at = _at(data, chance)
    piece = chance.choice(
        [b"&a ", b"*a ", b"*none\n", b"<<: *a\n", b"!!python/object:app.user.User ", b"!x ", b"--- |\n", b"%YAML 9\n"]
    )
    return data[:at] + piece + data[at:]


def commas(data: bytes, chance: random.Random) -> bytes:
    """Commas and brackets too many, comments where there are none."""
    at = _at(data, chance)
    return (
        data[:at]
        + chance.choice([b",", b",,", b", ]", b"}", b"// app.user\n", b"/* app.user */", b"# app.user\n", b";"])
        + data[at:]
    )


def conflict(data: bytes, chance: random.Random) -> bytes:
    """A merge that was not finished."""
    lines = _lines(data)
    at = chance.randrange(len(lines))
    ours = [b"<<<<<<< HEAD\n", *lines[at : at + 2], b"=======\n", *lines[at : at + 1], b">>>>>>> app.user\n"]
    return b"".join([*lines[:at], *ours, *lines[at + 2 :]])


def name(data: bytes, chance: random.Random) -> bytes:
    """A name where none is expected."""
    at = _at(data, chance)
    return (
        data[:at]
        + chance.choice([b"", b" ", b"\n", b'"', b"."])
        + chance.choice(NAMES)
        + chance.choice([b"", b" ", b"\n", b'"'])
        + data[at:]
    )


def empty(data: bytes, chance: random.Random) -> bytes:
    """Next to nothing."""
    return chance.choice([b"", b"\n", b"\r", b"\xef\xbb\xbf", b"\0", chance.choice(NAMES), data[:1]])


MUTATIONS: tuple[Mutation, ...] = (
    flip, cut, drop, repeat_line, drop_line, swap_lines, join_lines, indent, tabs, newlines, marks, encode, declare,
    zeros, deep, long_line, quote, anchors, commas, conflict, name, empty,
)  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The content after one to three mutations."""
    for mutation in chance.choices(MUTATIONS, k=chance.choice([1, 1, 2, 3])):
        data = mutation(data, chance)
    return data
