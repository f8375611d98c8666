"""The model card: what the model is, what it is not for, and what is known about its worth.

Everything in it comes from the run's own files. It holds no example text, and no path, user or
host of this machine.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from osler.disk import atomic_writer, read_json
from osler.model import nano_path
from osler.prompts import trained_prompts
from osler.recipe import NANO, Model, Recipe, is_hub_id
from osler.recipe_sources import source_labels
from osler.rows import read_rows
from osler.run import Run

UNKNOWN_LICENCE = (
    "The licence of the base model is not stated in its files. It binds this model too: look it up "
    "before you pass this model on."
)
CLOSED_DATA = (
    "Not all of the data is under an open licence, so that none is given for these weights: "
    "whoever made them says who may have them."
)
INTENDED = """\
Research on language models for medical text: to study, compare and improve answers like those of
the data below, in the language of that data, with a person reading every answer."""
OUT_OF_SCOPE = """\
- It does not give medical advice, and is not a medical device.
- Not for diagnosis, triage, prescribing, dosing, or any decision about a person's care.
- Not for emergencies: call the emergency number of your country.
- Not for use by patients without a clinician who checks each answer.
- Its answers can be fluent and wrong, out of date, or biased as its base and data are."""
SETTINGS = (
    "objective", "method", "learning_rate", "lr_scheduler_type", "warmup_steps",
    "num_train_epochs", "max_steps", "per_device_train_batch_size", "gradient_accumulation_steps",
    "optim", "weight_decay", "max_grad_norm", "packing",
)  # fmt: skip
LORA_SETTINGS = ("r", "lora_alpha", "lora_dropout", "target_modules", "use_rslora", "use_dora")


@dataclass(frozen=True)
class CardFacts:
    """What the card says of the merged model itself."""

    architecture: str
    parameters: int
    dtype: str

    @classmethod
    def of(cls, model: Any) -> CardFacts:
        """Read from a loaded model."""
        name, dtype = type(model).__name__, str(model.dtype).removeprefix("torch.")
        return cls(name, model.num_parameters(), dtype)


def write_card(path: Path, run: Run, facts: CardFacts | None, proof: str) -> None:
    """Write README.md of an exported folder; `facts` is None for an adapter alone."""
    with atomic_writer(path) as out:
        out.write(card(run, facts, proof))


def card(run: Run, facts: CardFacts | None, proof: str) -> str:
    """The card's text: a YAML head and sections in Markdown."""
    recipe = run.recipe
    report: dict[str, Any] = read_json(run.path / "data" / "report.json")
    licence = base_licence(recipe.model, run.recipe_folder)
    head = yaml.safe_dump(_head(recipe, report, licence, facts), sort_keys=False)
    about = f"{base_in_words(recipe.model)}, trained with Osler."
    if facts is not None:
        about += f" {facts.architecture}, {facts.parameters:,} parameters, {facts.dtype}."
    sections = {
        "Intended use": INTENDED,
        "Out-of-scope use": OUT_OF_SCOPE,
        "How to load": _how_to_load(recipe, facts) + _prompts(run),
        "Training data": _training_data(run, report),
        "Training procedure": _procedure(run),
        "Evaluation": _evaluation(run),
        "Proof": proof,
        "Licence and attribution": _attribution(recipe, report, licence),
    }
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections.items())
    return f"---\n{head}---\n\n# {recipe.name}\n\n{about}\n\n{body}\n"


def _head(
    recipe: Recipe, report: dict[str, Any], licence: str | None, facts: CardFacts | None
) -> dict[str, Any]:
    """The YAML head as the Hub reads it. Its licence ids are SPDX's in lower case.

    The base's licence stands there only when all data is open, too.
    """
    model = recipe.model
    known = licence.lower() if licence and not _closed(report) else "other"
    head: dict[str, Any] = {"license": known}
    if is_hub_id(model.id) and model.init == "pretrained":  # the Hub knows no other names
        head |= {"base_model": model.id, "base_model_revision": model.revision}
    if model.init == "pretrained":
        head["base_model_relation"] = "adapter" if facts is None else "finetune"
    head |= {
        "library_name": "peft" if facts is None else "transformers",
        "pipeline_tag": "text-generation",
    }
    if hub := sorted(source.id for source in recipe.data.sources if source.type == "hub"):
        head["datasets"] = hub  # the Hub knows no other names
    if recipe.data.language:
        head["language"] = recipe.data.language
    head |= {
        "tags": ["osler", "medical", recipe.train.objective, recipe.train.method],
    }
    return head


