"""Source roots that hold packages of the same name."""

from __future__ import annotations

from codemod.source.modules import Modules, detect_roots


def test_a_folder_of_copies_is_no_root() -> None:
    paths = [
        "app/__init__.py",
        "app/user.py",
        "vendor/app/__init__.py",
        "vendor/app/user.py",
        "vendor/tests/__init__.py",
    ]
    assert detect_roots(paths) == (".",)
    assert detect_roots([*paths, "vendor/more/__init__.py"]) == ("vendor", ".")


def test_names_that_several_roots_have() -> None:
    paths = [
        "a/app/__init__.py",
        "a/app/user.py",
        "b/app/__init__.py",
        "b/app/user.py",
        "b/app/own.py",
        "c/app/own.pyi",
    ]
    modules = Modules(paths, ("a", "b", "c"))
    assert [module.path for module in modules.called("app.user")] == ["a/app/user.py", "b/app/user.py"]
    assert modules.called("app.own") == ()
