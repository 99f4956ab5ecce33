"""Lists of packages in builds' files, in any layout: read again, they name what there is, and all else is as it was."""

from __future__ import annotations

import ast
import configparser
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from codemod.operations.listed import follow, unlisted
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

PACKAGES = ("app.core", "app.core.deep", "app.shop", "app.zoo", "app.zoo.ape")
FORMS = ("setup.py", "setup.cfg", "pyproject.toml")


def build(form: str, names: list[str], layout: tuple[str, str, bool, bool]) -> str:
    """A build's file that lists packages."""
    between, quote, trailing, comments = layout
    if form == "setup.cfg":
        value = "".join(f"\n    {name}" for name in names) if "\n" in between else " " + ", ".join(names)
        return f"[metadata]\nname = app\n[options]\npackages ={value}\nzip_safe = no\n[options.extras_require]\nx = y\n"
    lines = "\n" in between
    items = [f"{quote}{name}{quote}" for name in names]
    ends = ["," if number < len(items) - 1 or trailing else "" for number in range(len(items))]
    notes = [f"  # {number}" if comments and lines else "" for number in range(len(items))]
    rows = [item + end + note for item, end, note in zip(items, ends, notes, strict=True)]
    inside = (between if lines else "") + (between if lines else " ").join(rows) + ("\n" if lines else "")
    if form == "setup.py":
        return f"from setuptools import setup\n\nsetup(name='app', packages=[{inside}], zip_safe=False)\n"
    return f"[project]\nname = 'app'\n[tool.setuptools]\npackages = [{inside}]\n[tool.other]\npackages = ['app.shop']\n"


def read(form: str, text: str) -> list[str]:
    """What a build's tool makes of it."""
    if form == "setup.cfg":
        parser = configparser.ConfigParser()
        parser.read_string(text)
        return parser["options"]["packages"].replace(",", "\n").split()
    if form == "pyproject.toml":
        found: list[str] = tomllib.loads(text)["tool"]["setuptools"]["packages"]
        return found
    call = next(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    named: list[str] = ast.literal_eval(next(k.value for k in call.keywords if k.arg == "packages"))
    return named


def inventory(packages: set[str], form: str, text: str) -> Inventory:
    files = {f"{name.replace('.', '/')}/__init__.py": b"" for name in {"app", *packages}}
    return Inventory(Tree.of({**files, form: text.encode()}), ())


SETS = st.sets(st.sampled_from(PACKAGES)).map(lambda found: found | {n.rpartition(".")[0] for n in found} - {"app"})
LAYOUTS = st.tuples(
    st.sampled_from([", ", "\n    ", "\n\t"]), st.sampled_from(["'", '"']), st.booleans(), st.booleans()
)  # fmt: skip


@given(
    st.sampled_from(FORMS), LAYOUTS, SETS, SETS, st.booleans()
)  # fmt: skip
def test_the_list_names_what_there_is(
    form: str, layout: tuple[str, str, bool, bool], before: set[str], after: set[str], crlf: bool
) -> None:  # fmt: skip
    text = build(form, ["app", *sorted(before)], layout)
    text = text.replace("\n", "\r\n") if crlf else text
    one, two = inventory(before, form, text), inventory(after, form, text)
    writes = {write.path: write.data for write in follow(one, two)}
    assert writes.keys() == ({form} if before != after else set())
    data = (writes.get(form) or text.encode()).decode()
    assert read(form, data) == ["app", *sorted(after)]
    assert ("\n" in data.replace("\r\n", "")) == ("\n" in text.replace("\r\n", ""))
    kept = [line for line in text.splitlines() if "app" not in line]
    assert [line for line in data.splitlines() if line in kept] == kept
    done = inventory(after, form, data)
    assert not list(unlisted(one, done))
    assert not list(follow(done, done))
    assert not list(follow(one, done))


def test_what_is_left_out_on_purpose_stays_so() -> None:
    text = "from setuptools import setup\nsetup(packages=['app'])\n"
    one, two = inventory({"app.zoo"}, "setup.py", text), inventory({"app.zoo", "app.zoo.ape"}, "setup.py", text)
    assert not list(follow(one, two))
    assert not list(unlisted(one, two))


def test_a_list_that_must_not_be_touched_is_told() -> None:
    text = "from setuptools import setup\nsetup(packages=['app'])\n"
    one, two = inventory(set(), "setup.py", text), inventory({"app.core"}, "setup.py", text)
    assert not list(follow(one, two, ours=["setup.py"]))
    assert [(finding.code, finding.place and finding.place.line) for finding in unlisted(one, two)] == [
        ("package-not-listed", 2)
    ]
