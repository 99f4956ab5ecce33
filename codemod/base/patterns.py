"""Regular expressions that are compiled when they are first used: most of our hundreds never are in a run."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


def lazy(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` gives, but for two things: it costs nothing yet, and the functions of `re` do not take it.

    For the patterns of a module.  Each use costs some 30 ns more, so not for one that is used for every word.
    """
    return cast("re.Pattern[AnyStr]", _Lazy(pattern, flags))


class _Lazy:
    """Looks like the compiled pattern; what was asked of that once is an attribute from then on."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self.pattern, self._flags), name)  # which `re` remembers
        setattr(self, name, value)
        return value

    def __reduce__(self) -> Any:
        return lazy, (self.pattern, self._flags)
