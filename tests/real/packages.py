"""The packages that we did not write: what they are, how their own tests run, which plan restructures them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tests.real.fetch import Source

PLANS = Path(__file__).parent / "plans"


@dataclass(frozen=True, slots=True)
class Package:
    """A pinned package with its own test suite."""

    source: Source
    name: str  # what one imports
    root: str  # the folder that holds the package, relative to the distribution's top
    tests: tuple[str, ...]  # arguments to pytest
    requires: tuple[str, ...]  # what its tests import
    task: str = ""  # what is asked of it beside its restructuring

    @property
    def plan(self) -> Path:
        """The plan file."""
        return PLANS / f"{'_'.join(filter(None, [self.name, self.task]))}.yaml"


JINJA2 = Package(  # relative imports only, a src layout, generated code that imports the package
    Source("jinja2", "3.1.6", "0137fb05990d35f1275a587e9aee6d56da821fc83491a0fb838183be43f66d6d", "jinja2-3.1.6"),
    "jinja2",
    "src",
    ("tests",),
    ("pytest==9.2.0", "markupsafe==3.0.2", "trio==0.30.0"),
)

CLICK = Package(  # relative imports, tests that patch by dotted string and by module attribute
    Source("click", "8.5.1", "9bbfada76703fd1d784b83eea012e3e8c6a001a876543ef104fa56aaaeb072b4", "click-8.5.1"),
    "click",
    "src",
    ("tests",),
    ("pytest==9.2.0", "click==8.5.1"),  # its metadata; the tree stands first on the path
)

PARSO = Package(  # absolute imports, nested packages whose modules share last segments, star imports
    Source("parso", "0.8.7", "eaaac4c9fdd5e9e8852dc778d2d7405897ec510f2a298071453e5e3a07914bb1", "parso-0.8.7"),
    "parso",
    ".",
    ("test",),
    ("pytest==9.2.0",),
)

PROMPT_TOOLKIT = Package(  # 120 modules, absolute and relative imports mixed, packages that import each other
    Source(
        "prompt_toolkit",
        "3.0.53",
        "9ec8a0ad96d5c56148b3f914aa79c1564c3fde5d2e6b876e7bc327e353cf8fa6",
        "prompt_toolkit-3.0.53",
    ),
    "prompt_toolkit",
    "src",
    ("tests",),
    ("pytest==9.2.0", "wcwidth==0.2.13"),
)

SQLGLOT = Package(  # 170 modules, absolute imports, lazy attributes, imports by computed names
    Source("sqlglot", "30.30.0", "b8e344042c85d7baa1d0d827127dfe1611ce9ac59bceab6fe370665baeb14ce7", "sqlglot-30.30.0"),
    "sqlglot",
    ".",
    (  # the three files left out need database engines
        "tests",
        "--ignore=tests/dialects/test_bigquery.py",
        "--ignore=tests/test_executor.py",
        "--ignore=tests/test_optimizer.py",
    ),
    ("pytest==9.2.0", "pytz==2025.2", "python-dateutil==2.9.0.post0"),
)

MARKDOWN = Package(  # extensions that are found as entry points, and by names in lists
    Source("markdown", "3.11.3", "81eb91631dc97ad1efbc76019ef0f80fe90ca49ddf81546752d79989c3bfff3e", "markdown-3.11.3"),
    "markdown",
    ".",
    ("tests", "--ignore=tests/test_syntax/extensions/test_md_in_html.py"),  # its warning stops the collection
    ("pytest==9.2.0", "pyyaml==6.0.3"),
)

MAKO = Package(  # generated code and templates in strings that import the package, optional dependencies
    Source("mako", "1.4.3", "cd6537fe88d5fec315c55c2f8529bc4ce7a9a352ad7db3eeaa6a66e2dd4ec37a", "mako-1.4.3"),
    "mako",
    ".",
    ("test",),
    ("pytest==9.2.0", "markupsafe==3.0.2", "chardet==7.7.0", "pygments==2.21.0"),
)

PACKAGES = (JINJA2, CLICK, PARSO, PROMPT_TOOLKIT, SQLGLOT, MARKDOWN, MAKO)
DIVIDED = {  # a module of over 1,000 lines of each becomes a package
    "markdown.inlinepatterns": replace(MARKDOWN, task="split"),
    "click.types": replace(CLICK, task="split"),
    "parso.python.tree": replace(PARSO, task="split"),
    "jinja2.nodes": replace(JINJA2, task="split"),  # its last statement closes a metaclass
}
SAMPLE = JINJA2  # the one that every run of .ci/run restructures
