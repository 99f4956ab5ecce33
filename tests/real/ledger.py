"""Ten modules of real packages move, every old name found after is explained: `python -m tests.real.ledger`."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.real import packages
from tests.real.fetch import Source
from tests.real.packages import Package
from tests.real.searching import Found, query
from tests.real.workshop import Workshop

CELERY = Source("celery", "5.7.0", "6a5dfcf6662287204f009a02002b9e66c83d4105e47ebabdc7079108772fc6f0", "celery-5.7.0")
SCRAPY = Source("scrapy", "2.19.0", "34130726582b64c91531162ab277c4053e558876d49ba219cb43679e71d80a87", "scrapy-2.19.0")
SPHINX = Source("sphinx", "9.0.4", "594ef59d042972abbc581d8baa577404abe4e6c3b04ef61bd7fc2acbd51f3fa3", "sphinx-9.0.4")
TORNADO = Source(
    "tornado", "6.6.1", "28e6311402af59c8b02e3fa0f5e7d8eb465b25081381803b127d97e6a4395d5a", "tornado-6.6.1"
)
MOST_OPEN = 0.02  # of all occurrences
OPEN = ("ambiguous", "out-of-reach", "unexplained")


def _documented(source: Source, name: str) -> Package:
    """A package that is not run here, but has much that names its modules: documents, settings, CI."""
    return Package(source, name, ".", (), ())


@dataclass(frozen=True, slots=True)
class Migration:
    """Ten moves in a package: into packages, under other names, of packages as a whole."""

    package: Package
    moves: Mapping[str, str]
    settled: str = ""  # what the plan says of doubtful occurrences

    @property
    def plan(self) -> str:
        """The plan file."""
        rows = "".join(f"          {old}: {new}\n" for old, new in self.moves.items())
        root = self.package.root
        head = f"version: 1\nname: ledger\nsource_roots: [{root}]\nphases:\n  - id: ten\n"
        return f"{head}{self.settled}    do:\n      - move:\n{rows}"


def _table(name: str, rows: str) -> dict[str, str]:
    """Old -> new below the package; a trailing dot keeps the last segment."""
    pairs = (row.split() for row in rows.strip().splitlines())
    return {
        f"{name}.{old}": f"{name}.{new}" + (old.rpartition(".")[2] if new.endswith(".") else "") for old, new in pairs
    }


def _migration(package: Package, rows: str, settled: str = "") -> Migration:
    return Migration(package, _table(package.name, rows), settled)


MIGRATIONS = (
    _migration(
        packages.JINJA2,
        """
        lexer syntax.
        parser syntax.
        nodes syntax.
        visitor syntax.visiting
        loaders loading.
        bccache loading.bytecode
        ext extending
        sandbox runtimes.sandbox
        nativetypes runtimes.native
        filters builtin.filters
        """,
    ),
    _migration(
        packages.CLICK,
        """
        termui terminal.prompts
        _termui_impl terminal.
        _winconsole terminal.
        formatting terminal.
        parser parsing.
        shell_completion tools.completion
        testing tools.
        types values.types
        decorators declaring.
        exceptions errors
        """,
    ),
    _migration(
        packages.PARSO,
        """
        cache storage.
        file_io storage.
        normalizer kernel.
        tree kernel.
        pgen2 grammars.pgen2
        python.tree python.syntax.
        python.diff python.syntax.
        python.tokenize python.lexing.
        python.errors python.linting.problems
        python.pep8 python.linting.
        """,
    ),
    _migration(
        packages.PROMPT_TOOLKIT,
        """
        auto_suggest editing.
        buffer editing.
        completion editing.completion
        document editing.
        history editing.past
        input terminal.
        key_binding.vi_state key_binding.states.vi
        clipboard.in_memory clipboard.memory
        styles styling
        widgets.base widgets.elements.
        """,
    ),
    _migration(
        packages.SQLGLOT,
        """
        optimizer.qualify optimizer.qualifying.
        optimizer.qualify_columns optimizer.qualifying.columns
        optimizer.simplify optimizer.rules.
        optimizer.scope scoping
        dialects.snowflake dialects.warehouses.
        dialects.hive dialects.warehouses.
        executor running
        lineage analysis.
        tokens lexing.tokens
        diff analysis.difference
        """,
    ),
    _migration(
        packages.MARKDOWN,
        """
        blockparser blocks.parser
        blockprocessors blocks.processors
        inlinepatterns inline.patterns
        preprocessors steps.
        treeprocessors steps.
        serializers output
        util support.
        extensions.toc extensions.structure.
        extensions.codehilite extensions.code.highlight
        extensions.footnotes extensions.structure.
        """,
    ),
    _migration(
        packages.MAKO,
        """
        lexer syntax.
        parsetree syntax.
        pygen generation.
        codegen generation.
        cache running.
        filters running.
        runtime running.
        lookup finding
        ext plugins
        testing checking
        """,
    ),
    _migration(
        _documented(CELERY, "celery"),
        """
        app.task app.tasks.task
        app.amqp app.messaging.
        schedules timing.schedules
        result results
        backends.redis backends.stores.
        worker.strategy worker.handling.
        utils.log utils.logs.
        contrib.testing testkit
        bin.worker bin.commands.
        signals app.signals
        """,
    ),
    _migration(
        _documented(SCRAPY, "scrapy"),
        """
        downloadermiddlewares.retry downloadermiddlewares.policies.
        downloadermiddlewares.httpcache downloadermiddlewares.caching
        extensions.feedexport exporting.feeds
        exporters exporting.exporters
        pipelines media
        core.scheduler core.scheduling.
        dupefilters core.scheduling.
        utils.log utils.reporting.
        linkextractors.lxmlhtml linkextractors.backends.lxml
        settings.default_settings settings.defaults
        """,
    ),
    _migration(
        _documented(SPHINX, "sphinx"),
        """
        ext.autosummary ext.summaries
        ext.napoleon ext.docstrings.napoleon
        ext.viewcode ext.links.
        ext.extlinks ext.links.
        builders.linkcheck builders.checks.
        environment.adapters.toctree environment.adapters.trees
        util.logging util.reporting.
        util.osutil util.files
        addnodes nodes.added
        errors problems
        """,
    ),
    _migration(
        _documented(TORNADO, "tornado"),
        """
        httpclient clients.http
        simple_httpclient clients.
        curl_httpclient clients.
        httputil protocol.
        http1connection protocol.
        locks coordination.
        queues coordination.
        escape text.escape
        options settings
        platform platforms
        """,
        # A list of the public names that a test compares: a text of no known kind, so somebody has to say so.
        "    rewrite:\n      - {in: tornado/test/api.txt, match: tornado}\n",
    ),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the product's ledger."""

    path: str
    line: int
    column: int
    name: str
    verdict: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column} {self.verdict} {self.name} ({self.why})"


