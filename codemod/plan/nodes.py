"""A plan file's bytes as nodes that keep every scalar as written and know where they stand."""

from __future__ import annotations

import re

import yaml

from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field

DEPTH = 32  # levels of lists and mappings; a plan needs nine
NODES = 500_000  # nodes with every alias written out
BYTES = 16 * 1024 * 1024

_CONTROL = lazy(r"[^\t\n\r\x20-\x7e]")
_UNPRINTABLE = lazy("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PAIR = lazy(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


Location = tuple[int | str, ...]
"""Keys and indices from the top of the file down to a value."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A position in the plan file; line and column count from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as written; `plain` when it has no quotes."""

    text: str
    plain: bool
    spot: Spot


@dataclass(slots=True)
class Sequence:
    """A list."""

    spot: Spot
    items: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class Mapping:
    """A mapping, keys in the order of the file."""

    spot: Spot
    entries: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    size: int = 1
    height: int = 1


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the file itself, before any key has a meaning."""

    spot: Spot
    message: str
    hint: str = ""
    path: Location = ()


class Unreadable(ValueError):
    """The bytes cannot be read as one YAML document; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def compose(data: bytes) -> tuple[Mapping, list[Problem]]:
    """The top mapping of a plan file, and what is wrong with it that still lets it be read on.

    Works on YAML's events, so that nothing is ever constructed from a tag, recursion cannot run away and an alias
    costs nothing until it is counted.  Raises Unreadable.
    """
    text = _decoded(data)
    composer = _Composer()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(_syntax(error)) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(Problem(composer.spot, f"not YAML: {error}")) from None
    top = composer.top
    if top is None or (isinstance(top, Scalar) and not top.text):
        raise Unreadable(Problem(Spot(), "the plan is empty"))
    if not isinstance(top, Mapping):
        raise Unreadable(Problem(top.spot, f"a plan is a mapping, not {kind(top)}"))
    return top, composer.problems


def kind(node: Node) -> str:
    """What a node is, for a message."""
    if isinstance(node, Scalar):
        return f"the text {node.text!r}" if node.text or not node.plain else "nothing"
    return "a list" if isinstance(node, Sequence) else "a mapping"


def absent(node: Node) -> bool:
    """True for a key that is there without a value."""
    return isinstance(node, Scalar) and node.plain and node.text in ("", "~", "null")


class Null(str):
    """A plain `null`: no value where one may be left out, the text `null` everywhere else."""

    __slots__ = ()


def plain(node: Node) -> object:
    """Lists, dictionaries and texts; None for an empty or `~` value.  No scalar is ever made a number or a date."""
    if isinstance(node, Scalar):
        if node.plain and node.text in ("", "~"):
            return None
        return Null(node.text) if node.plain and node.text == "null" else node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, (_, value) in node.entries.items()}


def locate(node: Node, location: Location, *, of_key: bool = True) -> Spot:
    """Where `location` stands: its key (or its value), else the nearest thing around it that exists."""
    spot = node.spot
    for step in location:
        if isinstance(node, Mapping) and str(step) in node.entries:
            key, node = node.entries[str(step)]
            spot = key.spot if of_key else node.spot
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            spot = node.spot
    return spot


def existing(node: Node, location: Location) -> tuple[Node, Location]:
    """The node at `location`, and the location without the steps that are not the file's own."""
    steps: list[int | str] = []
    for step in location:
        if isinstance(node, Mapping) and str(step) in node.entries:
            node = node.entries[str(step)][1]
            steps.append(str(step))
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            steps.append(step)
    return node, tuple(steps)


def key_path(location: Location) -> str:
    """`("phases", 1, "do", 0, "move", "a.b")` -> `phases[1].do[0].move['a.b']`."""
    out = ""
    for step in location:
        if isinstance(step, int):
            out += f"[{step}]"
        elif re.fullmatch(r"[^\W\d][\w-]*", step):
            out += f".{step}" if out else step
        else:
            out += f"[{step!r}]"
    return out


def _decoded(data: bytes) -> str:
    if len(data) > BYTES:
        raise Unreadable(Problem(Spot(), f"the plan has {len(data)} bytes; {BYTES} are read"))
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace").removeprefix("\ufeff")
        raise Unreadable(Problem(_end(before), "the plan is not UTF-8")) from None
    # A set that reaches beyond ASCII takes 7 ms to compile.
    wrong = _CONTROL.search(text) if text.isascii() else _UNPRINTABLE.search(text)
    if wrong:
        message = f"the character U+{ord(wrong.group()):04X} may not stand in a plan"
        raise Unreadable(Problem(_end(text[: wrong.start()]), message))
    return _PAIR.sub(_joined, text) if text.lstrip().startswith("{") else text


def _joined(found: re.Match[str]) -> str:
    """JSON writes a character beyond U+FFFF as two escapes; YAML as one."""
    high, low = int(found[2], 16), int(found[3], 16)
    return f"{found[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def _end(text: str) -> Spot:
    lines = re.split("\r\n|[\r\n]", text)
    return Spot(len(lines), len(lines[-1]) + 1)


