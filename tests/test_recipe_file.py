"""Recipes: what is wrong in one is said with file, line, key and cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from osler.commands import explain
from osler.commands.recipes import copy_recipe
from osler.errors import RecipeError, UserError
from osler.recipe import Recipe
from osler.recipe_file import load_recipe, recipe_from_lock, shipped_recipes
from osler.run import Run

BASE = """\
name: small
data:
  sources:
    - {type: embedded, name: medical_qa}
train:
  method: lora
"""


def load(tmp_path: Path, text: str, *overrides: str) -> Recipe:
    path = tmp_path / "my.yaml"
    path.write_text(text, encoding="utf-8")
    return load_recipe(path, overrides).recipe


def fault(tmp_path: Path, text: str, *overrides: str) -> str:
    with pytest.raises(RecipeError) as caught:
        load(tmp_path, text, *overrides)
    return str(caught.value)


def test_an_unknown_key_is_named_with_its_line_and_a_near_one(tmp_path: Path) -> None:
    said = fault(tmp_path, BASE + "  learning_rat: 1.0\n")
    assert "my.yaml:7: train.learning_rat: unknown key" in said
    assert "Did you mean 'learning_rate'?" in said


def test_an_unknown_key_of_a_source_is_named_with_its_line(tmp_path: Path) -> None:
    text = "name: a\ndata:\n  sources:\n    - type: csv\n      path: a.csv\n      delimeter: ';'\n"
    said = fault(tmp_path, text)
    assert "my.yaml:6: data.sources[0].delimeter" in said
    assert "Did you mean 'delimiter'?" in said


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    said = fault(tmp_path, BASE + "  optimm: x\n  max_step: 3\n")
    assert said.count("unknown key") == 2


@pytest.mark.parametrize("written", ["2e-4", "2.0e-4", "0.0002", ".0002"])
def test_a_number_may_be_written_in_every_usual_way(tmp_path: Path, written: str) -> None:
    recipe = load(tmp_path, BASE + f"  learning_rate: {written}\n")
    assert recipe.train.learning_rate == pytest.approx(2e-4)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("train.max_steps", "no"),
        ("train.packing", "no"),
        ("train.packing", "on"),
        ("train.max_steps", "12:30"),
        ("train.max_steps", "0o17"),
        ("train.learning_rate", "'2e-4'"),
        ("train.learning_rate", ".inf"),
        ("evaluate.margin", ".nan"),
        ("train.weight_decay", "1e400"),
        ("train.warmup_steps", "-.inf"),
        ("train.num_train_epochs", "1e300"),
        ("train.max_steps", "0"),
        ("train.lora.target_modules", "[]"),
        ("train.lora.target_modules", "['']"),
        ("data.max_length", "1000000000000000000000000"),
        ("data.max_length", "100000000"),
        ("data.sources[0].repeat", "1000000000"),
        ("seed", "4294967296"),
        ("seed", "1.5"),
        ("name", "007"),
    ],
)
def test_a_value_of_another_kind_is_refused(tmp_path: Path, key: str, value: str) -> None:
    assert key in fault(tmp_path, BASE, f"{key}={value}")


def test_a_key_given_twice_is_refused(tmp_path: Path) -> None:
    said = fault(tmp_path, BASE + "seed: 1\nseed: 2\n")
    assert "my.yaml:8: seed is given twice (first on line 7)" in said


def test_overrides_set_nested_keys_and_items_of_lists(tmp_path: Path) -> None:
    recipe = load(
        tmp_path, BASE, "train.lora.r=8", "data.sources[0].limit=5", "data.sources.0.repeat=2"
    )
    assert recipe.train.lora.r == 8
    source = recipe.data.sources[0]
    assert (source.limit, source.repeat) == (5, 2)


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("train.lora.r", "key=value"),
        ("=3", "key=value"),
        ("data.sources[4].limit=5", "there is no '4' to set"),
        ("data.sources.first.limit=5", "there is no 'first' to set"),
        ("name.first=5", "there is no"),
        ("data.sources[²].path=x", "key=value"),
        ("data..sources=3", "key=value"),
        ("data.sources[0=3", "key=value"),
        ("train .max_steps=3", "key=value"),
        ("data.sources[9999999999999].limit=5", "key=value"),
        ("seed=[", "on the command line: seed: not valid YAML"),
        ("name=!!int x", "on the command line: name: tags"),
        ("name=*x", "on the command line: name: anchors"),
        ("name={a: 1, a: 2}", "on the command line: name: a is given twice"),
        ("train.report_to=tensorboard", "train.report_to: give a list: [tensorboard]"),
        ("train.lora.target_modules=q_proj", "list of names of layers: [q_proj]"),
        ("train.lora=3", "train.lora: give keys and values below it"),
        ("train.lora.rr=8", "Did you mean 'r'?"),
    ],
)
def test_a_wrong_override_says_what_is_wrong(tmp_path: Path, override: str, says: str) -> None:
    assert says in fault(tmp_path, BASE, override)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not"),
        ("- a\n", "is not"),
        ("name: [\n", "not valid YAML"),
        ("name: a\n", "data: is required and missing"),
        ("name: a\ndata: {sources: []}\n", "data.sources"),
        ("name: a\ndata: {sources: [{path: x}]}\n", "needs a `type`"),
        ("name: Big Name\ndata: {sources: [{type: embedded, name: medical_qa}]}\n", "name"),
        (BASE + "model: {id: Qwen/Qwen2-0.5B}\n", "osler pin"),
        (BASE + "model: {id: Qwen/Qwen2-0.5B, revision: main}\n", "40 hex digits"),
        (BASE.replace("lora", "full") + "  lora: {r: 8}\n", "no effect"),
        (
            BASE.replace("lora", "full") + "export: {merged: false}\n",
            "export.merged=false has no effect when train.method=full, for there is no adapter; "
            "remove export.merged",
        ),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(tmp_path: Path, text: str, says: str) -> None:
    assert says in fault(tmp_path, text)


def test_a_fault_of_the_command_line_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    said = fault(tmp_path, BASE + "  max_step: 3\n", "train.learning_rat=1e-4")
    assert "on the command line: train.learning_rat: unknown key" in said
    assert "my.yaml:7: train.max_step: unknown key" in said
    said = fault(tmp_path, BASE, "data.sources[0]={type: csv}")
    assert "on the command line: data.sources[0].path: is required and missing" in said


def test_keys_of_file_and_command_line_that_do_not_agree_are_both_named(tmp_path: Path) -> None:
    said = fault(tmp_path, BASE + "  lora: {r: 4}\n", "train.method=full", "seed=3")
    assert "my.yaml:5 (with train.method of the command line): train: train.lora has no" in said


NAMED = "data: {sources: [{type: embedded, name: medical_qa}]}\n"


@pytest.mark.parametrize("name", ["a" * 101, "a/b", "..", "Big", "ménière", "a b", '"a\\n"'])
def test_a_name_that_cannot_be_a_folder_is_refused_with_the_cure(tmp_path: Path, name: str) -> None:
    said = fault(tmp_path, f"{NAMED}name: {name}\n")
    assert "my.yaml:2: name: " in said
    assert "lower-case letters, digits, dot, dash" in said


# -- text that is no recipe --------------------------------------------------------------------

BOMB = "".join(
    f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(12)
)  # 9 to the power of 12 items


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: &a [*a]\n", "my.yaml:1: anchors"),
        (f"a0: &a0 [x]\n{BOMB}", "my.yaml:1: anchors"),
        ("a: 1\nb: *c\n", "my.yaml:2: anchors"),
        ("a: 1\nb: " + "[" * 3000, "my.yaml:2: more than 40 levels"),
        ("{a: " * 3000, "my.yaml:1: more than 40 levels"),
        ("- " * 3000, "my.yaml:1: more than 40 levels"),
        ("a: 1\nseed: " + "9" * 5000, "my.yaml:2: a number too large"),
        ("a: !!int abc\n", "my.yaml:1: tags"),
        ("a: !!float abc\n", "my.yaml:1: tags"),
        ("a: !!bool abc\n", "my.yaml:1: tags"),
        ("a: !!timestamp abc\n", "my.yaml:1: tags"),
        ("a: !!python/object:os.system x\n", "my.yaml:1: tags"),
        ("a: 1\nb: \0\n", "my.yaml:2: a character that is no text (U+0000)"),
        ("a: 1\nb: \x1b[0m\n", "my.yaml:2: a character that is no text (U+001B)"),
        ('a: 1\nb: "\\0"\n', "my.yaml:2: an escape that is no character"),
        ('a: 1\nb: "\\ud800"\n', "my.yaml:2: an escape that is no character"),
        ('a: 1\nb: "\\UFFFFFFFF"\n', "my.yaml:2: an escape that is no character"),
        ("a: 1\n1: x\n", "my.yaml:2: a key that is not text"),
        ("null: x\n", "my.yaml:1: a key that is not text"),
        ("a: 1\ndata:\n  true: x\n", "my.yaml:3: a key that is not text (in data)"),
        ("? [a, b]\n: c\n", "my.yaml:1: a key that is not text"),
        ("a: 1\n---\nb: 1\n", "my.yaml:2: not valid YAML"),
        ("x" * 2_000_000, "larger than 1,048,576 bytes"),
    ],
    ids=lambda text: text[:20],
)
def test_text_that_is_no_recipe_is_refused_at_once(tmp_path: Path, text: str, says: str) -> None:
    assert says in fault(tmp_path, text)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("a" * 5000, "cannot be read (File name too long)"),
        (".", "cannot be read (Is a directory)"),
        ("/proc/self/mem", "cannot be read (Input/output error)"),
    ],
    ids=["too long", "a folder", "unreadable"],
)
def test_a_path_that_cannot_be_read_is_named(path: str, says: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_copy_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    for target in (tmp_path / ("a" * 300), Path("/proc/my.yaml")):
        with pytest.raises(UserError, match="cannot be written"):
            copy_recipe("quickstart", target, force=False)


def test_a_lock_that_holds_no_recipe_is_refused(tmp_path: Path) -> None:
    for text in ("[]", "{}", "3", "[" * 100_000, '{"recipe": 3}', '{"recipe": {"name": "a"}}'):
        path = tmp_path / "recipe.lock.json"
        path.write_text(text)
        with pytest.raises(RecipeError):
            recipe_from_lock(path)


def test_a_recipe_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_bytes(BASE.encode() + "# Ménière\n".encode("latin-1"))
    with pytest.raises(RecipeError, match="not UTF-8"):
        load_recipe(path)


def test_an_unknown_name_lists_the_shipped_recipes() -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe("nano-pretrian")
    assert "Did you mean 'nano-pretrain'?" in str(caught.value)


@pytest.mark.parametrize("name", list(shipped_recipes()))
def test_every_shipped_recipe_is_read(name: str) -> None:
    assert load_recipe(name).recipe.name == name


def test_a_run_gives_back_the_recipe_it_was_made_from(recipe_file: Path, tmp_path: Path) -> None:
    loaded = load_recipe(recipe_file)
    run = Run.create(loaded, tmp_path / "run")
    assert recipe_from_lock(run.path / "recipe.lock.json") == loaded.recipe
    assert run.belongs_to(loaded.recipe)


# -- explain -----------------------------------------------------------------------------------


def test_docs_are_those_of_the_schema() -> None:
    page = Path(__file__).parents[1] / "docs" / "recipe.md"
    assert page.read_text(encoding="utf-8") == explain.markdown(), (
        "osler explain --markdown > docs/recipe.md"
    )


def test_every_key_is_documented() -> None:
    assert [knob.path for part in explain.parts() for knob in part.knobs if not knob.text] == []


def test_explain_says_type_default_and_bounds() -> None:
    said = explain.explain("train.lora.r")
    assert "Rank of the update" in said
    assert "integer" in said
    assert "16" in said
    assert "≥ 1" in said


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("train.lora", "lora_alpha"),
        ("data.sources[0].path", "data.sources.csv.path"),
        ("data.sources[0].columns.group", "one side of the split"),
        ("data.sources.jsonl.columns.group", "one side of the split"),
        ("learning_rate", "train.learning_rate"),
        ("train.optim", "paged_adamw_8bit"),
        ("train.extra", "neftune_noise_alpha"),
        ("train.extra.adam_beta1", "AdamW"),
    ],
)
def test_explain_finds_keys_as_people_write_them(key: str, says: str) -> None:
    assert says in explain.explain(key)


def test_explain_names_a_near_key() -> None:
    with pytest.raises(UserError, match=r"Did you mean 'train\.learning_rate'"):
        explain.explain("train.learning_rat")