@dataclass(frozen=True, slots=True)
class Balance:
    """What a migration left behind."""

    before: Sequence[Found]
    after: Sequence[Found]
    ledger: Sequence[Entry]
    unexplained: Sequence[Found]
    changed: Mapping[str, Sequence[str]]  # what it is and in which kind of file -> hunks

    @property
    def open(self) -> list[Entry]:
        """What nobody could decide."""
        return [entry for entry in self.ledger if entry.verdict in OPEN]

    @property
    def share(self) -> float:
        """The open ones among all occurrences."""
        return len(self.open) / max(len(self.before), 1)

    def report(self, *, changes: bool = True) -> Iterator[str]:
        """The lists to review."""
        verdicts = Counter(entry.verdict for entry in self.ledger)
        yield (
            f"{len(self.before)} occurrences before, {len(self.after)} hits after, "
            f"{len(self.unexplained)} unexplained; "
            f"ledger: {dict(verdicts)}; open {self.share:.2%}"
        )
        for found in self.unexplained:
            yield f"UNEXPLAINED {found}"
        for entry in self.ledger:
            yield f"  {entry}"
        for kind, lines in self.changed.items() if changes else ():
            yield f"== {kind}: {len(lines)} hunks"
            yield from lines


def settle(migration: Migration, folder: Path) -> Balance:
    """Carry out the migration below `folder` and compare the search with the ledger."""
    shop = Workshop.of(migration.package, folder)
    plan = folder / "plan.yaml"
    plan.write_text(migration.plan, encoding="utf-8")
    start = shop.git("rev-parse", "HEAD").strip()
    before_modules = shop.modules()
    residue = _codemod(folder, "residue", str(plan), "--json", "--repo", str(shop.repository))
    ledger = [
        Entry(*(item[key] for key in ("path", "line", "column", "name", "verdict", "why")))
        for item in json.loads(residue.stdout)["residue"]
    ]
    roots = () if migration.package.root == "." else (migration.package.root,)
    asked_before = query(migration.moves, before_modules, {}, roots)
    before = asked_before.search(shop.repository)
    _codemod(folder, "run", str(plan), "--all", "--no-checks", "--repo", str(shop.repository))
    asked = query(migration.moves, before_modules, shop.modules(), roots)
    after = asked.search(shop.repository)
    unexplained = [found for found in after if not any(explains(entry, found) for entry in ledger)]
    return Balance(before, after, ledger, unexplained, changed_lines(shop, start, migration.moves))


