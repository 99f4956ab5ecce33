"""The repository that the user stands in: where it lies, what HEAD is, and what we do not work with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from codemod.base.errors import RepositoryError
from codemod.base.findings import Finding, Weight
from codemod.base.values import dataclass, field, replace

from .git import Git, decoded, mismatch

# A file or folder in the git directory -> what it means that it is there.
UNFINISHED = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply/applying": "`git am`",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "sequencer": "a cherry-pick or revert of several commits",
    "BISECT_LOG": "a bisection",  # whose end would leave what is committed meanwhile behind
}


SWITCHES = ("core.fileMode", "core.ignoreCase", "commit.gpgSign")

# What a run asks git at its start, side by side.
HEAD = ("rev-parse", "--quiet", "HEAD^{commit}", "--symbolic-full-name", "HEAD")
UNMERGED = ("ls-files", "-u", "-z")
AUTHOR, COMMITTER = ("var", "GIT_AUTHOR_IDENT"), ("var", "GIT_COMMITTER_IDENT")
SWITCHED = (
    "config", "-z", "--get-regexp", f"^({'|'.join(name.lower().replace('.', '[.]') for name in SWITCHES)})$",
)  # fmt: skip
STANDING = (UNMERGED, HEAD, AUTHOR, COMMITTER, SWITCHED)


@dataclass(frozen=True, slots=True)
class Head:
    """Where HEAD points: a commit, and the branch that moves with it ("" when detached)."""

    commit: str
    branch: str  # a full ref name

    @property
    def ref(self) -> str:
        """The ref that a publication moves."""
        return self.branch or "HEAD"


@dataclass(frozen=True, slots=True)
class Repository:
    """A work tree and its git directories; `prefix` is the folder that the plan is about ("" for all of it)."""

    git: Git
    top: Path
    git_dir: Path  # of this work tree
    common_dir: Path  # shared by all linked work trees
    prefix: str = ""
    _switches: dict[str, str] = field(default_factory=dict)  # once they were asked for

    @property
    def folder(self) -> Path:
        """The folder that the plan is about."""
        return self.top / self.prefix if self.prefix else self.top

    @property
    def stored(self) -> Git:
        """git that reads contents from its store alone.

        With an index it takes those of the user's files where they are the same, and fails if they change meanwhile.
        """
        return self.git.with_env(GIT_INDEX_FILE=str(self.git_dir / "codemod-no-index"))

    def head(self) -> Head:
        """HEAD as it is now; raises RepositoryError on a branch without a commit."""
        unborn, said, _ = self.git.answer(*HEAD)
        if unborn:
            raise mismatch("no-commit", f"{self.top} has no commit yet", "commit your files first")
        commit, *branch = decoded(said).splitlines()
        if not branch:  # another ref is called HEAD, too
            branch = [self.git.lookup("symbolic-ref", "--quiet", "HEAD") or "HEAD"]
        return Head(commit, branch[0].removeprefix("HEAD"))

    def tree_id(self, commit: str) -> str:
        """The id of the tree that the plan is about, in a commit; raises RepositoryError where there is none."""
        found = self.git.lookup("rev-parse", "--verify", "--quiet", f"{commit}:{self.prefix}")
        if not found:
            raise mismatch("no-commit", f"{self.prefix} is not in the commit {commit[:12]}", "commit the folder first")
        return found

    def config(self, name: str) -> str:
        """One of the SWITCHES: "true" or "false"; empty where it is not set, or is set to neither."""
        if not self._switches:
            settings = (setting.partition("\n") for setting in self.git.lookup(*SWITCHED).split("\0")[:-1])
            known = {key: _switch(value if given else "true") for key, given, value in settings}  # the last one counts
            self._switches.update({name: known.get(name.lower(), "") for name in SWITCHES})
        return self._switches[name]

    @property
    def signs(self) -> bool:
        """True where the user's configuration asks for signed commits."""
        return self.config("commit.gpgSign") == "true"


def _switch(value: str) -> str:
    """A setting as `git config --type=bool` says it; empty for one that is no switch."""
    value = value.lower()
    if value in ("true", "yes", "on"):
        return "true"
    if value in ("false", "no", "off", ""):
        return "false"
    return str(int(value) != 0).lower() if value.lstrip("+-").isdecimal() else ""


def here() -> Path:
    """The folder that the user stands in; raises RepositoryError where it is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise mismatch("no-repository", "the folder that you stand in is not there any more") from None


def meant(repo: Path | None) -> Repository:
    """The repository that the command line names, else the whole one around the folder where the user stands."""
    return discover(repo) if repo is not None else replace(discover(here()), prefix="")


def discover(folder: Path) -> Repository:
    """The repository around a folder; raises RepositoryError where there is none that we work with."""
    if not folder.is_dir():
        raise mismatch("no-repository", f"{folder} is not a folder", "name the repository with --repo DIR")
    asked = ("--absolute-git-dir", "--git-common-dir", "--show-toplevel", "--show-prefix")
    status, out, err = Git(folder).answer(
        "rev-parse", "--path-format=absolute", "--is-bare-repository", "--is-inside-work-tree", *asked
    )
    bare, inside, *places = decoded(out).removesuffix("\n").split("\n") if out else ("", "")
    if bare == "true" or inside == "false":
        raise mismatch("bare-repository", f"{folder} has no work tree: a bare repository or a git directory")
    if status and "dubious ownership" in err:
        raise mismatch("no-repository", err.strip().splitlines()[0].removeprefix("fatal: "), "see git's safe.directory")
    if status and "not a git repository" not in err:  # a setting or a format that git does not understand
        raise mismatch("git-failed", f"git rev-parse: {err.strip().removeprefix('fatal: ')}")
    if status:
        raise mismatch("no-repository", f"{folder} is not in a git repository", "run `git init` and commit your files")
    if len(places) != len(asked):  # a line break in a folder's name
        places = [Git(folder).text("rev-parse", "--path-format=absolute", option) for option in asked]
    git_dir, common_dir, top, prefix = places
    return Repository(Git(Path(top)), Path(top), Path(git_dir), Path(common_dir), prefix.rstrip("/"))


def refuse_folder(repository: Repository, hint: str = "") -> None:
    """Raise RepositoryError for a plan that is about a folder in a repository: branches and history are the whole's."""
    if repository.prefix:
        what = f"{repository.prefix} is a folder in the repository {repository.top}, not a repository"
        raise mismatch("not-a-top-level", what, hint)


