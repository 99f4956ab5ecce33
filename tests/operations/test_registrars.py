"""Routers and the like that are replicated and assembled: the same routes, in the same order, says the framework."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from codemod.plan.load import load
from tests.kit import run
from tests.operations.moving import output, tree_of

HEAD = "version: 1\nname: x\nphases:\n  - id: a\n    do:\n"
APP = """import json
from fastapi import FastAPI
from shop.api import router

app = FastAPI()
app.include_router(router)
"""
SHOW = (
    "print(json.dumps(app.openapi()))\n"
    "print([(type(r).__name__, r.path, r.name, getattr(r, 'tags', 0)) for r in router.routes])\n"
)
STORE = "ITEMS = {}\n"


def divided(files: Mapping[str, str], do: str) -> tuple[dict[str, str], list[str]]:
    """The files behind a phase of these operations, and the codes of what blocks it, with their hints."""
    text = HEAD + "".join(f"      {line}\n" for line in do.strip("\n").split("\n"))
    plan = load(text.encode(), "plan.yaml")
    result = run(plan, tree_of(files))
    again = run(plan, result.after)
    found = [f for outcome in result.outcomes for f in outcome.findings if f.blocks]
    assert found or again.after == result.after, "the second run changes something"
    assert all(finding.hint for finding in found)
    return {path: result.after.read(path).decode() for path in result.after}, [f.code for f in found]


def same(files: Mapping[str, str], do: str) -> dict[str, str]:
    """Divide, and compare what main.py prints."""
    after, refused = divided(files, do)
    assert not refused
    assert after != files
    assert output(after, "main.py") == output(files, "main.py")
    return after


def shop(api: str, main: str = APP + SHOW) -> dict[str, str]:
    return {"shop/__init__.py": "", "shop/api.py": api, "shop/store.py": STORE, "main.py": main}


ORDERED = '''"""Orders and goods."""
from fastapi import APIRouter, Depends

from shop.store import ITEMS

PREFIX = "/shop"


def user(token: str = "x") -> str:
    return token


# All of the shop.
router = APIRouter(prefix=PREFIX, tags=["shop"], dependencies=[Depends(user)])


@router.get("")
def index():
    return ITEMS


@router.get("/orders/open", tags=["orders"])
def open_orders(who: str = Depends(user)):
    return []


@router.get("/orders/{key}", tags=["orders"], operation_id="order")
def order(key: str):
    return key


@router.post("/goods", tags=["goods"], status_code=201)
def add_goods():
    return _checked(ITEMS)


@router.get("/goods/{key}", tags=["goods"])
@router.get("/good/{key}", deprecated=True)
def goods(key: str):
    return _checked(key)


def _checked(value):
    return value
'''
IN_PARTS = """
- split: shop.api
  into:
    shop.api.orders: {routes: "/orders*"}
    shop.api.goods: {routes: goods}
  replicate: router
  assemble: router
"""


def test_parts_in_order() -> None:
    after = same(shop(ORDERED), IN_PARTS)
    whole = after["shop/api/__init__.py"]
    assert whole.count("APIRouter(") == 1
    assert "router.routes.extend(orders_router.routes)\nrouter.routes.extend(goods_router.routes)\n" in whole
    assert "# All of the shop." in whole
    assert "# All of the shop." not in after["shop/api/goods.py"]
    assert (
        'router = APIRouter(prefix=PREFIX, tags=["shop"], dependencies=[Depends(user)])\n' in after["shop/api/goods.py"]
    )


def test_parts_that_need_nothing_are_imported_at_the_top() -> None:
    do = IN_PARTS.replace("shop.api.goods:", "shop.api.base: [PREFIX, user, _checked]\n    shop.api.goods:")
    after = same(shop(ORDERED), do)
    assert "noqa" not in after["shop/api/__init__.py"]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param((["index", "add_goods"], ["open_orders"], ["order", "goods"]), id="interleaved"),
        pytest.param((["open_orders", "goods"], ["add_goods"], ["order"]), id="something stays in between"),
        pytest.param((["goods"], ["order", "index"], ["open_orders", "add_goods"]), id="backwards"),
    ],
)
def test_interleaved_parts_keep_every_place(names: tuple[list[str], ...]) -> None:
    into = "".join(f"    shop.api.part{n}: [{', '.join(some)}]\n" for n, some in enumerate(names))
    same(shop(ORDERED), f"- split: shop.api\n  into:\n{into}  replicate: [router]\n  assemble: [router]")


def test_the_rest_and_a_new_name_of_the_package() -> None:
    do = """
