"""The residue ledger: what still holds an old name, and why; prefix twins, addresses and real names are none."""

from __future__ import annotations

import pytest

from codemod.plan.model import Settled
from codemod.references.residue import findings, ledger
from codemod.rewrite.intent import Intent
from codemod.rewrite.outcome import Residue
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

USER = {"app/__init__.py": "", "app/user.py": "class User: pass\n"}
MOVED = {"app/__init__.py": "", "app/accounts/__init__.py": "", "app/accounts/user.py": "class User: pass\n"}
INTENT = Intent({"app.user": "app.accounts.user"}, files={"app/user.py": "app/accounts/user.py"})


def book(
    files: dict[str, str | bytes],
    intent: Intent = INTENT,
    before: dict[str, str] = USER,
    after: dict[str, str] = MOVED,
    settled: tuple[Settled, ...] = (),
    ours: tuple[str, ...] = (),
    shims: tuple[str, ...] = (),
    roots: tuple[str, ...] = (".",),
) -> list[Residue]:
    def tree(parts: dict[str, str]) -> Tree:
        every: dict[str, str | bytes] = {**parts, **files}
        return Tree.of({path: text.encode() if isinstance(text, str) else text for path, text in every.items()})

    old = Inventory(tree(before), roots)
    return list(ledger(old, old.after(tree(after)), intent, settled, ours, shims))


def verdicts(path: str, text: str | bytes, **more: object) -> list[tuple[str, str]]:
    return [(item.verdict, item.why) for item in book({path: text}, **more)]  # type: ignore[arg-type]


FOUND = {
    "an import": ("main.py", "from app.user import User\n", "unexplained", "an import that should have been rewritten"),
    "a chain": ("main.py", "import app\nprint(app.user.User)\n", "unexplained", "code that should have been rewritten"),
    "a chain that a local may hide": (
        "main.py", "import app\ndef f(app): return app.user\n", "ambiguous", "app may be a local name here",
    ),
    "another object": ("main.py", "app = make()\nprint(app.user)\n", "kept", "app is not the package here"),
    "a comment": ("main.py", "x = 1  # see app.user for more\n", "ambiguous", "prose in a comment"),
    "a docstring": ("main.py", '"""Like app.user, but fast."""\n', "ambiguous", "prose in a docstring"),
    "a string of prose": ("main.py", 'print("# app.user is slow")\n', "ambiguous", "prose in a string"),
    "a string": ("main.py", 'load("app.user.User")\n', "ambiguous", "a string that may be a name"),
    "an f-string": ("main.py", 'load(f"app.user.{kind}")\n', "out-of-reach", "part of a computed string"),
    "a sum": ("main.py", 'load("app.user." + kind)\n', "out-of-reach", "part of a computed string"),
    "a format": ("main.py", 'load("app.user.{}".format(kind))\n', "out-of-reach", "part of a computed string"),
    "a file that does not parse": ("main.py", "import app.user as\n", "out-of-reach", "the file does not parse"),
    "prose": ("README.md", "Read `app.user` first.\n", "ambiguous", "prose"),
    "configuration": ("setup.cfg", "plugins = app.user\n", "ambiguous", "in a .cfg file"),
    "a file without suffix": ("Makefile", "run:\n\tpython -m app.user\n", "ambiguous", "in Makefile"),
    "a path": ("docs/a.md", "See app/user.py.\n", "ambiguous", "prose"),
    "a path from a folder beside": ("docs/a.md", "[user](../app/user.py)\n", "ambiguous", "prose"),
    "a path from anywhere": (
        "docs/a.md", "cat /srv/app/user.py\n", "ambiguous", "a path whose front part is not known, prose",
    ),
    "an url": ("README.md", "https://example.org/app/user.py and http://app.user/x\n", "kept", "url"),
    "an e-mail address": ("README.md", "app.user@example.org, joe@app.user\n", "kept", "e-mail"),
    "a change log": ("CHANGELOG.md", "- app.user is new\n", "kept", "history"),
    "news": ("docs/changes/1.rst", "app.user is new\n", "kept", "history"),
    "a shim": (
        "app/user.py", "# codemod: shim app.user -> app.accounts.user\n", "ours", "written by codemod or read by it",
    ),
    "a ban": ("pyproject.toml", '"app.user".msg = "moved to app.accounts.user"\n', "ours", "written by codemod"),
}  # fmt: skip


@pytest.mark.parametrize("case", FOUND)
def test_occurrences_are_classified(case: str) -> None:
    path, text, verdict, why = FOUND[case]
    found = verdicts(path, text)
    assert found
    assert set(found) == {(verdict, why)}


NOT_FOUND = {
    "a prefix twin": ("main.py", "import app.users\nprint('app.user_id', app.username)\n"),
    "a longer name": ("main.py", "import my.app.user\n"),
    "a hyphen": ("README.md", "app.user-service and x-app.user\n"),
    "the new name": ("main.py", "from app.accounts.user import User\n"),
    "another path": ("README.md", "lib/app/user.py, app/user.pyc, app/user.py-old, my-app/user.py\n"),
    "only the last segment": ("README.md", "the user of the app\n"),
    "a binary file": ("logo.bin", b"app.user\0app.user"),
}


@pytest.mark.parametrize("case", NOT_FOUND)
def test_what_is_no_old_name_is_not_listed(case: str) -> None:
    assert verdicts(*NOT_FOUND[case]) == []


def test_place_line_and_column_count_from_one() -> None:
    (item,) = book({"docs/a.md": "x\n  é app.user\n"})
    assert (str(item.place), item.name) == ("docs/a.md:2:6", "app.user")


