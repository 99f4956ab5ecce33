"""The `sitecustomize` of a traced interpreter, as text: it runs in the user's programs, on whatever Python they use.

It writes down each import by name of a first-party module with the lines that led to it, takes itself off `sys.path`,
and hands over to the `sitecustomize` that would have run without it.
"""

from __future__ import annotations

FOLDER, TOP, NAMES = "CODEMOD_TRACE_SEEN", "CODEMOD_TRACE_TOP", "CODEMOD_TRACE_NAMES"
"""Environment variables: where to write, the repository, and the top-level names that count, divided by commas."""

TEXT = r'''
import sys


def _trace(here):
    import _frozen_importlib
    import opcode
    import os

    folder, top = os.environ["CODEMOD_TRACE_SEEN"], os.environ["CODEMOD_TRACE_TOP"] + os.sep
    names = frozenset(os.environ["CODEMOD_TRACE_NAMES"].split(","))
    library = os.path.dirname(os.path.realpath(os.__file__)) + os.sep
    began = os.getcwd()
    statement = opcode.opmap["IMPORT_NAME"]
    seen = set()

    def write(record):
        line = (repr(record) + "\n").encode("utf-8", "backslashreplace") if record else b""
        path = os.path.join(folder, str(os.getpid()))
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, line)
        finally:
            os.close(file)

    def kind_of(path):
        real = os.path.realpath(os.path.join(began, path))
        if os.sep + "site-packages" + os.sep in real or os.sep + "dist-packages" + os.sep in real:
            return "foreign", real
        if real.startswith(library):
            return "library", real[len(library):]
        return ("own", real[len(top):]) if real.startswith(top) else ("foreign", real)

    def follow(frame):
        """(path, line, standard library module on the way, foreign place on the way) of the repository's line."""
        via = by = ""
        while frame is not None:
            path = frame.f_code.co_filename
            if not path.startswith("<"):
                kind, where = kind_of(path)
                if kind == "own":
                    return where, frame.f_lineno, via, by
                if kind == "library" and not by and where != os.path.join("importlib", "__init__.py"):
                    via = where[:-3].replace(os.sep, ".")
                    via = via[:-9] if via.endswith(".__init__") else via
                elif kind == "foreign" and not by:
                    by = where + ":" + str(frame.f_lineno)
            frame = frame.f_back
        return None

    def note(name, attribute, frame):
        if name.partition(".")[0] not in names:
            return
        place = follow(frame)
        if place is not None:
            record = place[:2] + (name, attribute) + place[2:]
            if record not in seen:
                seen.add(record)
                write(record)

    def by_statement(frame):
        while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
            frame = frame.f_back
        return frame is None or frame.f_code.co_code[frame.f_lasti] == statement

    def hook(event, arguments):
        if event != "import" and event != "pickle.find_class":
            return
        try:
            frame = sys._getframe(1)
            if event != "import":
                note(arguments[0], arguments[1], frame)
            elif arguments[0].partition(".")[0] in names and not by_statement(frame):
                note(arguments[0], "", frame)
        except Exception:  # the program that is looked at must not notice
            pass

    # `import_module` raises no audit event.  Its first step is this check, which is done before anything is loaded:
    # no frame of ours is in a traceback, or counted by a warning.
    original = _frozen_importlib._sanity_check

    def check(name, package, level):
        original(name, package, level)
        try:
            above = package.rsplit(".", level - 1)[0] + "." if level else ""
            note((above + name).rstrip("."), "", sys._getframe(1))
        except Exception:  # as above; what is wrong with the name is said by the import itself
            pass

    _frozen_importlib._sanity_check = check
    write(None)  # an interpreter has started
    sys.addaudithook(hook)


def _hand_over(here):
    import importlib.machinery
    import importlib.util

    sys.path[:] = [entry for entry in sys.path if entry != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize")
    if spec is None or spec.loader is None:
        raise ImportError("No module named 'sitecustomize'", name="sitecustomize")
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_here = __file__.rpartition("/")[0]
if hasattr(sys, "addaudithook"):
    try:
        _trace(_here)
    except Exception:  # the program runs untraced
        pass
_hand_over(_here)
'''
