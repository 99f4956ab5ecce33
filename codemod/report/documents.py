"""The JSON documents of `--json`: plain dicts whose fields docs/cli.md lists."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from codemod.base.findings import Finding
from codemod.plan.model import Phase, Plan
from codemod.rewrite.outcome import Forecast, Outcome, Residue

from .cost import Cost, cost_of
from .outcomes import not_reached, sizes_of
from .patch import FilePatch, files_of
from .phases import findings_of
from .records import BranchRecord, CheckRecord, CommitRecord, PhaseRecord, RunRecord, StatusRecord

Document = dict[str, Any]


def finding_document(finding: Finding) -> Document:
    """code, weight, message, path, line, column, key, hint; path is null and line 0 where there is none."""
    place = finding.place
    return {
        "code": finding.code,
        "weight": finding.weight.value,
        "message": finding.message,
        "path": place.path if place else None,
        "line": place.line if place else 0,
        "column": place.column if place else 0,
        "key": finding.key,
        "hint": finding.hint,
    }


def findings_document(findings: Sequence[Finding]) -> list[Document]:
    """One document a finding."""
    return [finding_document(finding) for finding in findings]


def error_document(kind: str, findings: Sequence[Finding], code: int) -> Document:
    """`{"error": {"kind", "findings"}, "exit"}`; kind: plan | repository | refused | bug | interrupted."""
    return {"error": {"kind": kind, "findings": findings_document(findings)}, "exit": code}


def plan_document(plan: Plan) -> Document:
    """name, path, phases (ids in order)."""
    return {"name": plan.name, "path": plan.path, "phases": [phase.id for phase in plan.phases]}


def cost_document(cost: Cost) -> Document:
    """files, moved, added, deleted."""
    return {"files": cost.files, "moved": cost.moved, "added": cost.added, "deleted": cost.deleted}


def history_document(forecast: Forecast) -> Document:
    """moved, followed, lost (paths), alone (of the lost, those that blame follows), limit (that git would need)."""
    return {
        "moved": forecast.moved,
        "followed": forecast.followed,
        "lost": list(forecast.lost),
        "alone": forecast.alone,
        "limit": forecast.limit,
    }


def outcome_document(outcome: Outcome) -> Document:
    """A phase that was computed, not run, with its cost, its commits to be, history, residue and findings."""
    phase = outcome.phase
    return {
        "id": phase.id,
        "title": phase.title,
        "owner": phase.owner,
        "target": phase.target,
        "state": outcome.state,
        "refused": outcome.refused,
        "cost": cost_document(cost_of(outcome)),
        "commits": commits_document(outcome),
        "history": history_document(outcome.forecast),
        "residue": dict(sorted(Counter(item.verdict for item in outcome.residue).items())),
        "findings": findings_document(outcome.findings),
    }


def sweep_document(plan: Plan, outcome: Outcome, code: int) -> Document:
    """plan, changes (path, line, reason), moved (old path -> new path), findings, exit."""
    places = ((change.place, change.reason) for change in outcome.changes)
    return {
        "plan": plan_document(plan),
        "changes": [{"path": place.path, "line": place.line, "reason": reason} for place, reason in places],
        "moved": dict(sorted(outcome.moves.items())),
        "findings": findings_document(outcome.findings),
        "exit": code,
    }


def commits_document(outcome: Outcome) -> list[Document]:
    """kind, subject, files, added, deleted, renames of each commit to be made, and whether it is a merge."""
    return [
        {
            "kind": commit.kind,
            "subject": commit.about,
            "files": cost.files,
            "added": cost.added,
            "deleted": cost.deleted,
            "renames": cost.moved,
            "merge": bool(commit.waypoints),
        }
        for commit, cost in sizes_of(outcome)
    ]


def status_document(plan: Plan, phases: Sequence[StatusRecord]) -> Document:
    """plan, phases: [{id, title, state, owner, target, commit, commits, findings}], exit."""
    return {
        "plan": plan_document(plan),
        "phases": [
            {
                "id": phase.id,
                "title": phase.title,
                "state": phase.state,
                "owner": phase.owner,
                "target": phase.target,
                "commit": phase.commit,
                "commits": commits_document(phase.outcome) if phase.outcome else [],
                "findings": findings_document(phase.findings),
            }
            for phase in phases
        ],
        "exit": 0,
    }


def run_document(plan: Plan, run: RunRecord, costs: Mapping[str, Cost], beyond: Sequence[Phase] = ()) -> Document:
    """plan, head, phases (what became of each), not_reached (ids), exit."""
    return {
        "plan": plan_document(plan),
        "head": run.head,
        "phases": [_phase_document(phase, costs.get(phase.phase.id)) for phase in run.phases],
        "not_reached": [phase.id for phase in beyond],
        "exit": run.exit_code,
    }


def _phase_document(phase: PhaseRecord, cost: Cost | None) -> Document:
    outcome = phase.outcome
    return {
        "id": phase.phase.id,
        "title": phase.phase.title,
        "owner": phase.phase.owner,
        "target": phase.phase.target,
        "state": phase.state,
        "cost": cost_document(cost) if cost else None,
        "history": history_document(outcome.forecast) if outcome else None,
        "residue": dict(sorted(Counter(item.verdict for item in outcome.residue).items())) if outcome else {},
        "commits": [_commit_document(commit) for commit in phase.commits],
        "branch": branch_document(phase.branch) if phase.branch else None,
        "checks": [_check_document(check) for check in phase.checks],
        "findings": findings_document(findings_of(phase)),
    }


def branch_document(branch: BranchRecord) -> Document:
    """name, commit, base."""
    return {"name": branch.name, "commit": branch.commit, "base": branch.base}


def _commit_document(commit: CommitRecord) -> Document:
    return {
        "sha": commit.sha,
        "kind": commit.kind,
        "subject": commit.subject,
        "files": commit.files,
        "added": commit.added,
        "deleted": commit.deleted,
        "renames": commit.renames,
    }


def _check_document(check: CheckRecord) -> Document:
    return {
        "command": check.command,
        "commit": check.commit,
        "verdict": check.verdict,
        "seconds": round(check.seconds, 3),
        "why": check.why,
        "output": check.output,
    }


def residue_document(phase: str, items: Sequence[Residue]) -> list[Document]:
    """phase, path, line, column, name, verdict, why of each occurrence of an old name that is still there."""
    return [
        {
            "phase": phase,
            "path": item.place.path,
            "line": item.place.line,
            "column": item.place.column,
            "name": item.name,
            "verdict": item.verdict,
            "why": item.why,
        }
        for item in items
    ]


def patch_document(patch: bytes) -> Document:
    """encoding (utf-8 | base64) and text: a patch may hold files of any encoding."""
    try:
        return {"encoding": "utf-8", "text": patch.decode("utf-8")}
    except UnicodeDecodeError:
        return {"encoding": "base64", "text": base64.b64encode(patch).decode("ascii")}


def check_document(plan: Plan, outcomes: Sequence[Outcome], code: int) -> Document:
    """plan, phases (see `outcome_document`), not_reached (ids), exit."""
    return {
        "plan": plan_document(plan),
        "phases": [outcome_document(outcome) for outcome in outcomes],
        "not_reached": [phase.id for phase in not_reached(plan, outcomes)],
        "exit": code,
    }


def diff_document(plan: Plan, outcomes: Sequence[Outcome], patch: bytes, code: int) -> Document:
    """plan, phases, files, patch, exit."""
    return {
        "plan": plan_document(plan),
        "phases": [outcome_document(outcome) for outcome in outcomes],
        "files": files_document(files_of(patch)),
        "patch": patch_document(patch),
        "exit": code,
    }


def files_document(files: Sequence[FilePatch]) -> list[Document]:
    """path, from (null unless moved or copied), kind, added, deleted of each file of a patch."""
    return [
        {
            "path": file.path,
            "from": file.old if file.old != file.path and file.old else None,
            "kind": file.kind,
            "added": file.added,
            "deleted": file.deleted,
        }
        for file in files
    ]
