"""rope moves modules, one after the other (`python rope_moves.py REPO MOVES.json`)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rope.base.project import Project
from rope.refactor.move import create_move
from rope.refactor.rename import Rename


def main(repository: str, table: str) -> None:
    project = Project(repository, ropefolder=None, ignore_syntax_errors=True)  # Django tests hold some
    for old, new in json.loads(Path(table).read_text(encoding="utf-8")).items():
        package, _, last = new.rpartition(".")
        folder = Path(repository, *package.split("."))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
        project.validate()
        source = project.get_resource(old.replace(".", "/") + ".py")
        project.do(create_move(project, source).get_changes(project.get_resource(package.replace(".", "/"))))
        kept = old.rpartition(".")[2]
        if kept != last:
            moved = project.get_resource(f"{package.replace('.', '/')}/{kept}.py")
            project.do(Rename(project, moved).get_changes(last))
    project.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
