"""pyrefly's `workspace/willRenameFiles` for some moves (`python pyrefly_moves.py SERVER REPO MOVES.json ROOT...`).

It indexes only what a configuration names, so one is written; the edits are applied and the files moved,
as an editor would.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


class Server:
    """A language server over standard input and output."""

    def __init__(self, command: list[str], top: Path) -> None:
        self.process = subprocess.Popen(command, cwd=top, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.count = 0

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        if not length:
            raise EOFError("the language server ended")
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return message

    def ask(self, method: str, params: object) -> Any:
        """The result of a request; the server's own requests are answered with nothing on the way."""
        self.count += 1
        self.send({"id": self.count, "method": method, "params": params})
        while True:
            message = self.receive()
            if "method" in message and "id" in message:
                wanted = len(message["params"].get("items", [])) if message.get("params") else 0
                self.send({"id": message["id"], "result": [{}] * wanted if wanted else None})
            elif message.get("id") == self.count:
                if "error" in message:
                    raise RuntimeError(str(message["error"]))
                return message["result"]


def changed(text: str, edits: list[dict[str, Any]]) -> str:
    """`text` with LSP edits (UTF-16 columns) applied."""
    lines = text.splitlines(keepends=True) + [""]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(place: dict[str, int]) -> int:
        line = lines[place["line"]] if place["line"] < len(lines) else ""
        units = line.encode("utf-16-le")[: place["character"] * 2].decode("utf-16-le", "ignore")
        return starts[min(place["line"], len(lines))] + len(units)

    spans = [(offset(edit["range"]["start"]), offset(edit["range"]["end"]), edit["newText"]) for edit in edits]
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def main(program: str, repository: str, table: str, *search_path: str) -> None:
    top = Path(repository).resolve()
    moves = {
        top / (old.replace(".", "/") + ".py"): top / (new.replace(".", "/") + ".py")
        for old, new in json.loads(Path(table).read_text(encoding="utf-8")).items()
    }
    roots = json.dumps(search_path or ["."])
    (top / "pyrefly.toml").write_text(f'project-includes = ["**/*.py"]\nsearch-path = {roots}\n', encoding="utf-8")
    server = Server([program, "lsp", "--indexing-mode", "lazy-blocking", "--workspace-indexing-limit", "1000000"], top)
    folders = [{"uri": top.as_uri(), "name": top.name}]
    server.ask(
        "initialize",
        {
            "processId": None,
            "rootUri": top.as_uri(),
            "workspaceFolders": folders,
            "capabilities": {
                "workspace": {"fileOperations": {"willRename": True}, "workspaceEdit": {"documentChanges": True}}
            },
        },
    )
    server.send({"method": "initialized", "params": {}})
    first = next(iter(moves))
    opened = {"uri": first.as_uri(), "languageId": "python", "version": 1, "text": first.read_text(encoding="utf-8")}
    server.send({"method": "textDocument/didOpen", "params": {"textDocument": opened}})
    files = [{"oldUri": old.as_uri(), "newUri": new.as_uri()} for old, new in moves.items()]
    result = server.ask("workspace/willRenameFiles", {"files": files}) or {}
    edits: dict[str, list[dict[str, Any]]] = dict(result.get("changes") or {})
    for change in result.get("documentChanges") or []:
        if "textDocument" in change:
            edits.setdefault(change["textDocument"]["uri"], []).extend(change["edits"])
    by_uri = {path.as_uri(): path for path in top.rglob("*.py")}
    for uri, found in edits.items():
        path = by_uri[uri]
        path.write_text(changed(path.read_text(encoding="utf-8"), found), encoding="utf-8")
    for old, new in moves.items():
        new.parent.mkdir(parents=True, exist_ok=True)
        (new.parent / "__init__.py").touch()
        old.rename(new)
    print(f"{len(edits)} files")
    server.ask("shutdown", None)
    server.send({"method": "exit"})
    server.process.wait(timeout=30)


if __name__ == "__main__":
    main(*sys.argv[1:])
