"""Finding, checking and loading a base model, with or without a trained adapter.

Only safetensors are read, no code of a model's own is run, and nothing is fetched unless the
recipe names a Hub id.
"""

from __future__ import annotations

import json
from importlib import import_module, resources
from pathlib import Path
from typing import Any, cast

from osler.errors import UserError
from osler.recipe import NANO, Model, is_hub_id
from osler.run import Run

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


def nano_path() -> Path:
    """Folder of the base model inside the package."""
    return Path(str(resources.files("osler") / "assets" / "nano"))


def resolve(model: Model, folder: Path) -> str:
    """The Hub id, or the local folder after a look that it can be loaded.

    Raises `UserError` for a missing folder, one without config, tokenizer or weights, or one
    with pickled weights only.
    """
    if is_hub_id(model.id):
        return model.id
    path = nano_path() if model.id == NANO else (folder / model.id)
    if not path.is_dir():
        raise UserError(
            f"model.id: {model.id} is neither 'nano', a Hub id nor a folder that is there.",
            "Give owner/name with a revision, or a path that starts with ./ or /.",
        )
    _check_folder(path, model)
    return str(path)


def _check_folder(path: Path, model: Model) -> None:
    names = {file.name for file in path.iterdir()}
    if "config.json" not in names:
        raise UserError(
            f"model.id: {model.id} has no config.json, so it is not a model folder.",
            "Give the folder that holds config.json, the tokenizer and *.safetensors.",
        )
    if not names & {"tokenizer.json", "tokenizer.model", "vocab.json"}:
        raise UserError(
            f"model.id: {model.id} has no tokenizer (tokenizer.json).",
            "Copy the tokenizer's files of the same model into that folder.",
        )
    try:
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except ValueError as fault:
        raise _not_loadable(model, "config.json", fault) from None
    if not isinstance(config, dict):
        raise _not_loadable(model, "config.json", ValueError("not a JSON object"))
    if cast(dict[str, Any], config).get("auto_map"):
        raise UserError(
            f"model.id: {model.id} brings Python code of its own (auto_map), which is never run.",
            "Use a model whose architecture is part of transformers.",
        )
    if model.init == "random" or any(name.endswith(".safetensors") for name in names):
        return
    pickled = sorted(name for name in names if name.endswith(PICKLES))
    there = f"pickled weights ({pickled[0]})" if pickled else "no weights"
    raise UserError(
        f"model.id: {model.id} has {there}; only safetensors are read, because loading a pickle "
        "can run any code.",
        "Convert with `model.save_pretrained(folder)` on a machine you trust, and use the result.",
    )


def load_tokenizer(model: Model, folder: Path) -> Any:
    """The model's tokenizer, with a padding token that is not the end-of-sequence token.

    pad = eos would let collators mask the end of sequence, and the model never learns to stop.
    """
    from transformers import AutoTokenizer

    name = resolve(model, folder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            name, revision=model.revision, trust_remote_code=False
        )
    except (OSError, ValueError) as fault:
        raise _not_loadable(model, "tokenizer", fault) from None
    if tokenizer.eos_token is None:
        raise UserError(
            f"model.id: the tokenizer of {model.id} has no eos_token.",
            "Set eos_token in tokenizer_config.json.",
        )
    if tokenizer.pad_token is None or tokenizer.pad_token == tokenizer.eos_token:
        spare = tokenizer.unk_token or tokenizer.bos_token
        if spare is not None and spare != tokenizer.eos_token:
            tokenizer.pad_token = spare  # our collators mask by position, never by this id
    tokenizer.model_max_length = 10**9  # lengths are checked by the data stage, loudly
    return tokenizer


