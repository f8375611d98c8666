"""Five set-ups in which all is well: `osler check` says nothing."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scene import CPU, Scene, clean_scene

from osler.checks.machine import GIB


def csv_lora(scene: Scene) -> None:
    """Question and answer columns, LoRA on a CPU."""


def messages_full(scene: Scene) -> None:
    """Conversations of two turns in JSON Lines, full tuning, a system message."""
    pairs = zip(scene.rows[::2], scene.rows[1::2], strict=True)
    lines = [
        {
            "topic": first["topic"],
            "messages": [
                {"role": role, "content": row[column]}
                for row in (first, second)
                for role, column in (("user", "question"), ("assistant", "answer"))
            ],
        }
        for first, second in pairs
    ]
    (scene.folder / "talk.jsonl").write_text("\n".join(map(json.dumps, lines)))
    scene.data["sources"] = [
        {"type": "jsonl", "path": "talk.jsonl", "licence": "CC0-1.0", "columns": {"group": "topic"}}
    ]
    scene.data.update({"system": "You answer like a careful clinician.", "max_length": 400})
    scene.recipe["train"] = {
        "method": "full", "learning_rate": 5e-4, "num_train_epochs": 2, "save_steps": 10,
    }  # fmt: skip


def text_pretrain(scene: Scene) -> None:
    """Plain text from random weights, packed."""
    folder = scene.folder / "notes"
    folder.mkdir()
    for index, row in enumerate(scene.rows):
        (folder / f"{index}.txt").write_text(f"{row['question']}\n{row['answer']}\n")
    scene.data["sources"] = [{"type": "text", "path": "notes", "licence": "CC-BY-4.0"}]
    scene.recipe["model"]["init"] = "random"
    scene.recipe["train"] = {
        "objective": "pretrain", "method": "full", "learning_rate": 3e-3, "save_steps": 10,
    }  # fmt: skip


def alpaca_own_split(scene: Scene) -> None:
    """Alpaca files that come with their own split."""
    for name, rows in (("train", scene.rows[:100]), ("test", scene.rows[100:])):
        lines = [
            {"instruction": "Answer the question.", "input": row["question"],
             "output": row["answer"], "group": row["topic"]}
            for row in rows
        ]  # fmt: skip
        (scene.folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    scene.data["validation_share"] = 0
    scene.data["sources"] = [
        {"type": "jsonl", "path": f"{name}.jsonl", "licence": "MIT", "side": name}
        for name in ("train", "test")
    ]


def parquet_qlora_cuda(scene: Scene) -> None:
    """Parquet, QLoRA, packed, on a CUDA card, with early stopping."""
    table = pa.Table.from_pylist(
        [
            {"prompt": r["question"], "completion": r["answer"], "group": r["topic"], "year": 2026}
            for r in scene.rows
        ]
    )
    pq.write_table(table, scene.folder / "rows.parquet")
    scene.data["sources"] = [{"type": "parquet", "path": "rows.parquet", "licence": "CC0-1.0"}]
    scene.train.update(
        {
            "method": "qlora", "optim": "paged_adamw_8bit", "packing": True,
            "num_train_epochs": 10, "save_steps": 10, "early_stopping_patience": 2,
        }
    )  # fmt: skip
    scene.machine = dataclasses.replace(
        CPU, device="cuda", name="card", memory=24 * GIB, bf16=True, capability=(9, 0), rate=8e14
    )


SCENES = [csv_lora, messages_full, text_pretrain, alpaca_own_split, parquet_qlora_cuda]


@pytest.mark.parametrize("change", SCENES, ids=lambda change: change.__name__)
def test_raises_no_alarm(change: Callable[[Scene], None], tmp_path: Path, tiny_model: Path) -> None:
    scene = clean_scene(tmp_path, tiny_model)
    change(scene)
    examined = scene.examine()
    assert [str(finding) for finding in examined.findings] == []
    assert examined.rows is not None  # the look went all the way