def refuse_unfinished(repository: Repository) -> None:
    """Raise RepositoryError while a merge or the like is under way, or the index holds conflicts."""
    for name, what in UNFINISHED.items():
        if (repository.git_dir / name).exists():
            raise mismatch("unfinished-operation", f"{what} is in progress", "finish or abort it first")
    unmerged = sorted({record.partition("\t")[2] for record in repository.git.records(*UNMERGED)})
    if unmerged:
        raise RepositoryError(
            *(Finding("unmerged", f"{path} is unmerged", Weight.MISMATCH, hint="resolve it first") for path in unmerged)
        )


def checked_out(repository: Repository, ref: str) -> Iterator[Path]:
    """The work trees that have a branch checked out."""
    for block in decoded(repository.git.run("worktree", "list", "--porcelain", "-z")).split("\0\0"):
        place, *facts = block.split("\0")
        if f"branch {ref}" in facts:
            yield Path(place.removeprefix("worktree "))


def under_way(repository: Repository, ref: str) -> Iterator[Path]:
    """The git directories of work trees in which a branch is being rebased or bisected: HEAD is detached meanwhile."""
    marks = {
        "rebase-merge/head-name": ref,
        "rebase-apply/head-name": ref,
        "BISECT_START": ref.removeprefix("refs/heads/"),
    }
    for folder in (repository.common_dir, *sorted((repository.common_dir / "worktrees").glob("*"))):
        for name, told in marks.items():
            try:
                if os.fsdecode((folder / name).read_bytes()).strip() == told:
                    yield folder
            except OSError:
                continue


DEEPEN = "fetch the rest: `git fetch --unshallow`, or fetch-depth: 0 in CI"


def is_shallow(repository: Repository) -> bool:
    """True where the history of this clone is cut off."""
    return (repository.common_dir / "shallow").exists()


def refuse_elsewhere(repository: Repository, head: Head) -> None:
    """Raise RepositoryError where another work tree has the same branch: its files would not follow."""
    if not head.branch or not (repository.common_dir / "worktrees").is_dir():
        return
    for top in checked_out(repository, head.branch):
        if top != repository.top and top.resolve() != repository.top.resolve():
            raise mismatch(
                "branch-elsewhere",
                f"{head.branch} is also checked out in {top}",
                "switch one of the two to another branch",
            )


@dataclass(frozen=True, slots=True)
class Identity:
    """Who commits and when: `seconds` since the epoch and the offset from UTC, such as +0200."""

    author: str  # "Name <mail>"
    seconds: int
    zone: str
    committer: str = ""  # likewise
    committed: int = 0  # the committer's seconds

    @property
    def date(self) -> str:
        """The ISO date, in the author's own time zone."""
        from datetime import UTC, datetime, timedelta

        sign = -1 if self.zone.startswith("-") else 1
        offset = sign * timedelta(hours=int(self.zone[1:3]), minutes=int(self.zone[3:5]))
        return (datetime.fromtimestamp(self.seconds, UTC) + offset).date().isoformat()


def identity(repository: Repository) -> Identity:
    """The author's identity as git sees it; raises RepositoryError where git would refuse to commit."""
    with repository.git.ahead(AUTHOR, COMMITTER):
        answers = [repository.git.answer(*AUTHOR), repository.git.answer(*COMMITTER)]
    if any(status for status, _, _ in answers):
        dated = next((err.strip() for _, _, err in answers if "invalid date" in err), "")
        if dated:  # who they are is known
            raise mismatch("no-identity", dated.removeprefix("fatal: "), "see GIT_AUTHOR_DATE and GIT_COMMITTER_DATE")
        raise mismatch(
            "no-identity",
            "git does not know who you are",
            'run `git config user.name "..."` and `git config user.email "..."`',
        )
    told = (decoded(out).strip().rsplit(" ", 2) for _, out, _ in answers)
    (author, seconds, zone), (committer, committed, _) = told
    return Identity(author, int(seconds), zone, committer, int(committed))


def today() -> str:
    """The local date, for a preview where nobody commits; GIT_AUTHOR_DATE counts only in `identity`."""
    from datetime import datetime

    return datetime.now().astimezone().date().isoformat()


def writable(folder: Path) -> bool:
    """True when a file in a folder can be made, replaced or removed: the nearest folder that is there allows it."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK)
