"""Commits of a phase: their messages and trailers, where they are parked, and how they are found again."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from codemod import __version__
from codemod.base.values import dataclass
from codemod.plan.model import Phase

from .git import Git, GitError, decoded, encoded, mismatch
from .repository import Identity, Repository

PARKED = "refs/codemod/"
IGNORED = ".git-blame-ignore-revs"  # where git hosts look for commits that blame is to pass over
REWRITING = {"rewrite", "sweep"}  # kinds of commits that change lines, and do not move any
SUBJECT, ABOUT = 100, 72  # letters of a first line, and of what a step adds there
SHOWN = 12  # moves listed in a message


@dataclass(frozen=True, slots=True)
class Landed:
    """A commit of a phase in HEAD's history."""

    commit: str
    phase: str
    digest: str
    kind: str
    step: str  # "2/5"
    plan: str = ""  # the plan's path as it was then

    @property
    def place(self) -> tuple[int, int]:
        """(number, total) of the step; (1, 1) where it is not told."""
        return _place(self.step)


@dataclass(frozen=True, slots=True)
class Step:
    """What a commit message says beside the phase."""

    kind: str
    number: int
    total: int
    plan: str  # the plan's path in the repository, else its file name
    moves: Mapping[str, str]
    hook: bool = False
    about: str = ""  # what it adds to the phase's title


def clean(value: str) -> str:
    """A value that stays on one line."""
    return re.sub(r"\s+", " ", value).strip()


def trailers(phase: Phase, step: Step) -> list[str]:
    """The trailers of a commit, in their order."""
    values = {
        "Plan": step.plan,
        "Phase": phase.id,
        "Step": f"{step.number}/{step.total}",
        "Kind": step.kind,
        "Digest": phase.digest,
        "Version": __version__,
    }
    lines = [f"Codemod-{key}: {clean(value)}" for key, value in values.items() if value]
    return [*lines, "Codemod-Hook: edited"] if step.hook else lines


def subject(phase: Phase, step: Step) -> str:
    """The first line: the phase's title, and what a step beside the first adds; both are there when room is scarce."""
    title = clean(phase.title) or f"Phase {clean(phase.id)}"
    suffix = f": {textwrap.shorten(step.about, ABOUT, placeholder=' ...')}" if step.about else ""
    if step.kind == "undo":
        title = f"Undo: {title}"
    return textwrap.shorten(title, SUBJECT - len(suffix), placeholder=" ...") + suffix


def carry_message(branch: str, phases: Sequence[str], step: Step) -> str:
    """The message of the merge that brings a branch across phases."""
    across = f" across {', '.join(dict.fromkeys(map(clean, phases)))}" if phases else ""
    title = textwrap.shorten(f"Carry {clean(branch)}{across}", SUBJECT, placeholder=" ...")
    values = {"Plan": step.plan, "Kind": step.kind, "Version": __version__}
    lines = [f"Codemod-{key}: {clean(value)}" for key, value in values.items()]
    dashes = "-- " if branch.startswith("-") else ""
    return (
        "\n\n".join([title, f"Made by: codemod carry {clean(step.plan)} {dashes}{clean(branch)}", "\n".join(lines)])
        + "\n"
    )


def message(phase: Phase, step: Step) -> str:
    """The whole message: subject, what moved, how to make the commit again, trailers."""
    parts = [subject(phase, step)]
    if step.moves:
        rows = sorted(step.moves.items())
        lines = [f"  {old} -> {new}" for old, new in rows[:SHOWN]]
        if len(rows) > SHOWN:
            lines.append(f"  and {len(rows) - SHOWN} more")
        parts.append("Moved:\n" + "\n".join(lines))
    if step.kind == "sweep":
        parts.append(f"Made by: codemod sweep {clean(step.plan)}")
    elif step.kind != "undo":
        lines = [f"Made by: codemod run {clean(step.plan)} --phase {clean(phase.id)}"]
        if step.number == step.total:
            before = f"COMMIT~{step.total}"  # along first parents
            lines.append(f"Open branches follow by: codemod carry {clean(step.plan)} BRANCH")
            lines.append("Nearest with git alone, COMMIT being this one:")
            lines.append(f"  git merge {before} && git merge -X find-renames=40 COMMIT")
        parts.append("\n".join(lines))
    parts.append("\n".join(trailers(phase, step)))
    return "\n\n".join(parts) + "\n"


