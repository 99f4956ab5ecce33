"""Large modules of packages that we did not write become packages, and their own tests pass as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.packages import DIVIDED
from tests.real.workshop import Workshop


@pytest.mark.slow
@pytest.mark.parametrize("module", DIVIDED)
def test_a_large_module_becomes_a_package(module: str, tmp_path: Path) -> None:
    shop = Workshop.of(DIVIDED[module], tmp_path)
    path = shop.modules()[module]
    assert (shop.repository / path).read_text("utf-8").count("\n") > 1000
    before, imports = shop.run_tests(), shop.failing_imports(sorted(shop.modules()))
    shop.git("clean", "-qfdx")
    run = shop.codemod("run", "--all", "--no-checks")
    assert run.returncode == 0, run.stderr
    parts = [name for name in shop.modules() if name.startswith(module + ".")]
    assert len(parts) >= 2 and shop.modules()[module].endswith("/__init__.py")
    after = shop.run_tests()
    assert len(before.passed) >= 100 and not before.passed - after.passed
    assert after.files[module].endswith(shop.modules()[module])
    assert shop.failing_imports(sorted(shop.modules())).keys() <= imports.keys()