- move: {shop.api: shop.routers}
- split: shop.api
  into:
    shop.routers.orders: {routes: ["/shop/orders*"]}
    shop.routers.others: rest
  replicate: [router]
  assemble: router
"""
    after = same(shop(ORDERED), do)
    assert "def " not in after["shop/routers/__init__.py"]
    assert after["main.py"].count("shop.routers") == 1


def test_every_kind_of_route() -> None:
    api = ORDERED.replace('router = APIRouter(prefix=PREFIX, tags=["shop"], dependencies=[Depends(user)])',
                          "router = APIRouter()\nother = APIRouter()") + '''

async def socket(websocket):
    await websocket.accept()


router.add_api_websocket_route("/live", socket)


@other.get("/other")
def elsewhere():
    return 1


def listed():
    return []


router.add_api_route("/goods", listed, methods=["GET", "HEAD"], tags=["goods"], operation_id="g")
router.include_router(other, prefix="/more")


@router.websocket("/orders/live")
async def live(websocket):
    await websocket.accept()


@router.api_route("/last", methods=["GET", "PUT"], operation_id="last")
def last():
    return 1
'''  # fmt: skip
    main = APP.replace("router)", 'router, prefix="/shop")') + SHOW.replace(
        "r.path, r.name", "getattr(r, 'path', 0), getattr(r, 'name', 0)"
    )
    files = shop(api, main)
    do = IN_PARTS.replace('"/orders*"', '["/orders*", "/live", "/last"]').replace("goods}", '["/goods*", "/good/*"]}')
    after = same(files, do)
    assert 'router.add_api_route("/goods"' in after["shop/api/goods.py"]
    assert "router.include_router(other" in after["shop/api/__init__.py"]


def test_several_routers_and_a_logger() -> None:
    api = """import logging

from fastapi import APIRouter

logger = logging.getLogger("shop")
router = APIRouter()
admin_router = APIRouter(prefix="/admin")


@router.get("/orders")
def orders():
    logger.info("orders")


@admin_router.get("/orders")
def all_orders():
    logger.info("all")


@admin_router.get("/goods")
def all_goods():
    return 1


@router.get("/goods")
def goods():
    return 1
"""
    main = APP.replace("import router", "import admin_router, router") + "app.include_router(admin_router)\n" + SHOW
    do = """
- split: shop.api
  into:
    shop.api.orders: "*orders"
    shop.api.goods: "*goods"
  replicate: ["*router", logger]
  assemble: [router, admin_router]
"""
    after = same(shop(api, main), do)
    assert "logger" not in after["shop/api/goods.py"]
    assert 'logger = logging.getLogger("shop")' in after["shop/api/orders.py"]


def test_a_class_of_our_own_and_the_router_as_a_whole() -> None:
    api = """import fastapi

from shop.routing import Router

router = Router(prefix="/shop")


@router.get("/orders/{key}")
def order(key: str):
    return router.url_path_for("goods")


@router.get("/goods")
def goods():
    return 1


app = fastapi.FastAPI()
app.include_router(router)
"""
    main = (
        "import json\nfrom fastapi.testclient import TestClient\nfrom shop.api import app, router\n\n"
        "print(TestClient(app).get('/shop/orders/1').json())\n" + SHOW
    )
    files = shop(api, main) | {
        "shop/routing.py": "from fastapi import APIRouter\n\n\nclass Router(APIRouter):\n    pass\n"
    }
    after = same(files, IN_PARTS.replace("goods}", "/goods}"))
    assert "    from shop.api import router\n" in after["shop/api/orders.py"]
    whole = after["shop/api/__init__.py"]
    assert whole.index("routes.extend") < whole.index("include_router")


def test_flask() -> None:
    pytest.importorskip("flask")
    api = """from flask import Blueprint, g

bp = Blueprint("shop", __name__, url_prefix="/shop")


@bp.before_request
def load():
    g.user = 1


@bp.route("/orders/<int:key>", methods=["GET", "POST"])
def order(key):
    return str(key + g.user)


@bp.get("/goods")
def goods():
    return "goods"


@bp.app_errorhandler(404)
def missing(error):
    return "none", 404


@bp.route("/orders")
def orders():
    return "orders"
"""
    main = """from flask import Flask
from shop.api import bp

