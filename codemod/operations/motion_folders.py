"""Folders beside a module that a motion takes to another folder: applications and blueprints go on finding them."""

from __future__ import annotations

import posixpath

from codemod.references.webfolders import folder_edits, makes_application

from .motion_dissolve import within
from .motion_state import Moving


def follow_folders(moving: Moving) -> None:
    """Write the ways from the new places of what makes an application or a blueprint."""
    paths = moving.inventory.tree.paths
    for source, share in moving.shares.items():
        anatomy = share.anatomy
        if not makes_application(anatomy.text.data):
            continue
        old = posixpath.dirname(anatomy.path)
        for build in moving.builds.values():
            new = posixpath.dirname(build.path)

            def way(value: str, old: str = old, new: str = new) -> str | None:
                folder = posixpath.normpath(posixpath.join(old, value))
                there = any(path.startswith(folder + "/") for path in paths)
                return posixpath.relpath(folder, new or ".") if there and new != old else None

            edits = list(folder_edits(anatomy.text, anatomy.tree, way))
            if build.name == source:
                spans = [(piece.start, piece.end) for piece in share.staying()]
                build.edits += [edit for edit in edits if within(edit.start, spans)]
            for arrival in build.arrivals:
                spans = [(piece.start, piece.end) for piece in arrival.pieces]
                arrival.edits += [e for e in edits if arrival.source == source and within(e.start, spans)]