def _syntax(error: yaml.MarkedYAMLError) -> Problem:
    problem = str(error.problem or error.context or "not YAML")
    mark = error.problem_mark or error.context_mark
    spot = Spot(mark.line + 1, mark.column + 1) if mark else Spot()
    hint = ""
    if "cannot start any token" in problem or "\\t" in problem:
        hint = "indent with spaces, and quote a text that begins with %, @, ` or a tab"
    elif "flow" in str(error.context):
        hint = 'within { } and [ ], quote a name that contains braces: "services.{svc}.main"'
    elif "mapping values are not allowed" in problem:
        hint = "quote a text that contains ': '"
    context = f" {error.context}" if error.context and error.problem else ""
    return Problem(spot, f"not YAML:{context}{',' if context else ''} {problem}", hint)


class _Composer:
    """Builds the nodes of one document from YAML's events, without recursion."""

    def __init__(self) -> None:
        self.top: Node | None = None
        self.problems: list[Problem] = []
        self.spot = Spot()
        self.stack: list[Sequence | Mapping] = []
        self.keys: list[Scalar | None] = []  # for each open mapping, the key that waits for its value
        self.names: list[str | None] = []  # the anchor of each open collection
        self.anchors: dict[str, Node] = {}
        self.count = 0
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        self.spot = Spot(mark.line + 1, mark.column + 1) if mark else Spot()
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self.unreadable("a plan is one document; a second one starts here")
        elif isinstance(event, yaml.AliasEvent):
            self.alias(event.anchor or "")
        elif isinstance(event, yaml.ScalarEvent):
            self.untagged(event.tag)
            scalar = Scalar(self.text(event.value), event.style in (None, ""), self.spot)
            if event.anchor:
                self.anchors[event.anchor] = scalar
            self.add(scalar, 1, 0)
        elif isinstance(event, yaml.CollectionStartEvent):
            self.untagged(event.tag)
            self.open(Sequence(self.spot) if isinstance(event, yaml.SequenceStartEvent) else Mapping(self.spot), event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.close()

    def text(self, value: str) -> str:
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise self.unreadable("half a surrogate pair is not a character")
        return value

    def untagged(self, tag: str | None) -> None:
        if tag is not None:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            self.problem(self.spot, f"tags mean nothing in a plan: {shown}", "remove the tag")

    def alias(self, anchor: str) -> None:
        if anchor in self.names:
            raise self.unreadable(f"*{anchor} stands within &{anchor} itself")
        node = self.anchors.get(anchor)
        if node is None:
            hint = f'quote a text that begins with a star: "*{anchor}"'
            raise self.unreadable(f"nothing is named &{anchor}", hint)
        if isinstance(node, Scalar):
            self.add(Scalar(node.text, node.plain, self.spot), 1, 0)
        else:
            self.add(node, node.size, node.height)

    def open(self, node: Sequence | Mapping, event: yaml.CollectionStartEvent) -> None:
        if len(self.stack) >= DEPTH:
            raise self.unreadable(f"nested deeper than {DEPTH} levels")
        self.stack.append(node)
        self.keys.append(None)
        self.names.append(event.anchor)

    def close(self) -> None:
        node = self.stack.pop()
        self.keys.pop()
        anchor = self.names.pop()
        if anchor:
            self.anchors[anchor] = node
        self.add(node, node.size, node.height, counted=True)

    def add(self, node: Node, size: int, height: int, *, counted: bool = False) -> None:
        self.count += 1 if counted else size
        if self.count > NODES:
            raise self.unreadable(f"more than {NODES} values, aliases written out")
        if len(self.stack) + height > DEPTH:
            raise self.unreadable(f"nested deeper than {DEPTH} levels")
        if not self.stack:
            self.top = node
            return
        owner = self.stack[-1]
        owner.size += size
        owner.height = max(owner.height, height + 1)
        if isinstance(owner, Sequence):
            owner.items.append(node)
            return
        key = self.keys[-1]
        if key is None:
            self.keys[-1] = self.key(node)
            return
        self.keys[-1] = None
        self.enter(owner, key, node)

    def key(self, node: Node) -> Scalar:
        if isinstance(node, Scalar):
            return node
        self.problem(node.spot, f"a key is a text, not {kind(node)}")
        return _DROPPED

    def enter(self, owner: Mapping, key: Scalar, node: Node) -> None:
        known = owner.entries.get(key.text)
        if key is _DROPPED:
            return
        if key.plain and key.text == "<<":
            self.problem(key.spot, "merge keys (<<) are not read", "write the keys out, or put them under defaults")
        elif known is not None:
            first = known[0].spot
            self.problem(key.spot, f"the key {key.text!r} is given twice, first at {first.line}:{first.column}")
        else:
            owner.entries[key.text] = (key, node)

    def problem(self, spot: Spot, message: str, hint: str = "") -> None:
        self.problems.append(Problem(spot, message, hint, self.path))

    def unreadable(self, message: str, hint: str = "") -> Unreadable:
        return Unreadable(Problem(self.spot, message, hint, self.path))

    @property
    def path(self) -> Location:
        """Where in the plan the composer stands."""
        steps: list[int | str] = []
        for owner, key in zip(self.stack, self.keys, strict=True):
            if isinstance(owner, Sequence):
                steps.append(len(owner.items))
            elif key is not None:
                steps.append(key.text)
        return tuple(steps)


_DROPPED = Scalar("", False, Spot(0, 0))
"""Stands for a key that was a problem of its own."""