app = Flask(__name__)
app.register_blueprint(bp)
print([(str(r), r.endpoint, sorted(r.methods)) for r in app.url_map.iter_rules()])
print([app.test_client().get(p).text for p in ("/shop/orders/3", "/shop/goods", "/none")])
"""
    do = """
- split: shop.api
  into:
    shop.api.orders: {routes: "/orders*"}
    shop.api.goods: [goods, missing]
  replicate: bp
  assemble: bp
"""
    same(shop(api, main), do)
    assert divided(shop(api, main), do.replace("missing", "missing, load"))[1] == ["assemble-hook"]


def test_typer() -> None:
    api = '''import typer

app = typer.Typer(help="The shop.")
extra = typer.Typer()
app.add_typer(extra, name="extra")


@app.callback()
def main(loud: bool = False):
    """Buy and sell."""


@app.command("sell")
def sell(name: str):
    """Sell."""
    print("sold", name)


@app.command()
def buy():
    """Buy."""


@extra.command()
def deep():
    """Deep."""


@app.command(hidden=False)
def sell_all():
    """Sell all."""
'''
    main = """from typer.testing import CliRunner
from shop.api import app

for line in (["--help"], ["sell", "x"], ["extra", "--help"]):
    print(CliRunner().invoke(app, line).output)
"""
    do = """
- split: shop.api
  into: {shop.api.selling: sell*, shop.api.buying: buy}
  replicate: app
  assemble: app
"""
    after = same(shop(api, main), do)
    assert "app.registered_commands[:] = [" in after["shop/api/__init__.py"]


def test_what_is_one_object_is_shared() -> None:
    pytest.importorskip("celery")
    api = """from celery import Celery

app = Celery("shop", broker="memory://")


@app.task(name="orders.close")
def close(key):
    return key


@app.task(name="goods.count")
def count():
    return close.name
"""
    main = "import shop.api\nprint(sorted(n for n in shop.api.app.tasks if not n.startswith('celery.')))\n"
    do = """
- split: shop.api
  into: {shop.api.orders: close, shop.api.goods: count}
  replicate: app
  assemble: app
"""
    after = same(shop(api, main), do)
    assert "".join(after.values()).count("Celery(") == 1


GOODS = "    shop.api.goods: {routes: goods}\n"
BETWEEN = "\n\nEVERY = list(map(id, [router]))\n\n\n@router.post"


@pytest.mark.parametrize(
    ("api", "do", "code", "cure"),
    [
        pytest.param(ORDERED, IN_PARTS[:-17], "replica-unassembled", IN_PARTS, id="not assembled"),
        pytest.param(
            ORDERED, IN_PARTS.replace(GOODS, GOODS + "    shop.api.base: router\n"), "replica-sent", IN_PARTS, id="sent"
        ),
        pytest.param(ORDERED, IN_PARTS.replace("e: r", "e: ro"), "source-missing", IN_PARTS, id="misspelt"),
        pytest.param(
            ORDERED.replace("\n\n@router.post", BETWEEN), IN_PARTS, "split-registry-order", IN_PARTS.replace(GOODS, ""),
            id="used half way",
        ),
        pytest.param(
            ORDERED, IN_PARTS.replace("api.goods", "goods"), "split-cycle",
            IN_PARTS.replace("shop.api.goods:", "shop.base: [PREFIX, user]\n    shop.goods:"),
            id="beside, and needs what stays",
        ),
    ],
)  # fmt: skip
def test_refused_and_unblocked(api: str, do: str, code: str, cure: str) -> None:
    files = shop(api)
    after, refused = divided(files, do)
    assert set(refused) == {code}
    assert after == files
    same(files, cure)


def test_a_new_route_follows_in_a_later_run() -> None:
    files = shop(ORDERED)
    after = same(files, IN_PARTS)
    late = '\n\n@router.get("/orders/late/all")\ndef late():\n    return 1\n'
    again, refused = divided({**after, "shop/api/__init__.py": after["shop/api/__init__.py"] + late}, IN_PARTS)
    assert not refused
    assert "/shop/orders/late/all" in output(again, "main.py")
    assert "def late" in again["shop/api/orders.py"]
    wanted = [f"*{part}.routes{cut}" for part, cut in (("orders_router", "[:2]"), ("goods_router", ""),
                                                       ("orders_router", "[2:]"))]  # fmt: skip
    assert re.findall(r"\*\w+_router\.routes[^,]*", again["shop/api/__init__.py"]) == wanted
