"""Relative imports as bytes: nothing that leads to a module may be missed, and what leads elsewhere is left alone."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.base import names
from codemod.source.relative import Relatives

MODULES = ("app.shop.models", "app.shop.pay", "app.base", "lib.models")


@pytest.mark.parametrize(
    ("package", "source", "leads"),
    [
        ("app.shop", "from .models import Order", True),
        ("app.shop", "from .pay.card import Card", True),
        ("app.shop", "from . import (\n    views,\n    models as m,\n)", True),
        ("app.shop", "from . import *", True),
        ("app.shop.inner", "from ..models import Order", True),
        ("app.users", "from ..shop import models", True),
        ("app.users", "from .. import base", True),
        ("app.shop", "from \\\n . import models", True),
        ("app.users", "from . import (  # (all)\n    views,\n)", True),  # left to the parser
        ("", "from .models import Order", True),  # nobody knows where it lies
        ("app.users", "from .models import User", False),
        ("app.users", "from . import models, views", False),
        ("app.users", "from .. import shop", True),  # and then `shop.models`
        ("app.users", "from .. import users", False),
        ("app.shop", "from .views import models", False),
        ("app.shop", "from .models_of_old import Order", False),
        ("app", "from ..models import Order", False),  # climbs out of the top
        ("app.users", "from app.shop.models import Order", False),  # the search finds it by other means
    ],
)
def test_what_it_leads_to(package: str, source: str, leads: bool) -> None:
    assert Relatives(MODULES).may_lead(package, source.encode()) is leads


SEGMENT = st.sampled_from(["app", "shop", "users", "models", "pay", "base", "x"])
DOTTED = st.lists(SEGMENT, min_size=1, max_size=3).map(".".join)
GAP = st.sampled_from([" ", "  ", "\t", " \\\n "])


@st.composite
def statements(draw: st.DrawFn) -> str:
    level, module = draw(st.integers(1, 3)), draw(st.one_of(st.just(""), DOTTED))
    listed = draw(st.lists(SEGMENT, min_size=1, max_size=3))
    names_ = ", ".join(name + draw(st.sampled_from(["", " as y"])) for name in listed)
    shape = draw(st.sampled_from(["{}", "({})", "(\n    {},\n)", "(  # why (not)\n    {}\n)", "{};pass", "{}  # x"]))
    after = draw(GAP) if module else draw(st.sampled_from(["", " ", "\t"]))
    return f"from{draw(GAP)}{'.' * level}{module}{after}import{draw(GAP)}{shape.format(names_)}\n"


@given(st.lists(statements(), min_size=1, max_size=3), st.one_of(DOTTED), st.lists(DOTTED, min_size=1, max_size=3))
def test_nothing_is_missed(lines: list[str], package: str, modules: list[str]) -> None:
    source = "".join(lines)
    reached = set[str]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            base = names.absolute(package, node.level, node.module or "")
            if base is not None:
                reached |= {base, *(names.join(base, alias.name) for alias in node.names)}
    leads = any(names.within(name, module) for name in reached for module in modules)
    assert Relatives(modules).may_lead(package, source.encode()) or not leads