OPEN = ("apache", "bsd", "cc-by", "cc0", "mit", "odc", "pddl", "public domain", "unlicense")
"""How licences of open data and software begin."""


def _closed(report: dict[str, Any]) -> list[str]:
    """Sources whose licence is not an open one, or is not stated."""
    terms: dict[str, str | None] = report["licences"]
    return [name for name, said in terms.items() if not (said or "").lower().startswith(OPEN)]


def base_in_words(model: Model) -> str:
    """The base model by its public name; a local folder's name stays on this machine."""
    if model.init == "random":
        return "Fresh weights, drawn at random"
    if is_hub_id(model.id):
        return f"[{model.id}](https://huggingface.co/{model.id}) at revision `{model.revision}`"
    if model.id == NANO:
        return "`nano`, the base model inside the Osler package"
    return "A model from a local folder"


def base_licence(model: Model, folder: Path) -> str | None:
    """The licence in the head of the base model's own card, where that is on this machine."""
    if model.init == "random":
        return None
    if model.id == NANO:
        readme: Path | None = nano_path() / "README.md"
    elif is_hub_id(model.id):
        from huggingface_hub import try_to_load_from_cache

        found = try_to_load_from_cache(model.id, "README.md", revision=model.revision)
        readme = Path(found) if isinstance(found, str) else None
    else:
        readme = folder / model.id / "README.md"
    if readme is None or not readme.is_file():
        return None
    text = readme.read_text(encoding="utf-8", errors="replace")
    if not text.startswith("---\n"):
        return None
    try:
        head = yaml.safe_load(text.split("---\n")[1])
    except yaml.YAMLError:
        return None
    licence = head.get("license") if isinstance(head, dict) else None
    return licence if isinstance(licence, str) and licence.lower() != "other" else None


def _public_names(recipe: Recipe) -> dict[str, str]:
    """Label of each source -> what the public may know of it; a file's name may be a patient's."""
    labels = source_labels(recipe.data.sources)
    return {
        label: label
        if source.type in ("public", "hub", "embedded")
        else f"data of its maker's own ({source.type}, sources[{index}])"
        for index, (label, source) in enumerate(zip(labels, recipe.data.sources, strict=True))
    }


def _prompts(run: Run) -> str:
    """The system messages that it was trained with, by task."""
    lines = [f"- {task}: {one.text}" for task, one in trained_prompts(run.path).items()]
    head = "\n\nIt was trained with a system message for each task:\n\n"
    return head + "\n".join(lines) if lines else ""


def _how_to_load(recipe: Recipe, facts: CardFacts | None) -> str:
    kind = "AutoPeftModelForCausalLM" if facts is None else "AutoModelForCausalLM"
    package = "peft" if facts is None else "transformers"
    imports = (
        f"from {package} import {kind}\nfrom transformers import AutoTokenizer"
        if facts is None
        else f"from {package} import {kind}, AutoTokenizer"
    )
    text = (
        f"```python\n{imports}\n"
        'tokenizer = AutoTokenizer.from_pretrained("FOLDER")\n'
        f'model = {kind}.from_pretrained("FOLDER")\n'
    )
    if recipe.train.objective == "pretrain":
        return text + "```\n\nIt continues text; it was not taught to answer."
    system = recipe.data.system
    turns = [] if system is None else [f'{{"role": "system", "content": {json.dumps(system)}}}']
    turns.append('{"role": "user", "content": "…"}')
    text += (
        f"messages = [{', '.join(turns)}]\n"
        "inputs = tokenizer.apply_chat_template(messages, add_generation_prompt=True,\n"
        '                                       return_dict=True, return_tensors="pt")\n'
        "answer = model.generate(**inputs, max_new_tokens=256)[0]\n"
        'print(tokenizer.decode(answer[inputs["input_ids"].shape[1]:], skip_special_tokens=True))\n'
        "```\n\nPrompts go through the tokenizer's chat template, as in training."
    )
    if system is not None:
        text += " It was trained with the system message above."
    return text