def test_an_attribute_of_the_package_is_not_the_module() -> None:
    after = MOVED | {"app/__init__.py": "class user: pass\n"}
    assert verdicts("main.py", "import app\nprint(app.user.x)\n", after=after) == [("kept", "app binds user itself")]


def test_what_the_plan_settles_is_kept() -> None:
    settled = (Settled("docs/**", r"app\.user is", "quoted"), Settled("docs/**", "never", "x"))
    assert verdicts("docs/a.md", "app.user is old\n", settled=settled) == [("kept", "quoted")]
    assert verdicts("docs/a.md", "app.user was old\n", settled=settled) == [("ambiguous", "prose")]
    assert verdicts("docs/a.md", "app.user is old\n", settled=(Settled("docs/**", "is", rewrite=True),)) == [
        ("ambiguous", "prose")
    ]


def test_a_shim_keeps_text_but_not_our_own_code() -> None:
    assert verdicts("a.md", "app.user\n", shims=("app.user",)) == [("kept-by-shim", "prose")]
    assert verdicts("a.py", "load('app.user.User')\n", shims=("app.user",))[0][0] == "kept-by-shim"
    assert verdicts("a.py", "import app.user\n", shims=("app.user",))[0][0] == "unexplained"
    assert verdicts("a.md", "app/user.py\n", shims=("app.user",)) == [("ambiguous", "prose")]


def test_plan_and_tracker_are_ours() -> None:
    assert verdicts("plan.yaml", "app.user: app.accounts.\n", ours=("plan.yaml",))[0][0] == "ours"


def test_a_name_that_is_a_real_module_again_is_not_old() -> None:
    after = {"app/__init__.py": "", "app/user/__init__.py": "", "app/user/models.py": "class User: pass\n"}
    intent = Intent({"app.user": "app.user.models"}, files={"app/user.py": "app/user/models.py"})
    assert book({"a.md": "app.user and app.user.models\n"}, intent, after=after) == []
    (item,) = book({"a.md": "app.user.User\n"}, intent, after=after)
    assert item.name == "app.user.User"


def test_swapped_modules_are_both_real() -> None:
    before = {"app/__init__.py": "", "app/a.py": "A = 1\nC = 1\n", "app/b.py": "B = 1\nC = 1\n"}
    after = {"app/__init__.py": "", "app/a.py": "B = 1\nC = 1\n", "app/b.py": "A = 1\nC = 1\n"}
    intent = Intent({"app.a": "app.b", "app.b": "app.a"}, files={"app/a.py": "app/b.py", "app/b.py": "app/a.py"})
    found = book({"a.md": "app.a app.b app.a.C app/a.py app.a.A\n"}, intent, before, after)
    assert [item.name for item in found] == ["app.a.A"]


def test_moved_packages_and_their_folders() -> None:
    before = {"app/__init__.py": "", "app/models/__init__.py": "", "app/models/user.py": ""}
    after = {"app/__init__.py": "", "core/models/__init__.py": "", "core/models/user.py": ""}
    files = {path: path.replace("app/", "core/") for path in before if "models" in path}
    intent = Intent({"app.models": "core.models"}, files=files)
    text = "app.models.user app/models/ core/models app.models_old core.app.models app/models/user.py\n"
    found = book({"a.md": text}, intent, before, after)
    assert [(item.name, item.place.column) for item in found] == [
        ("app.models", 1), ("app/models", 17), ("app/models/user.py", 72),
    ]  # fmt: skip


def test_old_paths_of_a_phase_that_is_done() -> None:
    done = {"app/__init__.py": "", "core/models/__init__.py": "", "core/models/user.py": "", "core/tool.py": ""}
    intent = Intent({"app.models": "core.models", "app.tool": "core.tool", "app.old": "core.gone"})
    text = "app/models/x.css app/tool.py app/tool app/old.py core/models/x.css other/app/tool.py\n"
    found = book({"a.md": text}, intent, done, done)
    assert [(item.name, item.place.column) for item in found] == [("app/models", 1), ("app/tool.py", 18)]
    again = {**done, "app/tool.py": "", "app/models/x.css": ""}
    assert book({"a.md": text}, intent, again, again) == []


def test_moved_top_level_names() -> None:
    before = {"app/__init__.py": "", "app/a.py": "class User: pass\nclass Other: pass\n", "app/b.py": ""}
    after = {"app/__init__.py": "", "app/a.py": "class Other: pass\n", "app/b.py": "class User: pass\n"}
    intent = Intent(symbols={("app.a", "User"): ("app.b", "User")})
    text = "app.a.User app.a.Other app.a app.a.Users\n"
    assert [item.name for item in book({"a.md": text}, intent, before, after)] == ["app.a.User"]
    kept = after | {"app/a.py": "from app.b import User\n"}
    assert book({"a.md": text}, intent, before, kept) == []


def test_paths_below_a_source_root() -> None:
    before = {"src/app/__init__.py": "", "src/app/user.py": ""}
    after = {"src/app/__init__.py": "", "src/app/x/__init__.py": "", "src/app/x/user.py": ""}
    intent = Intent({"app.user": "app.x.user"}, files={"src/app/user.py": "src/app/x/user.py"})
    found = book({"a.md": "src/app/user.py app/user.py other/app/user.py\n"}, intent, before, after, roots=("src", "."))
    assert [item.place.column for item in found] == [1, 17]


def test_only_unexplained_occurrences_refuse() -> None:
    items = book({"a.py": "import app.user\n# app.user\n"})
    assert [(f.code, f.blocks, str(f.place)) for f in findings(items)] == [("residue-unexplained", True, "a.py:1:8")]