def load_config(model: Model, folder: Path) -> Any:
    """The model's transformers config."""
    from transformers import AutoConfig

    name = resolve(model, folder)
    try:
        return AutoConfig.from_pretrained(name, revision=model.revision, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as fault:
        raise _not_loadable(model, "config", fault) from None


def device() -> str:
    """`cuda`, `mps` or `cpu`: the best that torch sees."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def weight_dtype(model: Model, *, train_all: bool) -> Any:
    """The torch dtype the base is held in.

    Full tuning on `auto` holds float32 weights (bfloat16 ones lose small updates) and computes
    in bfloat16 where the device has it.
    """
    import torch

    if model.dtype != "auto":
        return getattr(torch, model.dtype)
    if train_all or device() != "cuda" or not torch.cuda.is_bf16_supported():
        return torch.float32
    return torch.bfloat16


def load_base(
    model: Model,
    folder: Path,
    *,
    train_all: bool = False,
    four_bit: bool = False,
    attention: str | None = None,
    check: bool = True,
    place: bool = True,
) -> Any:
    """The base model on the best device (`place=False`: on the CPU), in eval mode.

    `train_all`: all weights will be trained. `four_bit`: NF4 with double quantisation.
    `attention`: None for PyTorch's own, or the plain one where the model asks for more than that.
    `check=False`: a folder of our own writing, with weights but no tokenizer.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM

    dtype = weight_dtype(model, train_all=train_all)
    if model.init == "random":
        base: Any = AutoModelForCausalLM.from_config(
            load_config(model, folder), dtype=dtype, attn_implementation=attention
        )
        return base.to(device() if place else "cpu").eval()
    options: dict[str, Any] = {"dtype": dtype, "attn_implementation": attention}
    if four_bit:
        options["quantization_config"] = nf4_config(dtype)
        options["device_map"] = {
            "": torch.cuda.current_device() if device() == "cuda" else device()
        }
    name = resolve(model, folder) if check else model.id
    try:
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            name,
            revision=model.revision,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # refused below, in our words
            **options,
        )
    except (OSError, ValueError, SafetensorError) as fault:
        raise _not_loadable(model, "weights", fault) from None
    base, found = loaded
    _refuse_unlike(model, found)
    if four_bit:
        keep_gradients_right(base)
        return base.eval()
    return base.to(device() if place else "cpu").eval()


def _refuse_unlike(model: Model, found: dict[str, Any]) -> None:
    """transformers would only warn, and go on with random numbers in their place."""
    other_shape = [key if isinstance(key, str) else key[0] for key in found["mismatched_keys"]]
    for names, what in ((found["missing_keys"], "missing"), (other_shape, "of another shape")):
        if names:
            raise UserError(
                f"model.id: of the weights that the config.json of {model.id} asks for, "
                f"{len(names)} are {what} ({min(names)} first).",
                "Get all of its *.safetensors, and the config.json that belongs to them.",
            )


def nf4_config(dtype: Any) -> Any:
    """bitsandbytes' NF4 with double quantisation (Dettmers et al. 2023)."""
    from transformers import BitsAndBytesConfig

    try:
        import_module("bitsandbytes")
    except ImportError:
        raise UserError(
            "train.method=qlora needs bitsandbytes, which is not installed.",
            "pip install 'osler[qlora]', or set train.method=lora.",
        ) from None
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,  # transformers' default is float32: slow on a GPU
    )


def keep_gradients_right(model: Any) -> None:
    """Stop bitsandbytes from repacking 4-bit weights for AVX512-BF16 in eval mode.

    Its repacked product has no backward pass, so after one evaluation the adapter's gradients
    would be wrong by half (seen in 0.50.2). May go once bitsandbytes unpacks on `train()`.
    """
    for module in model.modules():
        if type(module).__name__ == "Linear4bit":
            module.support_avx512bf16_for_cpu = False


def load_adapter(base: Any, adapter: Path) -> Any:
    """The base with a PEFT adapter on it, in eval mode."""
    from peft import PeftModel

    if not (adapter / "adapter_model.safetensors").is_file():
        raise UserError(
            f"{adapter}: no adapter_model.safetensors there.", "Train first: osler train RECIPE"
        )
    return PeftModel.from_pretrained(base, str(adapter), use_safetensors=True).eval()


def _not_loadable(model: Model, what: str, fault: Exception) -> UserError:
    # Only the first sentence: the rest of transformers' text is advice for other situations.
    reason = str(fault).strip().split("\n")[0].split(". ")[0][:200]
    cure = (
        "Without a network, download the model once with `hf download`, or give a "
        "local folder as model.id."
        if is_hub_id(model.id)
        else "Check that the folder is complete; saving it again with save_pretrained helps."
    )
    return UserError(f"model.id: the {what} of {model.id} cannot be loaded ({reason}).", cure)


def load_untuned(run: Run) -> Any:
    """The base model of a run, as training saw it (4-bit for qlora)."""
    recipe = run.recipe
    if recipe.model.init == "random":
        from transformers import set_seed

        set_seed(recipe.seed)  # the weights that training drew, not others
    return load_base(recipe.model, run.recipe_folder, four_bit=recipe.train.method == "qlora")


def load_tuned(run: Run) -> Any:
    """The model that a run's training ended with: base with adapter, or the full model."""
    trained = run.tuned_weights
    if run.recipe.train.method != "full":
        return load_adapter(load_untuned(run), trained)
    if not (trained / "config.json").is_file():
        raise UserError(
            f"{trained.parent}: no trained model there.", "Train first: osler train RECIPE"
        )
    model = run.recipe.model.model_copy(
        update={"id": str(trained.resolve()), "revision": None, "init": "pretrained"}
    )
    return load_base(model, Path(), check=False)