def _training_data(run: Run, report: dict[str, Any]) -> str:
    """Sources with licences and rows; test rows are counted by the data stage, not opened here."""
    rows = {
        split: Counter(row.source for row in read_rows(run.path / "data" / f"{split}.jsonl"))
        for split in ("train", "validation")
    }
    lines = ["| source | licence | training rows | validation rows |", "|---|---|---:|---:|"]
    names = _public_names(run.recipe)
    for source, licence in report["licences"].items():
        counts = f"{rows['train'][source]} | {rows['validation'][source]}"
        lines.append(f"| {names[source]} | {licence or 'not stated'} | {counts} |")
    kept = ", ".join(f"{split} {n}" for split, n in report["kept"].items())
    lines += ["", f"{report['input']} rows were read. Kept: {kept}."]
    if report.get("dropped"):
        dropped = ", ".join(f"{reason} {n}" for reason, n in report["dropped"].items())
        lines.append(f"Left out: {dropped}.")
    if sum(report["groups"].values()) < sum(report["kept"].values()):
        lines.append("The sides were drawn by group, so no group is on two of them.")
    else:
        lines.append("Every row is a group of its own: rows were taken to be independent.")
    return "\n".join(lines)


def _procedure(run: Run) -> str:
    settings = run.recipe.train
    steps = run.record("train").get("steps", "not recorded")
    lines = [f"- steps taken: {steps}", f"- seed: {run.recipe.seed}"]
    lines += [f"- {name}: {getattr(settings, name)}" for name in SETTINGS]
    lines.append(f"- data.max_length: {run.recipe.data.max_length}")
    if settings.method != "full":
        lines += [f"- lora.{name}: {getattr(settings.lora, name)}" for name in LORA_SETTINGS]
    if settings.extra:
        lines.append(f"- further SFTConfig settings: {', '.join(sorted(settings.extra))}")
    best = run.record("train").get("best_step")
    if best is not None:
        lines.append(f"- weights kept: those of step {best}, of the lowest validation loss")
    versions = read_json(run.path / "recipe.lock.json")["versions"]
    lines.append("- versions: " + ", ".join(f"{name} {v}" for name, v in versions.items()))
    return "\n".join(lines)


def _evaluation(run: Run) -> str:
    """The verdict's sentences as the evaluation wrote them."""
    path = run.path / "evaluate" / "results.json"
    if not path.is_file():
        return "Not evaluated: nothing is known about whether it is better than its base."
    results: dict[str, Any] = read_json(path)
    if "tasks" not in results:
        return _examined(results)
    found: dict[str, Any] = results["tasks"]
    return "\n\n".join(f"### {task}\n\n{_examined(one)}" for task, one in found.items())


def _examined(results: dict[str, Any]) -> str:
    """The verdicts and the means of one examination."""
    systems: dict[str, Any] = results["systems"]
    lines = [f"Examined on held-out groups: {', '.join(systems)}.", ""]
    lines += [f"- **{name}**: {sentence}" for name, sentence in results["verdict"].items()]
    means = {name: system.get("measures", {}) for name, system in systems.items()}
    measures = list(dict.fromkeys(measure for found in means.values() for measure in found))
    about: dict[str, Any] = results["measures"]
    if measures:
        lines += ["", f"| mean | {' | '.join(means)} |", "|---|" + "---:|" * len(means)]
    for measure in measures:
        cells = [
            f"{found[measure]['mean']:.4g}" if measure in found else "" for found in means.values()
        ]
        unit, better = about[measure]["unit"], about[measure]["better"]
        what = ", ".join(x for x in (unit, f"{better} is better" * (better != "neither")) if x)
        name = f"{about[measure]['label']} ({what})" if what else about[measure]["label"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _attribution(recipe: Recipe, report: dict[str, Any], licence: str | None) -> str:
    """Who made what this model is made of, and under which licence."""
    lines = [f"- Base model: {base_in_words(recipe.model)} ({licence or 'licence not stated'})."]
    attributions: dict[str, str] = report.get("attributions", {})
    names = _public_names(recipe)
    for source, terms in report["licences"].items():
        credit = f" {attributions[source]}" if source in attributions else ""
        lines.append(f"- Data: {names[source]} ({terms or 'licence not stated'}).{credit}")
    if licence is None and recipe.model.init == "pretrained":
        lines += ["", UNKNOWN_LICENCE]
    if _closed(report):
        lines += ["", CLOSED_DATA]
    return "\n".join(lines)
