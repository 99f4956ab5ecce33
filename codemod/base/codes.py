"""Every reason code: what it means and what to do about it (`codemod explain CODE`)."""

from __future__ import annotations

from .values import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """The explanation of a reason code."""

    title: str
    text: str  # what it means and why we stop or tell
    remedy: str  # the smallest change that helps


REASONS: dict[str, Reason] = {
    "annotation-only-import": Reason(
        "Annotations name something that is imported for type checkers only",
        "The modules would import each other, so that one of the imports stands under TYPE_CHECKING. Type checkers see "
        "it; `typing.get_type_hints`, pydantic, FastAPI and the like, which read annotations at run time, do not.",
        "Nothing, where nobody reads them at run time; else keep the two in one module.",
    ),
    "assemble-hook": Reason(
        "What holds for a whole router cannot be declared on a part of it",
        "Each new module has a router of its own, which hands on its routes (commands, rules) and nothing else. Hooks "
        "such as `before_request`, and code that needs the router as a whole, would see that part alone.",
        "Leave the definition in the module that is divided.",
    ),
    "ban-unfit": Reason(
        "Ruff's configuration cannot be added to",
        "The file does not parse, or writes its tables in a way that cannot be added to safely.",
        "Name another `config` in the plan, or write the bans by hand.",
    ),
    "bare-repository": Reason(
        "There is no work tree",
        "The repository is bare, or you stand in a git directory: there are no files to bring along.",
        "Stand in a work tree, or name one with `--repo DIR`.",
    ),
    "barrel-module-is-bound": Reason(
        "A module imports on one platform only",
        "Its top level asserts or raises elsewhere. Imported by the barrel it would take the whole package with it, "
        "so the barrel leaves it out.",
        "Nothing; or name what shall be exported in the plan to force it.",
    ),
    "barrel-module-is-lazy": Reason(
        "A module is loaded on demand",
        "The package's own file serves it through `__getattr__`, or imports it for type checkers only, so that "
        "importing the package does not load it. The barrel leaves it so.",
        "Nothing; or name what shall be exported in the plan to force it.",
    ),
    "barrel-module-is-optional": Reason(
        "A module needs what is not always there",
        "It imports, itself or through another module, what the project lists as an extra only, what only Windows "
        "has, or what it raises an error about when it is missing. Imported by the barrel it would take the whole "
        "package with it, so the barrel leaves it out.",
        "Nothing; or name what shall be exported in the plan to force it.",
    ),
    "barrel-module-is-script": Reason(
        "A module runs as a program",
        "It ends in a main guard. Imported by the barrel it would be loaded twice when somebody runs it with "
        "-m, so the barrel leaves it out. Without a guard, where its top level calls `asyncio.run`, `sys.exit` and the "
        "like, the program would run whenever somebody imports the package.",
        "Nothing; or name what shall be exported in the plan to force it.",
    ),
    "barrel-module-warns": Reason(
        "A module warns when it is imported",
        "Its top level calls `warnings.warn`. Imported by the barrel it would warn everybody who imports the package, "
        "so the barrel leaves it out.",
        "Nothing; or name what shall be exported in the plan to force it.",
    ),
    "barrel-name-clash": Reason(
        "Two modules define the same public name",
        "Exporting one of them silently would change what the name means, so the barrel leaves it out.",
        "Name module.name in the plan to choose one, or rename one of the two.",
    ),
    "barrel-name-conditional": Reason(
        "A name may not be there",
        "The module binds it in a branch, a loop or a try block only. A barrel that imports it would fail "
        "where that branch is not taken.",
        "Name it in the plan to force it, or define it on every way through the module.",
    ),
    "barrel-name-is-submodule": Reason(
        "A name is also a submodule of the package",
        "Exported, it would hide the submodule: `package.name` and strings that patch it would reach the "
        "object instead.",
        "Name it in the plan to force it, or rename the module.",
    ),
    "barrel-name-missing": Reason(
        "The plan forces a name that no module defines",
        "The list beside the barrel names something that none of its modules offers.",
        "Correct the name or take it out of the list.",
    ),
    "barrel-name-rebound": Reason(
        "A name gets another value later",
        "A function of its module binds it with `global`. What a barrel imports is the value of the first moment, "
        "which would stay.",
        "Offer a function that gives the value; or name it in the plan to force it.",
    ),
    "barrel-name-taken": Reason(
        "Another thing of that name is in the way",
        "The package's own code, or a file that star-imports the package, means something else by the name.",
        "Rename one of the two, or let the caller import from the module itself.",
    ),
    "barrel-needs-anew": Reason(
        "Importing the package needs more than before",
        "The barrel loads a module that needs a package from outside which nothing else imports. Where that is not "
        "installed, the whole package can no longer be imported.",
        "Keep the module out with `except`, or make sure that the package is always installed.",
    ),
    "barrel-not-a-package": Reason(
        "A barrel is asked for a module",
        "Only a package has an `__init__` that can export what its modules define.",
        "Name the package that holds the module.",
    ),
    "branch-elsewhere": Reason(
        "The branch is checked out twice",
        "Another work tree of this repository has the same branch: when it moves, the files there would not follow.",
        "Switch one of the two to another branch.",
    ),
    "branch-taken": Reason(
        "A phase's branch is somebody else's",
        "With --branch-per-phase, a branch of the phase's name is there already and holds something else than the "
        "phase on top of the branch below, or a branch is called like a folder of that name.",
        "Rename that branch; or delete it, if it is an old one of this phase, to have it made again.",
    ),
    "branch-unknown": Reason(
        "There is no such open branch",
        "A local branch was meant that is not there, that shares no commit with HEAD, or that is checked out here: "
        "what is carried is another branch than the one that the phases are on.",
        "Name a local branch, and stand on the branch that the phases are on.",
    ),
    "bug": Reason(
        "A bug of ours",
        "An invariant of ours does not hold, or something was raised that nobody expected (exit 70).",
        "Report it with the traceback, which is in the file that the message names, and with the plan.",
    ),
    "carry-conflict": Reason(
        "A branch and the main line changed the same lines",
        "These conflicts would be there without the migration, too: both sides changed what is told, and only a person "
        "knows what is meant. The branch is as it was.",
        "Merge the main line as it was before the phase into the branch by hand, then carry again.",
    ),
    "carry-merges": Reason(
        "A branch with merges cannot become a series",
        "`carry --rebase` makes the branch's commits again, one on top of the other. A merge among them has two sides.",
        "Carry it without --rebase: the result is a merge commit.",
    ),
    "case-collision": Reason(
        "Two paths are one file on this disk",
        "The disk does not tell upper from lower case, and the phase would make a path that differs from "
        "another in case alone.",
        "Use another name.",
    ),
    "delete-in-use": Reason(
        "Something uses what was to go if unused",
        "The plan deletes it `when: unused`, and it is imported or named here, so it stays.",
        "Rewrite what uses it, or take it out of the plan.",
    ),
    "delete-not-empty": Reason(
        "A folder or module that was to go if empty holds something",
        "The plan deletes it `when: empty`; what it holds is listed, and it stays.",
        "Move what it holds, or delete it without `when`.",
    ),
    "delete-shim": Reason(
        "What was to be deleted is a shim, or a shim leads to it",
        "The module has moved in an earlier phase, which left a shim for whoever has not followed; `delete` knows "
        "nothing of them.",
        "Name the old name under `unshim`, before the phase that deletes what it leads to.",
    ),
    "delete-used": Reason(
        "Something uses what was to be deleted",
        "An import of the module would fail after the phase.",
        "Rewrite what uses it first, or say `when: unused` so that it goes only when nothing does.",
    ),
    "deleted-folder-named": Reason(
        "A folder that is gone is still named",
        "What was in the folder has moved, the phase deletes what was left of it, and a file (a `COPY` line, a "
        "list of paths) goes on naming it: nobody can tell which of the new places it means.",
        "Name the folder to which its content went.",
    ),
    "depends-on": Reason(
        "A phase that this one depends on is not done",
        "`depends_on` names a phase that neither holds on this tree nor has a commit in HEAD's history.",
        "Run that phase first.",
    ),
    "dirty-file": Reason(
        "A file has changes that are not committed",
        "The phase would change a file that differs from HEAD, on disk or in the index; your changes would be"
        " mixed with ours. Or what is new in a file, or a new file that is staged, refers to what the phase moves.",
        "Commit or stash the file's changes first. Files that the phase does not touch may stay as they are; changes"
        " that only refer to what moves are passed over with `--untracked leave`.",
    ),
    "document-changed": Reason(
        "A text that was to be taken out was changed meanwhile",
        "The file no longer says what the plan wrote there, so it stays.",
        "Take it out by hand, or correct the plan.",
    ),
    "document-key-taken": Reason(
        "A TOML key has another value",
        "The plan writes a key that the file has with another value; one of the two is right.",
        "Settle on one value, in the file or in the plan.",
    ),
    "document-unfit": Reason(
        "A file cannot take a text",
        "The file has no sections or comments, does not parse, or writes the table in a way that cannot be "
        "added to safely.",
        "Write this part by hand.",
    ),
    "encoding-cannot-hold": Reason(
        "A file's encoding lacks a character",
        "What would be written into the file cannot be stored in the encoding that it declares.",
        "Store the file as UTF-8 first, or choose another name.",
    ),
    "example-reads": Reason(
        "An example reads a name that its module no longer has",
        "A doctest ran in a module that had the name; the definition moved, and the example stands where no import "
        "can be written above it.",
        "Import the name in the example.",
    ),
    "facade-kept-direct": Reason(
        "A call site does not import from the barrel",
        "Importing it from the package's barrel would close an import cycle, so the import names the module itself.",
        "Nothing; or leave the module that closes the cycle out of the barrel.",
    ),
    "file-in-the-way": Reason(
        "A file stands where the phase puts one",
        "A file or folder that git does not track, perhaps an ignored one, stands at a target path. It is "
        "never overwritten.",
        "Move or remove it, or choose another target.",
    ),
    "fixture-out-of-reach": Reason(
        "A fixture does not reach a test file where it goes",
        "pytest gives a test the fixtures of the `conftest.py` files in the folders above it. The file leaves one of "
        "them, whose fixture it asks for, or which applies to each test by itself.",
        "Move the fixture to a `conftest.py` above both places, or leave the tests where they are.",
    ),
    "folder-not-named": Reason(
        "A folder is named, and not the new one beside it that takes some of its modules",
        "What is copied into an image, built, linted, measured or watched is often named by its folder. Modules go to "
        "a new folder beside it, which the file does not name: they would be left out there without a word.",
        "Name the new folder as well, where it is meant, too.",
    ),
    "forked-name": Reason(
        "A name stands for one module or another, and what is read of it is no longer in both",
        "A condition, or an import that fails, decides which module a name is bound to. After the phase what is read "
        "of it lies elsewhere, or is called otherwise, for one of them only: no text is right for both, so the line "
        "stays as it is.",
        "Import what is read by its name beside each of the imports, or leave it where it was.",
    ),
    "found-at-run-time": Reason(
        "A module leaves a package whose modules are found while the program runs, or joins it",
        "`pkgutil` lists what is in the package, code lists the files of its folder, or a name is put together from "
        "the package and something computed. What has left it is not found there any more, without an error, and "
        "one that has joined it is.",
        "Look whether the module was one of those that are meant; move it elsewhere, or register it by hand.",
    ),
    "future-added": Reason(
        "A __future__ import now holds for a whole module",
        "What moved in came from a module with this `__future__` import; the module that it joined did not have it.",
        "Look whether something there reads annotations at run time.",
    ),
    "gather-differs": Reason(
        "Routers are not included alike",
        "The plan's `gather` lets a package's router take in those of its modules. Here an application includes "
        "others, in another order or with other arguments, or the package's own without the rest: it would answer "
        "other paths than before. Or the router itself gives what it includes a property of its own.",
        "Include the same routers in each application, in the same order, or take the package out of `gather`.",
    ),
    "gather-not-a-package": Reason(
        "Routers gather in a package",
        "The plan's `gather` names a module, or a package without an `__init__` that could hold the router.",
        "Name the package that holds the modules with the routers, or `scaffold` it.",
    ),
    "gather-nothing": Reason(
        "No router to gather",
        "No application includes a router of a module of that package, and the package has none of its own.",
        "Take the operation out of the plan, or name the package that holds the routers.",
    ),
    "gather-order": Reason(
        "Something stands between the routers",
        "An application is used between two of the routers that its package is to take in, so that its routes could "
        "come in another order than before.",
        "Move what stands between them above or below, or take the package out of `gather`.",
    ),
    "git-failed": Reason(
        "A git command failed",
        "git refused a command for a reason that we do not know; the message is git's own.",
        "Repair what git complains about; `git fsck` and `git status` help.",
    ),
    "git-missing": Reason(
        "git was not found",
        "We start `git` from PATH, and it is not there.",
        "Install git 2.39 or newer.",
    ),
    "hand-written-file": Reason(
        "A file that would be generated was written by hand",
        "It carries no mark of ours, and a hand's text is never written over.",
        "Choose another file in the plan, or delete this one.",
    ),
    "hidden-module-left": Reason(
        "A module that a package hides would be found again",
        "A folder with an `__init__` wins over a file of the same name beside it. Were the package moved away, the "
        "file would stand under the old name, and an old import that nobody rewrote would get its content.",
        "Delete the file, which nobody can import as it stands, or give it another name.",
    ),
    "hook-undid": Reason(
        "A hook's edits undo the phase",
        "The pre-commit hook has changed the files, and on its result the phase no longer holds.",
        "Adjust the hook, or exclude the files from it.",
    ),
    "hook-veto": Reason(
        "A hook says no",
        "The repository's own pre-commit, commit-msg or reference-transaction hook ended with an error, or took out of "
        "the message the trailers by which the phase is known again.",
        "Read its output; repair what it names, then run the phase again.",
    ),
    "import-cycle": Reason(
        "A circular import would appear",
        "Replaying the top-level statements of the changed modules, a name is asked of a module that is still being "
        "imported and has not bound it yet. The same start worked before the phase. Where a handler hides it (`except "
        "ImportError: hit = None`), nothing fails, and what had the name goes on without it.",
        "Leave one of the modules out of the barrel or the move, or move the two modules together.",
    ),
    "imports-unsorted": Reason(
        "Imports are left in their old order",
        "Sorted by the new names, as the repository has them, the imports of this file would load a module that needs "
        "one further down. They stand in the order of the old names, which works.",
        "Keep the order with a comment that your sorter knows (`# isort: split`), or open the circle of imports.",
    ),
    "index-locked": Reason(
        "The index is locked",
        "Another git command holds `index.lock`, or left it behind.",
        "Wait for it to end; if none is at work, remove the file.",
    ),
    "interpreter-missing": Reason(
        "The interpreter for checks is not there",
        "`python:` in the plan names a program that does not exist or cannot be executed.",
        "Correct it, or create the virtual environment first.",
    ),
    "journal-damaged": Reason(
        "What a killed run wrote down is damaged",
        "A run was killed while it published, and its journal under `.git` cannot be read.",
        "Compare `git status` with `git log -1`, put right what differs, then remove the file that the message names.",
    ),
    "link-broken": Reason(
        "An import would no longer resolve",
        "An internal import or a name behind it resolved before the phase and does not after it.",
        "Move the name along, or report it: the engine should have rewritten this reference.",
    ),
    "loaded-name-moved": Reason(
        "A name is read of a module that a string loads",
        '`import_module("a.b")` loads one module, and what is read of it lives in more than one after the phase.',
        "Load the other module there as well, or import the name.",
    ),
    "locked": Reason(
        "Another run is at work",
        "One run at a time may change a work tree.",
        "Wait for the other one to end.",
    ),
    "merge-list-read": Reason(
        "A module reads its own list of names",
        "Code of the module works on `__all__`, which lists the names of all modules once they are merged: it would "
        "take those of the others for its own.",
        "Take one of them out of the merge, or let the code read a list of its own.",
    ),
    "merge-main": Reason(
        "Two main guards cannot be merged",
        "More than one of the modules runs as a script; in one module both blocks would run.",
        "Take one of the main guards out first.",
    ),
    "merge-package": Reason(
        "A package cannot be merged",
        "A merge unites plain modules; a package has modules of its own below its name.",
        "Merge its modules one by one; one that has none below it is merged as a module is.",
    ),
    "merge-stub": Reason(
        "Not each of the merged modules has a stub",
        "Where a `.pyi` lies beside a module, type checkers read nothing else: what the module gets from one without a "
        "stub would not be there for them.",
        "Write a stub for the others, or merge this module without its stub.",
    ),
    "module-handed-over": Reason(
        "A module is handed over as an object",
        "Code gives a module to somebody else (an argument, another name, a list) and names leave or join it in this "
        "phase: what is asked of the object there cannot be read off the code.",
        "Look whether one of these names is asked of it, and give the module that has it now or all.",
    ),
    "module-too-long": Reason(
        "A module has more lines than the plan allows",
        "The plan's `limit` says how many lines a module may have after the phase.",
        "Split it, or name it under `except` with a number of its own.",
    ),
    "name-clash": Reason(
        "A name would mean two things in one module",
        "After the move a module would bind or read the name in two meanings, so one of them would silently win.",
        "Rename one of the two first, or choose another target.",
    ),
    "name-of-itself": Reason(
        "A text says what something calls itself",
        "`type(error).__name__` is compared with a name, a text is the repr of an object, or a function "
        "(`visit_Name`) or a key is found by such a name, and the plan calls the class or function otherwise. No "
        "import leads from there to it, so it is left as it is.",
        "Write the new name there, if this one is meant.",
    ),
    "named-attribute-moved": Reason(
        "An attribute that a string names has moved",
        '`getattr(package, "module")` and the like ask for something that is elsewhere after the phase; another '
        "package would have to be asked.",
        "Ask the new package, or import what is meant.",
    ),
    "named-twice": Reason(
        "Two names became one where each stood once",
        "Two modules became one, and what names both of them names the new one twice: a list of plugins would load it "
        "twice, a mapping keeps one of two values. In TOML, INI and YAML files and in CODEOWNERS, where what stands "
        "twice is an error or hides the other, the second one keeps its old name.",
        "Take one of them out by hand, or make one of what is set for both.",
    ),
    "namespace-read": Reason(
        "All names of a module are read, and some leave it",
        "`vars(module)`, `module.__dict__`, `dir(module)` and the like give what the module holds. Names that have "
        "moved to another module are not among it any more, without an error. Of a package, the modules that are "
        "loaded are names, too: those that leave it are missed, those that join it are found.",
        "Look whether what left is missed there, or what joined is too much; read the new module as well where it is.",
    ),
    "needs-ok": Reason(
        "The phase waits for an approval",
        "`needs_ok` names somebody who has to agree before this phase is run.",
        "Run it with `--ok ID` once they have.",
    ),
    "neighbour-by-bare-name": Reason(
        "A script imports a module that moves by its bare name",
        "A file that is run by its path finds the modules of its own folder without their package. The module leaves "
        "that folder, so that no name is left by which the file would find it.",
        "Import the module by its whole name and run the script with -m.",
    ),
    "nested-repository": Reason(
        "Another repository is in the way",
        "A path that the phase would write lies in a submodule or in a nested repository.",
        "Choose a target in this repository.",
    ),
    "no-commit": Reason(
        "There is nothing committed",
        "We work on what is committed, and this branch, or the plan's folder in it, has no commit.",
        "Commit your files first.",
    ),
    "no-identity": Reason(
        "git does not know who you are",
        "A commit needs a name and a mail address, and git has none for this repository.",
        "Set user.name and user.email with `git config`.",
    ),
    "no-repository": Reason(
        "This is not a git repository",
        "The folder is not in a git work tree, or git does not trust its owner.",
        "Stand in a repository, or name one with `--repo DIR`.",
    ),
    "not-a-regular-file": Reason(
        "A path to write is not a regular file",
        "A symbolic link, a submodule or a folder stands where the plan wants a file. Writing through it "
        "could leave the repository.",
        "Name another path in the plan, or put a regular file there.",
    ),
    "not-a-top-level": Reason(
        "A folder in a repository cannot be run",
        "The plan is about a folder below a git top level: previews and rehearsals take it as a repository of"
        " its own, a run cannot.",
        "Use `rehearse`, or make the folder a repository.",
    ),
    "not-idempotent": Reason(
        "A second run would change something",
        "Run on its own result, the phase wants to change files again: the plan would never come to rest.",
        "A bug of ours: please report it with the plan and the file named.",
    ),
    "not-landed": Reason(
        "The phase is not published here",
        "No commit of this phase is in HEAD's history, or it was undone already.",
        "Look at `codemod status`, and at the branch that you are on.",
    ),
    "not-mirrored": Reason(
        "Two layers do not share names",
        "The plan's `mirror` says that the packages of one layer have counterparts in another, and one is missing.",
        "Move it in this phase, say under `names` what it is called there, or name it under `except`.",
    ),
    "not-ours": Reason(
        "No phase makes this commit",
        "The commit carries no `Codemod-Phase`, or follows from more than the plan and the commit before it (an undo, "
        "a commit beside the line): there is no claim that could be proven.",
        "Name a commit that `codemod run` made.",
    ),
    "not-readable": Reason(
        "A file cannot be read",
        "A file that the phase touches cannot be read by you.",
        "Change its mode.",
    ),
    "not-writable": Reason(
        "A folder cannot be written",
        "The phase has to write, replace or remove a file in a folder that you may not write.",
        "Change its mode, or run as its owner.",
    ),
    "object-missing": Reason(
        "git lacks an object",
        "A content that HEAD names is not in the object store: a partial clone that has not fetched it, or a "
        "damaged repository. Nothing is fetched by itself.",
        "Fetch the missing objects, or see `git fsck`.",
    ),
    "outside-worktree": Reason(
        "Checks would test another tree",
        "The interpreter takes a module of the repository from elsewhere than the tree that is checked, so "
        "that a check would prove nothing about it.",
        "Name another interpreter with `python:` in the plan, remove that installation, or use `--no-checks`.",
    ),
    "over-budget": Reason(
        "A commit is larger than the budget",
        "The phase is divided as far as every commit stays green: files move behind redirects, call sites follow in "
        "groups. What is left in one commit belongs together: a split, a top-level module that no package could "
        "redirect, a single large file.",
        "Nothing, where reviewers can live with it; else move less in one phase.",
    ),
    "own-name-moves": Reason(
        "Code that asks where it is has moved",
        "`__file__`, `__name__` and the like have another value in another module, and so has the `__module__` of the "
        "classes that it defines.",
        "Look whether the code depends on the value: a path beside the file, a logger's name.",
    ),
    "own-path-moves": Reason(
        "A file that moves names things by its own place",
        "What `__file__` leads to may not be there any more, seen from the new folder. Where the code is a chain of "
        "parents that can be followed it was adjusted; here it is not.",
        "Look whether what it names is still found, and correct the path by hand.",
    ),
    "package-not-listed": Reason(
        "A build names its packages one by one, and the phase changes which there are",
        "`packages=[...]` in `setup.py`, `packages` under `[options]` in `setup.cfg` or `[tool.setuptools]` in "
        "`pyproject.toml`: what is not in the list is not built, and what is no package any more stops the build. "
        "Such lists are kept up to date; this one could not be, or only shims are left in the package.",
        "Add or remove the names, or let the build find them (`find_packages()`, `packages.find`).",
    ),
    "package-too-full": Reason(
        "A package has more modules than the plan allows",
        "The plan's `limit` says how many modules a package may hold after the phase; `__init__` and shims do "
        "not count.",
        "Move some into packages of their own, or name the package under `except` with a number of its own.",
    ),
    "parse-broken": Reason(
        "A rewritten file would not parse",
        "A file that parsed before the phase is not Python any more after it.",
        "A bug of ours: please report it; meanwhile settle that file with `keep:`.",
    ),
    "patch-several-readers": Reason(
        "A test patches a name that several modules read now",
        "Patching a name replaces what one module finds under it. The code that read it in one module is divided "
        "among several, and only the test knows which of them it means. The name in the test stays, or follows its "
        "definition.",
        "Patch it in the module that the test is about, or keep what reads the name together.",
    ),
    "phase-unknown": Reason(
        "There is no such phase",
        "The command line names a phase that the plan does not have.",
        "Use one of the plan's ids, as written.",
    ),
    "phases-squashed": Reason(
        "Several phases are one commit",
        "The phases were published as commits of their own, which somebody squashed into one: taking one of them back "
        "would take back the others, too.",
        "Revert the commit by hand, or undo what it did by a phase of the plan.",
    ),
    "plan-conflict": Reason(
        "The plan contradicts itself",
        "Each part reads well, but two of them cannot both be meant: a source listed twice, an id that is taken, a "
        "phase that depends on a later one.",
        "Keep one of the two; the message names both places.",
    ),
    "plan-edition": Reason(
        "A phase was published from another edition of the plan",
        "The commit of the phase bears the digest of a phase that neither the plan at hand nor the plan in that "
        "commit's parent holds, so that nobody knows what it did.",
        "Name the plan as it was when the phase was published.",
    ),
    "plan-key": Reason(
        "The plan has a key that means nothing here, or lacks one",
        "Unknown keys are errors, so that a misspelled setting is never silently ignored.",
        "Use the key that the message offers; `codemod schema` gives editors what each mapping may hold.",
    ),
    "plan-not-in-tree": Reason(
        "The plan is not in the repository",
        "The commit was made by a plan that lies elsewhere, so the tree before it does not hold it.",
        "Name the plan file with `--plan FILE`.",
    ),
    "plan-syntax": Reason(
        "The plan file cannot be read",
        "The file is not UTF-8, not YAML, more than one document, or uses what plans do not use: tags, merge keys, the "
        "same key twice.",
        "Correct the file at the place that the message names; quote texts that begin with a special character.",
    ),
    "plan-unreadable": Reason(
        "The plan cannot be read",
        "The file that you named as the plan is not there or cannot be read.",
        "Name the plan file.",
    ),
    "plan-value": Reason(
        "The plan has a value that does not fit its key",
        "A number, a name, a path or a choice was expected and something else is written.",
        "Correct the value; docs/plan.md lists what each key takes.",
    ),
    "publication-failed": Reason(
        "The files could not follow the branch",
        "Writing to the work tree failed, as on a full disk. The branch was taken back where that was possible.",
        "Make room or permit writing; the next command finishes or takes back what is left.",
    ),
    "redirect-no-package": Reason(
        "No package is left that could redirect an old name",
        "A redirect lives in the nearest package above the old module that still has an `__init__`, and there is none.",
        "Use `shims: file` for this phase.",
    ),
    "ref-moved": Reason(
        "The branch has moved meanwhile",
        "Somebody committed, switched or pushed while the phase was computed and checked; nothing was "
        "published on top.",
        "Run it again: it starts from what is there now.",
    ),
    "registration-unloaded": Reason(
        "Nothing imports what registers itself any more",
        "Importers came for names that have left the module; so they import it no longer, and what registers itself in "
        "it, when it is loaded, is missing from its registry.",
        "Import the module where its registry is to know it, or send what registers itself along.",
    ),
    "registry-order": Reason(
        "The order of a registry depends on who is imported first",
        "A module that registers something left its registry's module; imported on its own it registers later "
        "than before.",
        "Import the registry's module first where the order matters.",
    ),
    "rename-captured": Reason(
        "The new name means something else there",
        "Where the old name is used, the new one is bound or read already.",
        "Choose another new name.",
    ),
    "replica-sent": Reason(
        "A name is replicated and sent away",
        "`replicate` leaves the name where it is and gives the new modules copies, so `into` cannot send it too.",
        "Take the name out of `into`, or out of `replicate`.",
    ),
    "replica-shared": Reason(
        "A name is imported rather than replicated",
        "Routers, blueprints, Typer apps and plain values can have copies. Other objects that code is declared on, "
        "such as a Celery or FastAPI application, are one for the whole program: the new modules import them, and the "
        "module loads what is declared there in the old order.",
        "Nothing; take the name out of `replicate` to be rid of the note.",
    ),
    "replica-unassembled": Reason(
        "The routes on the copies would be lost",
        "A router that is replicated leaves its routes in the copies; whoever includes the old router would miss them.",
        "Add `assemble` with the router's name.",
    ),
    "residue-unexplained": Reason(
        "An old name is left in code",
        "A reference that the phase should have rewritten still names what has moved.",
        "A bug of ours: please report it; `keep:` or `rewrite:` settles the place meanwhile.",
    ),
    "revision-unknown": Reason(
        "There is no such commit",
        "The name leads to no commit of this repository, or the range holds none.",
        "Look at `git log`; in a shallow clone, fetch more of the history.",
    ),
    "runtime-arq": Reason(
        "An ARQ job is called differently",
        "ARQ knows a job by its function's name, or by the text that names it in `functions`. The name changes "
        "with this phase; a worker does not know the jobs that were stored before.",
        "Let the workers empty the queue before they get the new code, or list the function with its old name: "
        '`func(f, name="...")`.',
    ),
    "runtime-celery": Reason(
        "A Celery task is called differently",
        "A task without a name of its own is called like its module and function. Messages in the queue, "
        "schedules in a database and other programs know the old name; texts in this repository follow.",
        "`pin: [celery]` in the phase writes the old name into the decorator; or empty the queue first.",
    ),
    "runtime-django": Reason(
        "A Django app has another label, or a model another app",
        "The label is the last part of the app's module name unless its AppConfig says another one. It is in the "
        "names of tables, migrations, content types and permissions.",
        "`pin: [django]` in the phase writes the old `label` into the AppConfig, or the old `app_label` into the "
        "model.",
    ),
    "runtime-dramatiq": Reason(
        "A Dramatiq actor is called differently",
        "An actor without a name of its own is called like its function. Messages in the queue know the old name.",
        "`pin: [dramatiq]` in the phase writes the old name into the decorator; or empty the queue first.",
    ),
    "runtime-entry-point": Reason(
        "An entry point leads elsewhere",
        "The metadata of what is installed, editable installs too, names the old module until the project is "
        "installed again. The declaration in this repository follows.",
        "Install the project again after the phase; `pin: [entry-points]` keeps the old module importable meanwhile.",
    ),
    "runtime-huey": Reason(
        "A Huey task is called differently",
        "A task is called like its module and function, whatever name its decorator gives. Messages in the queue "
        "know the old name.",
        "`pin: [huey]` in the phase gives the task its old module; or empty the queue first.",
    ),
    "runtime-logger": Reason(
        "A logger is no longer below what is configured",
        "`getLogger(__name__)` is called like its module. Some file configures a package that the module leaves, "
        "so that level and handlers set there do not hold for it any more.",
        "`pin: [logger]` in the phase keeps the old name; or configure the new one.",
    ),
    "runtime-pickle": Reason(
        "A class that is pickled lives elsewhere",
        "A pickle holds the module and the name of each class and imports them when it is read. What makes us "
        "think that it is pickled stands in the message.",
        "`pin: [pickle]` in the phase keeps the old name importable, also past a later `unshim: all`.",
    ),
    "runtime-rq": Reason(
        "An RQ job is called differently",
        "The queue stores the dotted name of the function, and a worker imports it.",
        "`pin: [rq]` in the phase keeps the old name importable; or empty the queue first.",
    ),
    "runtime-sqlalchemy": Reason(
        "A name that SQLAlchemy stores or looks up changes",
        "A polymorphic identity or table name that is made of `__name__` is in the rows of the database; a text "
        'such as `relationship("Name")` is looked up in the mapper\'s registry.',
        "`pin: [sqlalchemy]` in the phase writes the old module in place of `__name__`; change a registry's text "
        "by hand.",
    ),
    "shallow-clone": Reason(
        "The history of this clone is cut off",
        "What a branch lacks and which phases are published stands in the history. This clone does not reach back far "
        "enough, and going by what is there would overlook phases.",
        "`git fetch --unshallow`; in CI fetch everything (fetch-depth: 0).",
    ),
    "shim-between": Reason(
        "A module's own `__getattr__` looks at who asks, through a shim",
        "A shim for names that left a module asks the module's own `__getattr__` for the rest. A `stacklevel` of its "
        "warnings counts the shim as one more frame, so that they point at the module itself instead of who asks.",
        "Count one more in that `__getattr__` while the shim stands, or use `shims: none` for this phase.",
    ),
    "shim-case-only": Reason(
        "Old and new path differ in case alone",
        "On a disk where case does not count they are one file, so a shim at the old path would overwrite the module.",
        "Use `shims: redirect` for this phase.",
    ),
    "shim-getattr-unclear": Reason(
        "A module defines __getattr__ on some ways only",
        "A shim for names that left a module extends the module's own `__getattr__`, which must be there on "
        "every way through it.",
        "Define it plainly, or use `shims: none` for this phase.",
    ),
    "shim-in-use": Reason(
        "A shim is still used",
        "The place imports or names the old path, so it would fail when the shim goes.",
        "Run the phase that moved the name again: it rewrites what came since. Or leave this shim.",
    ),
    "shim-name-in-use": Reason(
        "The old name means something else now",
        "Another module or name stands at the old one, so no shim can stand there.",
        "Nothing, if every caller was rewritten.",
    ),
    "shim-pinned": Reason(
        "A shim stays",
        "A pin of this phase or an earlier one needs the old name: pickles or queues hold it. `unshim: all` leaves it.",
        "Nothing; or name it in `unshim` to remove it all the same.",
    ),
    "signing-failed": Reason(
        "The commit could not be signed",
        "commit.gpgSign is set, and git could not sign.",
        "Unlock the key, or see git's signing configuration.",
    ),
    "sorter-unavailable": Reason(
        "Import blocks were not sorted again",
        "The repository sorts its imports with ruff, but our ruff could not be run, or does not take the repository's "
        "settings. Everything else was done; imports stand in the order of the old names.",
        "Run the repository's own `ruff check --select I --fix` behind the phase, or correct the setting named.",
    ),
    "source-ambiguous": Reason(
        "Several source roots have a module of that name",
        "Each of several programs in the repository has its own `app.user`, say. An import of `app.user` means the one "
        "or the other, by the folder from which the program is started, which no file tells.",
        "Name the root of the program that is meant (`source_roots: [services/billing]`) and give each its own plan: "
        "code of the others stays as it is.",
    ),
    "source-missing": Reason(
        "The source is not there",
        "The plan names a module, package or top-level name that this repository does not have.",
        "Correct the name; the message offers the nearest ones that exist.",
    ),
    "source-unreadable": Reason(
        "A module that is to be taken apart cannot be read",
        "The file is not Python that we can parse, or not text in the encoding that it declares.",
        "Repair the file first.",
    ),
    "sparse-checkout": Reason(
        "A file is left out by a sparse checkout",
        "The phase touches a file that this work tree does not hold.",
        "Run `git sparse-checkout disable` first.",
    ),
    "split-ambiguous": Reason(
        "A name is meant for two targets",
        "Two selectors of the split match the same name.",
        "Spell the name out under one of them.",
    ),
    "split-conditional": Reason(
        "A conditional definition cannot be divided",
        "An `if`, `try` or loop at the top level binds several names, or a name is imported as well as defined; "
        "its parts only work together.",
        "Send all names that the statement binds to one target, or leave them.",
    ),
    "split-cycle": Reason(
        "The new modules would need each other while they are imported",
        "Each of them uses a name of the other at its top level (a base class, a decorator, a default, a "
        "constant), so neither can be imported first.",
        "Send the names that the message gives to one module.",
    ),
    "split-dynamic": Reason(
        "Code that looks names up at run time",
        "`globals()`, `exec` and `sys.modules[__name__]` reach whatever module they stand in; what they find "
        "cannot be followed.",
        "Leave the definition where it is, or write the names out first.",
    ),
    "split-effect-order": Reason(
        "What a statement does on import would come too early or too late",
        "A statement changes an object (`Base.attr = ...`, `registry.freeze()`, `del`), and other code looks at that "
        "object while it is imported: a class derived from it, a call, a copy of its content. The requested cut "
        "would run them in another order than before.",
        "Send what the message names to one module, or choose targets inside the module that is divided, whose "
        "package then runs them in order.",
    ),
    "split-empty": Reason(
        "A selector matches nothing",
        "No definition of the module fits the pattern, base class, decorator or section.",
        "Correct the selector, or leave the target out.",
    ),
    "split-mutated-elsewhere": Reason(
        "A statement changes what leaves and needs what stays",
        "An import-time statement changes an object that moves, and uses names that go elsewhere.",
        "Send all of its names to one target.",
    ),
    "split-order": Reason(
        "No order of the definitions works in one module",
        "What moves in is needed above what it needs itself.",
        "Choose another target, or leave the definition.",
    ),
    "split-overload": Reason(
        "A definition extends another one",
        "Overloads, `@f.register` and the like add to a function and have to stand in its module.",
        "Send both to one target.",
    ),
    "split-registry-order": Reason(
        "What registers itself would do so in another order",
        "Decorators, `__init_subclass__` or statements add to a registry while modules are imported; the "
        "requested cut would change the order, which may decide between routes or handlers.",
        "Keep what registers with one registry in runs, or in one module.",
    ),
    "split-shares-global": Reason(
        "Functions share a name that is rebound",
        "`global`, or an assignment from another file, gives the name a new value; whoever imported it would keep "
        "the old one.",
        "Send the name, the functions that rebind it and those that read it to one target.",
    ),
    "split-shares-statement": Reason(
        "One statement binds several of the names",
        "`a, b = ...` is one statement, so its names can only move together.",
        "Send all of them to one target, or write them apart first.",
    ),
    "standard-module-hidden": Reason(
        "A module moves beside a script and hides one of the standard library's",
        "A file that is run by its path finds the modules of its own folder before those of Python, so that whatever "
        "imports the hidden one gets the module that moved.",
        "Choose another name for the module, or run the script with -m.",
    ),
    "state-unknown": Reason(
        "The tree alone cannot tell whether the phase was done",
        "Source and target are both there, and no commit of this phase is in the history.",
        "Say it: run with --assume done or --assume pending.",
    ),
    "stray-file": Reason(
        "A file lies in a package that the plan has emptied",
        "A merge brought it: it was written, or changed, on a branch that did not know of the new layout. It cannot be "
        "told where it belongs: the package's modules went several ways, or its successor is there as well.",
        "Move it by a phase of the plan, or bring what is new into its successor and delete it.",
    ),
    "stub-left": Reason(
        "A stub was left behind",
        "Definitions moved out of a module that has a `.pyi` beside it; the stub still describes them at the old "
        "place.",
        "Move them in the stub too.",
    ),
    "symbol-not-defined": Reason(
        "The module does not define the name",
        "The plan moves a name that its module merely imports.",
        "Name the module that defines it.",
    ),
    "symlink-in-the-way": Reason(
        "A symbolic link is in the way",
        "A path that the phase would write lies behind a symbolic link, so that it could reach outside.",
        "Choose a target that is reached without the link.",
    ),
    "syntax-left-alone": Reason(
        "A file does not parse and was left alone",
        "The file may hold references, but it is not Python that we can read, so nothing in it was changed.",
        "Repair the file and run the phase again: it rewrites just what is left.",
    ),
    "system-refused": Reason(
        "The operating system said no",
        "A disk is full or read-only, a file or folder may not be read or written, or too many files are open.",
        "Make room or give access, and run the command again: nothing is half-done.",
    ),
    "target-taken": Reason(
        "The target exists already",
        "Another module or name stands where the plan wants to put this one.",
        "Choose another target, or move what stands there in the same phase.",
    ),
    "test-name-twice": Reason(
        "Two test files would have one name",
        "In folders without an `__init__.py`, pytest imports a test file by its bare name. It takes the second file of "
        "that name for the first, says `import file mismatch`, and stops.",
        "Choose another name, give the folders an `__init__.py`, or set `--import-mode=importlib`.",
    ),
    "trace-stale": Reason(
        "What was seen at run time is older than the file",
        "The line from which a module was imported by name is not in the file any more.",
        "Run `codemod trace -- CMD` again.",
    ),
    "transform-broke-syntax": Reason(
        "A codemod of yours left a file that does not parse",
        "Its result on this file is not Python.",
        "Correct the codemod, or leave the file out of `paths`.",
    ),
    "transform-failed": Reason(
        "A codemod of yours failed",
        "It raised an exception on this file; the message says which.",
        "Correct the codemod, or leave the file out of `paths`.",
    ),
    "transform-needs-allow-code": Reason(
        "The plan wants to run code of yours",
        "`transform` loads a Python class that the plan names, which happens only when you say so.",
        "Read the class, then run again with --allow-code.",
    ),
    "transform-not-convergent": Reason(
        "A codemod of yours changes its own result",
        "Run on what it made, it changes the file again, so a phase with it would never be done.",
        "Let it leave alone what it has changed already.",
    ),
    "transform-not-loaded": Reason(
        "A codemod of yours cannot be loaded",
        "The module or class was not found, or the module failed when it was imported.",
        "Correct `package.module:Class`; it is looked for beside the plan and in the repository.",
    ),
    "transform-warning": Reason(
        "A codemod of yours warns",
        "It called `warn` on this file.",
        "Read what it says.",
    ),
    "undo-conflict": Reason(
        "The phase cannot be reverted cleanly",
        "Later commits changed the same places.",
        "Undo the later phases first, or revert by hand.",
    ),
    "undone": Reason(
        "The branch is back where it was",
        "Nothing had come after the phase, so its commits were taken off the branch; they stay in the reflog.",
        "Nothing to do.",
    ),
    "unfinished-operation": Reason(
        "A merge, rebase or the like is in progress",
        "The repository is in the middle of another operation.",
        "Finish or abort it first.",
    ),
    "unknown-code": Reason(
        "There is no such reason code",
        "`codemod explain` knows every code that a message can carry, and this is none of them.",
        "Run `codemod explain` for the list.",
    ),
    "unmerged": Reason(
        "The index has conflicts",
        "A file is unmerged.",
        "Resolve it and commit first.",
    ),
    "unsupported-system": Reason(
        "Not on this operating system",
        "codemod is made for and tested on Linux and macOS.",
        "Run it there, in a container, or under WSL.",
    ),
    "untracked-reference": Reason(
        "An untracked file refers to what moves",
        "A file that git does not track, and does not ignore, holds a reference that the phase would break.",
        "Add it to git, or decide with `--untracked rewrite` or `--untracked leave`.",
    ),
    "usage": Reason(
        "The command line is wrong",
        "An option or argument is missing, unknown, or does not go with the others.",
        "`codemod COMMAND --help` shows what a command takes, with examples.",
    ),
    "used-before-bound": Reason(
        "A name would be used before it is bound",
        "Where definitions come to stand in another order, a base class, decorator, default or constant asks "
        "for a name that is bound further down.",
        "Keep the two definitions together, or in the order that they need.",
    ),
}