def commit_tree(
    repository: Repository, tree: str, parents: Sequence[str], text: str, who: Identity, *, earliest: int = 0
) -> str:
    """Make a commit, signed where the user's configuration asks for it; raises RepositoryError.

    Its committer's date is not before `earliest` (seconds since the epoch).
    """
    later = {"GIT_COMMITTER_DATE": f"@{earliest} {who.zone}"} if earliest > who.committed else {}
    git = repository.git.with_env(GIT_AUTHOR_DATE=f"@{who.seconds} {who.zone}", **later)
    return commit_signed(repository, git, tree, parents, text)


def commit_signed(repository: Repository, git: Git, tree: str, parents: Sequence[str], text: str) -> str:
    """Make a commit with the dates and names that `git` carries, signed where the configuration asks for it."""
    parents_of = [argument for parent in parents for argument in ("-p", parent)]
    signed = ["-S"] if repository.signs else []
    # Signing may ask the terminal for a passphrase: this command alone stays in our process group.
    status, out, err = git.answer(
        "commit-tree", *signed, *parents_of, "-F", "-", tree, stdin=encoded(text), own_group=not signed
    )
    if status and signed:
        said = err.strip().splitlines()[-1:] or [""]
        raise mismatch("signing-failed", f"the commit could not be signed: {said[0]}", "see commit.gpgSign")
    if status:
        raise GitError(("commit-tree",), status, err)
    return decoded(out).strip()


def committed_at(git: Git, commit: str) -> int:
    """The committer's date of a commit, in seconds since the epoch."""
    return int(git.text("show", "-s", "--no-show-signature", "--format=%ct", commit))


def park(git: Git, run: str, phase: int, number: int, commit: str) -> None:
    """Keep a commit that no branch holds yet from being collected."""
    git.run("update-ref", f"{PARKED}{run}/{phase}/{number}", commit)


def unpark(git: Git, run: str) -> None:
    """Let go of everything that a run has parked."""
    refs = git.text("for-each-ref", "--format=%(refname)", f"{PARKED}{run}/").splitlines()
    if refs:
        git.run("update-ref", "--stdin", "-z", stdin=b"".join(b"delete %s\0\0" % encoded(ref) for ref in refs))


FIELDS = ("Phase", "Digest", "Kind", "Step", "Plan")


def landed(git: Git, head: str) -> tuple[Landed, ...]:
    """Every commit of ours in the history of `head`, newest first.

    Commits that were squashed into one, their messages kept, are told apart: each block of trailers is one of them.
    """
    return tuple(_told(git, head))


def squashed(git: Git, commit: str) -> tuple[Landed, ...]:
    """The commits of ours that one commit was made of, oldest first: one, where nobody has squashed it with others."""
    return tuple(reversed(list(_told(git, "--no-walk", commit))))


def rewritings(git: Git, head: str) -> tuple[tuple[str, str], ...]:
    """(id, subject) of the commits of ours in a history that only rewrite lines of files, oldest first.

    A commit of several that were squashed, one of which does more, is none.  What such a commit adds beside, an
    `__init__` for example, blame goes on giving to it.
    """
    found = []
    for record in git.records(
        "log", "-z", "--reverse", "--topo-order", "--no-merges", "--no-show-signature", "--no-color", "--no-notes",
        "--no-mailmap", "--fixed-strings", "--grep=Codemod-Kind: ", "--format=%H%n%B", head, "--",
    ):  # fmt: skip
        commit, _, text = record.partition("\n")
        kinds = {said.get("Kind", "") for said in _blocks(text)}
        if kinds and kinds <= REWRITING and _modifies(git, commit):
            found.append((commit, text.partition("\n")[0]))
    return tuple(found)


