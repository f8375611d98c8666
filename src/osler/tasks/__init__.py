"""Tasks: what is examined of an answer beyond its likeness to the reference, and against what."""

from __future__ import annotations

from importlib import import_module

from osler.tasks.base import Task

TASKS = {
    "medical_qa": "osler.tasks.medical_qa:TASK",
    "document_summary": "osler.tasks.document_summary:TASK",
    "patient_summary": "osler.tasks.patient_summary:TASK",
    "advice": "osler.tasks.advice:TASK",
    "refusal": "osler.tasks.refusal:TASK",
}
"""Name in a recipe (`evaluate.task`) -> where the task is; it is imported only when used."""


def load_task(name: str) -> Task:
    """The task of that name, which the recipe's schema has checked."""
    module, attribute = TASKS[name].split(":")
    return getattr(import_module(module), attribute)
