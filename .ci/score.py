"""Read what the conformance runner printed; fail unless every core case passes."""

import re
import sys

text = sys.stdin.read()
found = re.search(r"^codemod core: (\d+)/(\d+)", text, re.MULTILINE)
if not found or found[1] != found[2]:
    sys.exit("conformance: not every core case passes")
