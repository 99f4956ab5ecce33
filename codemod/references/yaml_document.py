"""What a document of YAML holds: commands, environments, mounts, paths and names in scalars, by position."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

import yaml

from codemod.base.patterns import lazy
from codemod.base.values import dataclass, replace
from codemod.rewrite.edits import Edit

from .commands import Commands
from .dotted import EXTERNAL, external, successor_of
from .keys import Key
from .located import Located, mount_of, target_after
from .paths import path_after
from .phrases import FOLDERS, Holds, Phrases
from .places import key_holds
from .settings import Settings
from .shellwords import Word, script_of
from .view import View
from .yaml_places import Role, is_exec, role_of

_PROPERTIES = lazy(r"(?:[&!]\S*(?:\s+|#[^\n]*\n)*)+")
_TAG = lazy(r"(?:!!|!<tag:yaml\.org,2002:)python/(?:name|module|object(?:/new|/apply)?):(?P<name>[\w.]+)")
_HEADER = lazy(r"[|>][^\n]*\n")
_MOUNTED = lazy(r"(?P<source>[^:]+):(?P<target>/[^:]*)(?P<mode>:[\w,]+)?")
_VARIABLE = lazy(r"(?P<name>[A-Za-z_]\w*)=")
_HANDLER = lazy(r"(?P<path>[\w./-]+/[\w-]+)(?P<attribute>\.[A-Za-z_]\w*)")
_TEMPLATED = lazy(
    r"(?m)(?P<line>^[ \t]*(?:\{\{[^{}\r\n]*\}\}|\{%[^{}\r\n]*%\})[ \t]*(?=\r?$))|\{\{[^{}\r\n]*\}\}|\{%[^{}\r\n]*%\}"
)
"""What a template has in YAML: a line of its own, or part of a value."""

_BREAK = lazy(r"\r\n|\r|\n")


def document_edits(text: str, view: View) -> Iterator[Edit]:
    """The edits to the documents in a text; none where it is not valid, or holds a plan of ours."""
    documents = _documents(text)
    if documents is None and ("{{" in text or "{%" in text):
        text = _TEMPLATED.sub(_filled, text)  # once: what stands around a placeholder is none
        documents = _documents(text)
    if not documents:
        return
    if any(is_plan(document) for document in documents):
        return
    for document in documents:
        yield from _Document(text, view).edits(document)


def _documents(text: str) -> list[yaml.Node] | None:
    """The documents in a text; None where it is not valid."""
    try:
        return [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node is not None]
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError):
        return None


def repeated_keys(text: str) -> int:
    """How many keys stand in a mapping that has them already; negative where the text is not valid."""
    todo, seen, number = list[yaml.Node](_documents(text) or ()), set[int](), 0
    if not todo:
        return -1
    while todo:
        node = todo.pop()
        if id(node) in seen or not isinstance(node, yaml.CollectionNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"]
            number += len(keys) - len(set(keys))
            todo += [value for _, value in node.value]
        else:
            todo += node.value
    return number


def _filled(found: re.Match[str]) -> str:
    """As many characters and bytes that are YAML: nothing for a line of its own, else a word."""
    return found.group() if not found.group().isascii() else (" " if found["line"] else "x") * len(found.group())


def is_plan(document: yaml.Node) -> bool:
    """True for a plan of phases, which keeps the names that it moves."""
    if not isinstance(document, yaml.MappingNode):
        return False
    keys = {key.value: value for key, value in document.value if isinstance(key, yaml.ScalarNode)}
    phases = keys.get("phases")
    return "version" in keys and isinstance(phases, yaml.SequenceNode) and all(
        isinstance(phase, yaml.MappingNode) and any(key.value in ("id", "do") for key, _ in phase.value)
        for phase in phases.value
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Written:
    """A scalar as it is written, with what folds or escapes in it blanked, and the offset where it begins."""

    text: str
    start: int


class _Document:
    """One document, walked from its root."""

    def __init__(self, text: str, view: View) -> None:
        self.text = text
        self.view = view
        self.seen: set[int] = set()
        self.commands = Commands.of(Located(view))

    def edits(self, root: yaml.Node) -> Iterator[Edit]:
        """The edits to the document; what an alias repeats counts once."""
        try:
            yield from self._node(root, (), ())
        except RecursionError:
            return

    def _node(self, node: yaml.Node, key: Key, before: Sequence[str]) -> Iterator[Edit]:
        if id(node) in self.seen:
            return
        self.seen.add(id(node))
        if "python/" in node.tag:
            yield from self._tag(node)
        if isinstance(node, yaml.MappingNode):
            yield from self._mapping(node, key)
        elif isinstance(node, yaml.SequenceNode):
            if is_exec(key) and all(isinstance(item, yaml.ScalarNode) for item in node.value):
                yield from self._exec(node, before)
            else:
                for item in node.value:
                    yield from self._node(item, key, ())
        elif isinstance(node, yaml.ScalarNode) and node.value:
            yield from self._scalar(node, key)

    def _tag(self, node: yaml.Node) -> Iterator[Edit]:
        """`!!python/name:app.user.f`: what the loader imports for a node."""
        start = node.start_mark.index
        properties = _PROPERTIES.match(self.text, start)
        found = _TAG.search(self.text, start, properties.end()) if properties else None
        new = successor_of(self.view, found["name"], certain=True) if found else None
        if found is not None and new is not None:
            size, why = len(found["name"].encode()), f"{found['name']} -> {new} in a tag"
            yield from self._placed(iter([Edit(0, size, new.encode(), why)]), found.start("name"))

    def _mapping(self, node: yaml.MappingNode, key: Key) -> Iterator[Edit]:
        known = {k.value: v for k, v in node.value if isinstance(k, yaml.ScalarNode)}
        outer = self.commands
        self._enter(known)
        for name, value in node.value:
            if not isinstance(name, yaml.ScalarNode):
                yield from self._node(name, key, ())
                yield from self._node(value, key, ())
                continue
            inner = (*key, name.value)
            yield from self._holding(name, key_holds(inner))
            variable = (
                known.get("name") if name.value == "value" and key and role_of((*key, "X")) is Role.VARIABLE else None
            )
            if isinstance(variable, yaml.ScalarNode):
                inner = (*key, variable.value)
            if name.value == "run" and _is_python(known.get("shell")) and isinstance(value, yaml.ScalarNode):
                yield from self._code(value)
            else:
                yield from self._node(value, inner, self._before(name.value, known))
        self.commands = outer

    def _enter(self, known: dict[str, yaml.Node]) -> None:
        """Take on the working folder and the mounts that a mapping declares."""
        for name in ("working-directory", "working_dir", "workingDir", "workingDirectory", "chdir"):
            folder = known.get(name)
            if isinstance(folder, yaml.ScalarNode) and folder.value.startswith("/"):
                self.commands = replace(self.commands, located=replace(self.commands.located, at=folder.value))
            elif isinstance(folder, yaml.ScalarNode) and folder.value:
                self.commands = self.commands.inside(folder.value)
        volumes = known.get("volumes")
        for item in volumes.value if isinstance(volumes, yaml.SequenceNode) else ():
            found = _MOUNTED.fullmatch(item.value) if isinstance(item, yaml.ScalarNode) else None
            if found and found["source"].startswith("."):
                new = path_after(self.view, found["source"], alone=True)
                target = self._target(found["target"], found["source"], new)
                mount = mount_of(self.view, found["source"], found["target"], target)
                if mount is not None:
                    located = self.commands.located
                    self.commands = replace(self.commands, located=replace(located, mounts=(*located.mounts, mount)))

    def _target(self, target: str, source: str, new: str | None) -> str:
        return target_after(self.view, target, source, new, folder=False, home=self.commands.located.at)

    def _before(self, name: str, known: dict[str, yaml.Node]) -> Sequence[str]:
        """The words in front of a list: `entrypoint` or `entry` and `command` are continued by `args`."""
        order = {"command": ("entrypoint",), "args": ("entrypoint", "entry", "command")}
        for other in order.get(name, ()):
            node = known.get(other)
            if isinstance(node, yaml.SequenceNode):
                return [item.value for item in node.value if isinstance(item, yaml.ScalarNode)]
            if isinstance(node, yaml.ScalarNode):
                commands = script_of(node.value).commands
                return [word.value for word in commands[-1].words] if commands else ()
        return ()

    # -- scalars

    def _exec(self, node: yaml.SequenceNode, before: Sequence[str]) -> Iterator[Edit]:
        """A command, one word an item; the text between the items stays out."""
        start, end = node.start_mark.index, node.end_mark.index
        text, words = self.text[start:end], []
        for item in node.value:
            written = (
                self._written(item) if id(item) not in self.seen and start <= item.start_mark.index < end else None
            )
            self.seen.add(id(item))
            if written is not None:
                at = written.start - start
                text = text[:at] + written.text + text[at + len(written.text) :]
                words.append(Word(at, at + len(written.text), written.text, given=True))
        yield from self._placed(self.commands.words(text, 0, words, before), start)

    def _code(self, node: yaml.ScalarNode) -> Iterator[Edit]:
        """A step that is Python itself."""
        written = self._written(node)
        if written is not None and node.style in (None, "|"):
            inline = "\n" not in written.text
            yield from self._placed(self.commands.code(written.text, 0, inline=inline), written.start)

    def _scalar(self, node: yaml.ScalarNode, key: Key) -> Iterator[Edit]:
        role = role_of(key)
        if isinstance(role, Holds):
            yield from self._holding(node, role)
            return
        written = self._written(node)
        if written is None:
            return
        if role is Role.MOUNT:
            yield from self._placed(self._mount(written.text), written.start)
        elif role is Role.VARIABLE:
            yield from self._placed(self._variable(key, written.text), written.start)
        else:
            yield from self._placed(self.commands.script(written.text, 0), written.start)

    def _holding(self, node: yaml.ScalarNode, holds: Holds) -> Iterator[Edit]:
        written = self._written(node) if holds != Holds.NOTHING else None
        if written is not None and written.text.startswith(EXTERNAL):
            yield from self._placed(external(self.view, written.text), written.start)
        if written is None or "://" in written.text:
            return
        text = written.text
        if holds & (Holds.LINE | Holds.OPTIONS):
            found = list(Settings(self.commands).edits(text, 0, holds))
        else:
            found = list(self._phrases().edits(text, 0, holds))
        if not holds & (Holds.CERTAIN | Holds.LOGGER):  # a folder's path may as well be the name of something else
            found = [e for e in found if posixpath.splitext(e.reason.partition(" -> ")[0])[1]]
        if not found and holds & Holds.WHOLE:
            found = list(self._handler(text))
        yield from self._placed(iter(found), written.start)

    def _phrases(self) -> Phrases:
        return Phrases(self.view, self.commands.located.after)

    def _handler(self, text: str) -> Iterator[Edit]:
        """`app/user.main`: a function in a file, as function services write it."""
        found = _HANDLER.fullmatch(text)
        new = path_after(self.view, found["path"] + ".py") if found else None
        if found and new is not None and self._binds((found["path"] + ".py", new), found["attribute"][1:]):
            end = len(found["path"].encode())
            yield Edit(0, end, new.removesuffix(".py").encode(), f"{found['path']} -> {new.removesuffix('.py')}")

    def _binds(self, paths: Sequence[str], name: str) -> bool:
        """True when a module at one of the paths binds the name: `app/user.md` is a page of a manual."""
        inventory, home = self.view.inventory, posixpath.dirname(self.view.path)
        places = (posixpath.normpath(posixpath.join(base, path)) for path in paths for base in (home, ""))
        found = [place for place in places if place in inventory.tree and inventory.modules.at(place) is not None]
        return any(name in inventory.facts(place).bound for place in found)

    def _variable(self, key: Key, text: str) -> Iterator[Edit]:
        listed = _VARIABLE.match(text) if role_of((*key, "X")) is Role.VARIABLE else None
        start = listed.end() if listed else 0
        name = listed["name"] if listed else key[-1]
        yield from self.commands.environment(name, text[start:], start)

    def _mount(self, text: str) -> Iterator[Edit]:
        found = _MOUNTED.fullmatch(text)
        if found is None or not found["source"].startswith((".", "/", "$", "~")):
            return
        source = found["source"]
        yield from self._phrases().edits(re.sub(r"^\$\{?\w+\}?/", lambda m: " " * len(m.group()), source), 0, FOLDERS)
        new = path_after(self.view, source, alone=True)
        target = self._target(found["target"], source, new)
        if target == found["target"]:
            target = self.commands.located.after(target) or target
        if target != found["target"]:
            start, end = (len(text[:at].encode()) for at in found.span("target"))
            yield Edit(start, end, target.encode(), f"{found['target']} -> {target}")

    # -- where they are

    def _written(self, node: yaml.ScalarNode) -> _Written | None:
        """The scalar's own text; None where it cannot be told apart from its surroundings."""
        start, end = node.start_mark.index, node.end_mark.index
        properties = _PROPERTIES.match(self.text, start, end)
        start = properties.end() if properties else start
        text = self.text[start:end]
        if node.style in ("'", '"'):
            if len(text) < 2 or text[0] != node.style or text[-1] != node.style:
                return None
            inside = _BREAK.sub(lambda found: " " * len(found.group()), text[1:-1])
            if node.style == "'":
                return _Written(inside.replace("''", " '"), start + 1)
            return _Written(inside.replace('\\"', ' "').replace("\\n", " \n").replace("\\t", "  "), start + 1)
        if node.style in ("|", ">"):
            header = _HEADER.match(text)
            if header is None:
                return None
            body = text[header.end() :]
            return _Written(_BREAK.sub(_spaces, body) if node.style == ">" else body, start + header.end())
        return _Written(_BREAK.sub(_spaces, text), start) if text.split() == node.value.split() else None

    def _placed(self, edits: Iterator[Edit], start: int) -> Iterator[Edit]:
        """Edits to a scalar, whose bytes count from its own start, at their places in the file."""
        at = -1
        for edit in edits:
            at = len(self.text[:start].encode()) if at < 0 else at
            yield replace(edit, start=at + edit.start, end=at + edit.end)


def _is_python(shell: yaml.Node | None) -> bool:
    return isinstance(shell, yaml.ScalarNode) and shell.value.startswith("python")


def _spaces(found: re.Match[str]) -> str:
    return " " * len(found.group())
