"""A package in a git repository of its own: run its tests, import its modules, restructure it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.real.fetch import environment, unpack
from tests.real.packages import Package

INSIDE = Path(__file__).parent / "inside"  # what runs in the package's own environment


@dataclass(frozen=True, slots=True)
class Suite:
    """A run of a package's own tests: outcome by test id, and the file of each module that was loaded."""

    outcomes: Mapping[str, str]
    files: Mapping[str, str]
    log: str

    @property
    def passed(self) -> frozenset[str]:
        """The ids of the tests that passed."""
        return frozenset(test for test, outcome in self.outcomes.items() if outcome == "passed")


@dataclass(frozen=True, slots=True)
class Workshop:
    """The package's repository and where it stands."""

    package: Package
    repository: Path
    scratch: Path

    @classmethod
    def of(cls, package: Package, folder: Path) -> Workshop:
        """Unpack the package below `folder` and commit it as it came."""
        place = folder / "distribution"
        place.mkdir()
        shop = cls(package, unpack(package.source, place), folder)
        shop.git("init", "-q", "-b", "main")
        shop.git("config", "user.name", "Tester")
        shop.git("config", "user.email", "tester@example.org")
        shop.git("add", "-A", "--force")
        shop.git("commit", "-q", "-m", f"{package.source.project} {package.source.version}")
        return shop

    def git(self, *arguments: str) -> str:
        """Standard output of a git command in the repository."""
        done = subprocess.run(["git", *arguments], cwd=self.repository, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def codemod(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run our own command on the package's plan."""
        return subprocess.run(
            [sys.executable, "-m", "codemod", command, str(self.package.plan)]
            + ["--repo", str(self.repository), *arguments],
            capture_output=True,
            text=True,
            cwd=self.scratch,
        )

    def modules(self, revision: str = "HEAD") -> dict[str, str]:
        """Dotted name -> path, of every module of the package that is committed in `revision`."""
        root = "" if self.package.root == "." else self.package.root + "/"
        listed = self.git("ls-tree", "-r", "--name-only", "-z", revision, "--", root + self.package.name).split("\0")
        found: dict[str, str] = {}
        for path in listed:
            if path.endswith(".py"):
                name = path[len(root) : -len(".py")].replace("/", ".")
                found[name.removesuffix(".__init__")] = path
        return found

    def surroundings(self) -> dict[str, str]:
        """The environment in which the package's own code runs: the repository's tree first on the path."""
        kept = {name: os.environ[name] for name in ("HOME", "PATH", "LANG", "TMPDIR") if name in os.environ}
        path = os.pathsep.join([str(self.repository / self.package.root), str(INSIDE)])
        return {**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    def run_tests(self) -> Suite:
        """Run the package's own tests on the work tree."""
        report, files = self.scratch / "junit.xml", self.scratch / "files.json"
        for left in (report, files):
            left.unlink(missing_ok=True)
        done = subprocess.run(
            [str(environment(self.package.requires)), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "recorder"]
            + [f"--junit-xml={report}", *self.package.tests],
            cwd=self.repository,
            env={
                **self.surroundings(),
                "RECORDED_PACKAGE": self.package.name,
                "RECORDED_FILES": str(files),
                "PYTHONHASHSEED": "0",
            },
            capture_output=True,
            text=True,
        )
        log = done.stdout[-6000:] + done.stderr[-2000:]
        if not report.is_file():
            raise RuntimeError(f"the package's tests did not run:\n{log}")
        return Suite(outcomes(report), json.loads(files.read_text(encoding="utf-8")), log)

    def failing_imports(self, names: list[str]) -> dict[str, str]:
        """Those of the modules that cannot be imported, each alone in a fresh process, with the last line said."""
        done = subprocess.run(
            [str(environment(self.package.requires)), str(INSIDE / "importing.py"), *names],
            cwd=self.scratch,
            env=self.surroundings(),
            capture_output=True,
            text=True,
            check=True,
        )
        found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        return found


def outcomes(report: Path) -> dict[str, str]:
    """Test id -> passed, failed or skipped; a test whose id is met twice keeps its worst outcome."""
    rank = {"passed": 0, "skipped": 1, "failed": 2}
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        test = f"{case.get('classname')}::{case.get('name')}"
        marks = {child.tag for child in case}
        outcome = "failed" if marks & {"failure", "error"} else "skipped" if "skipped" in marks else "passed"
        if rank[outcome] >= rank[found.get(test, "passed")]:
            found[test] = outcome
    return found
