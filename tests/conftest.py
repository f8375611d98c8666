"""Small real things that many tests need: a tiny model with a chat template, and rows."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# The models are so small that threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

CHAT_TEMPLATE = (
    "{% for m in messages %}"
    "{% if m['role'] == 'assistant' %}<|assistant|>{{ m['content'] }}<|end|>"
    "{% else %}<|{{ m['role'] }}|>{{ m['content'] }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)

CONDITIONS = (
    "asthma", "gout", "migraine", "anemia", "measles", "psoriasis", "eczema", "glaucoma", "lupus",
    "malaria", "mumps", "rubella", "tetanus", "shingles", "cataract", "epilepsy", "stroke", "acne",
    "celiac disease", "dengue",
)  # fmt: skip


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random two-layer Llama (fp32, about 60 k weights) and its tokenizer."""
    return make_tiny_model(tmp_path_factory.mktemp("tiny-model"))


def make_tiny_model(folder: Path, texts: Sequence[str] = ()) -> Path:
    """Write the tiny model into a folder, its tokenizer learnt from the texts; for bench/ too."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = texts or [text for row in question_rows() for text in row.values()]
    raw.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="<|end|>", pad_token="<|pad|>"
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(str(folder))
    save_random_llama(folder, tokenizer, hidden_size=32)
    return folder


def save_random_llama(folder: Path, tokenizer: Any, *, hidden_size: int) -> None:
    """Weights and config of two layers with four heads, of which two are for keys and values."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden_size,
        intermediate_size=2 * hidden_size,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(str(folder))


@pytest.fixture(scope="session")
def wide_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama whose layers have whole NF4 blocks of 64 weights."""
    from transformers import AutoTokenizer

    folder = tmp_path_factory.mktemp("wide-model")
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    tokenizer.save_pretrained(folder)
    save_random_llama(folder, tokenizer, hidden_size=64)
    return folder


@pytest.fixture(scope="session")
def overflowing_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with a weight so large that the first loss is not finite."""
    from safetensors.torch import load_file, save_file

    folder = tmp_path_factory.mktemp("overflowing") / "model"
    shutil.copytree(tiny_model, folder)
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"] *= 1e38
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def question_rows() -> list[dict[str, str]]:
    """Sixty questions and answers about twenty conditions, three each."""
    rows: list[dict[str, str]] = []
    for number, condition in enumerate(CONDITIONS):
        facts = {
            f"What is {condition}?": f"It is condition number {number}, called {condition}.",
            f"How is {condition} treated?": f"A clinician treats {condition} with care {number}.",
            f"Who gets {condition}?": f"Anyone can get {condition}; "
            f"about {number} in a hundred do.",
        }
        for index, (question, answer) in enumerate(facts.items()):
            rows.append(
                {
                    "id": f"{condition.replace(' ', '-')}-{index}",
                    "question": question,
                    "answer": answer,
                    "topic": condition,
                }
            )
    return rows


@pytest.fixture
def clinic_csv(tmp_path: Path) -> Path:
    """The questions as a CSV file with columns id, question, answer, topic."""
    path = tmp_path / "clinic.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, ["id", "question", "answer", "topic"])
        writer.writeheader()
        writer.writerows(question_rows())
    return path


@pytest.fixture
def recipe_file(tmp_path: Path, clinic_csv: Path, tiny_model: Path) -> Path:
    """A recipe over `clinic.csv` and the tiny model that trains in seconds."""
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"""\
name: small
model: {{id: {tiny_model}}}
data:
  sources:
    - type: csv
      path: {clinic_csv.name}
      licence: CC0-1.0
      columns: {{prompt: question, completion: answer, id: id, group: topic}}
  max_length: 256
  validation_share: 0.1
  test_share: 0.25
  near_duplicate: null
train:
  method: lora
  lora: {{r: 4}}
  learning_rate: 5.0e-3
  max_steps: 6
  per_device_train_batch_size: 4
  logging_steps: 1
  save_steps: 2
evaluate: {{max_new_tokens: 8, bertscore: false}}
export: {{prompts: 4}}
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder OSLER_DATA names; tests that need it are skipped, saying so, without it."""
    folder = os.environ.get("OSLER_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs real data: set OSLER_DATA to a folder that holds medquad/ and others")
    return Path(folder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=3M", "tmpfs", str(disk)]
    try:
        done = subprocess.run(words, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("needs a small disk: there is no mount command here")
    if done.returncode != 0:
        pytest.skip(f"needs a small disk: not permitted to mount one ({done.stderr.strip()})")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Tests marked `gpu` run only where there is one."""
    import torch

    if not torch.cuda.is_available():
        skip = pytest.mark.skip(reason="needs a CUDA device")
        for item in items:
            if "gpu" in item.keywords:
                item.add_marker(skip)