def _modifies(git: Git, commit: str) -> bool:
    """True for a commit that changes lines of files, other than of the list of such commits."""
    listed = git.records("diff-tree", "-r", "-z", "--no-commit-id", "--no-renames", "--name-status", commit)
    return any(status == "M" and path != IGNORED for status, path in zip(listed[::2], listed[1::2], strict=True))


def _told(git: Git, *commits: str) -> Iterator[Landed]:
    for record in git.records(
        "log", "-z", "--no-show-signature", "--no-color", "--no-notes", "--no-mailmap", "--fixed-strings",
        "--grep=Codemod-Digest: ", "--format=%H%n%B", *commits, "--",
    ):  # fmt: skip
        commit, _, text = record.partition("\n")
        for said in reversed(list(_blocks(text))):
            phase, digest, kind, step, plan = (said.get(name, "") for name in FIELDS)
            if phase and kind != "waypoint":  # which is a part of another commit
                yield Landed(commit, phase, digest, kind, step, plan)


def publications(history: Sequence[Landed], phase: str) -> Iterator[tuple[Landed, ...]]:
    """The commits of each publication of a phase, newest first; none of those from before it was undone."""
    steps: list[Landed] = []
    for commit in history:
        if commit.phase != phase:
            continue
        if commit.kind == "undo":
            break
        if steps and commit.digest != steps[0].digest:
            yield tuple(steps)
            steps = []
        steps.append(commit)
        if commit.step.startswith("1/"):
            yield tuple(steps)
            steps = []
    if steps:
        yield tuple(steps)


def _blocks(text: str) -> Iterator[dict[str, str]]:
    """The blocks of our trailers in a message: what squashes it may put others behind them."""
    block: dict[str, str] = {}
    for row in [*text.splitlines(), ""]:
        key, colon, value = row.removeprefix("Codemod-").partition(": ")
        if row.startswith("Codemod-") and colon and key not in block:
            block[key] = value.strip()
        elif block:
            yield block
            block = {key: value.strip()} if row.startswith("Codemod-") and colon else {}


@dataclass(frozen=True, slots=True)
class Trailers:
    """What a commit says of itself; empty where it says nothing."""

    subject: str
    date: str  # the author's, in the author's time zone
    plan: str
    phase: str
    digest: str
    kind: str
    step: str
    hook: str

    @property
    def place(self) -> tuple[int, int]:
        """(number, total) of the step; (1, 1) where it is not told."""
        return _place(self.step)


def _place(step: str) -> tuple[int, int]:
    number, _, total = step.partition("/")
    return (int(number), int(total)) if number.isdecimal() and total.isdecimal() else (1, 1)


def trailers_of(git: Git, commit: str) -> Trailers:
    """What a commit says of itself."""
    names = ("Plan", *FIELDS[:3], "Step", "Hook")
    form = "%s%x01%ad" + "".join(f"%x01%(trailers:key=Codemod-{name},valueonly,separator=%x02)" for name in names)
    said = git.run(
        "show", "-s", "--no-show-signature", "--no-color", "--no-notes", "--no-mailmap", "--date=format:%Y-%m-%d",
        f"--format={form}", commit,
    )  # fmt: skip
    subject, date, *values = decoded(said).rstrip("\n").split("\x01")
    return Trailers(subject, date, *(value.split("\x02")[-1].strip() for value in values))


def newest(commits: Sequence[Landed], phase: Phase) -> Landed | None:
    """The newest commit of a phase as it is written now; None where there is none, or where it was undone since."""
    for commit in commits:
        if commit.phase == phase.id and commit.digest == phase.digest:
            return None if commit.kind == "undo" else commit
    return None