def explains(entry: Entry, found: Found) -> bool:
    """True when the entry is about the place of the hit."""
    if (entry.path, entry.line) != (found.path, found.line):
        return False
    start = len(found.text.encode()[: entry.column - 1].decode("utf-8", "replace"))  # the column counts bytes
    return start < found.end and found.start < start + len(entry.name)


def _codemod(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-m", "codemod", *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"codemod {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def changed_lines(shop: Workshop, start: str, moves: Mapping[str, str]) -> dict[str, list[str]]:
    """What a change is, and in which kind of file -> every changed line of the history since `start`."""
    patch = shop.git("-c", "core.quotePath=off", "diff", "-M30%", "-U0", "--no-color", "-l0", start, "HEAD")
    found: dict[str, list[str]] = {}
    for section in patch.split("\ndiff --git ")[:]:
        head, *hunks = re.split(r"^@@ [^\n]*\n", section, flags=re.MULTILINE)
        target = re.search(r"^\+\+\+ (?:b/)?(.*)$", head, re.MULTILINE)
        path = target[1] if target else ""
        for hunk in hunks:
            lines = hunk.splitlines()
            removed = [line[1:] for line in lines if line.startswith("-")]
            added = [line[1:] for line in lines if line.startswith("+")]
            what = f"{kind_of_change(removed, added, moves)} in {re.sub(r'.*[./]', '', path)}"
            found.setdefault(what, []).append("\n".join([path, *(f"  {line}" for line in lines)]))
    return dict(sorted(found.items()))


def kind_of_change(removed: Sequence[str], added: Sequence[str], moves: Mapping[str, str]) -> str:
    """`renamed`: old names for new ones and nothing else; `import`: a statement; `name`: a line that names a module."""
    if [_substituted(line, moves) for line in removed] == list(added):
        return "renamed"
    statement = re.compile(
        r"\s*(?:#\s*)?(?:>>> |\.\.\. )?(?:from\s+[\w.]+\s+import\b|import\s+\w|[\w, ]+,?\s*(?:#.*)?$|\)|$)"
    )
    if all(map(statement.match, [*removed, *added])):
        return "import"
    lasts = "|".join(sorted({re.escape(name.rpartition(".")[2]) for name in moves}))
    if all(re.search(rf"(?<!\w)(?:{lasts})(?!\w)", line) for line in removed):
        return "name"
    if all(re.fullmatch(r"\s*([=~^*+#\"'-])\1*\s*", line) for line in (*removed, *added)):
        return "underline"
    return "other"


def _substituted(line: str, moves: Mapping[str, str]) -> str:
    """A line with every old name and path written anew."""
    for old, new in moves.items():
        for mark in (".", "/", "\\."):
            one, two = old.replace(".", mark), new.replace(".", mark)
            line = re.sub(rf"(?<![\w]){re.escape(one)}(?!\w)", lambda _, two=two: two, line)
    return line


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.real.ledger", description=__doc__)
    parser.add_argument("package", nargs="*", help="names of packages; all without")
    parser.add_argument("--no-changes", action="store_true", help="leave the changed lines out")
    options = parser.parse_args()
    missed = 0
    for migration in MIGRATIONS:
        name = migration.package.name
        if options.package and name not in options.package:
            continue
        with tempfile.TemporaryDirectory(prefix="ledger-") as folder:
            print(f"# {name}")
            balance = settle(migration, Path(folder))
            print(*balance.report(changes=not options.no_changes), sep="\n", flush=True)
            missed += bool(balance.unexplained) or balance.share > MOST_OPEN
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
