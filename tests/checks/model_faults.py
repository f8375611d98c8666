"""Faults of a base model's folder."""

from __future__ import annotations

import json

from scene import TEMPLATE, Scene, fault


@fault("a model folder without tokenizer", "model", "no tokenizer")
def a_model_folder_without_tokenizer(s: Scene) -> None:
    (s.model / "tokenizer.json").unlink()


@fault("pickled weights", "model", "pickled weights")
def pickled_weights(s: Scene) -> None:
    (s.model / "model.safetensors").rename(s.model / "pytorch_model.bin")


@fault("a base model without chat template", "no-chat-template")
def a_base_model_without_chat_template(s: Scene) -> None:
    (s.model / "chat_template.jinja").unlink()


@fault("a template that never ends the answer", "no-end-of-turn")
def a_template_that_never_ends_the_answer(s: Scene) -> None:
    s.set_template(TEMPLATE.replace("<|end|>", "\n"))


@fault("a template that renders the prompt anew once answered", "prompt-differs")
def a_template_that_renders_the_prompt_anew(s: Scene) -> None:
    s.set_template("{{ messages | length }} messages:" + TEMPLATE)


@fault("a template that writes the day's date", "template-with-date")
def a_template_that_writes_the_days_date(s: Scene) -> None:
    s.set_template("Today is {{ strftime_now('%d %b %Y') }}. " + TEMPLATE)


@fault("a template without place for the system message", "system-not-in-template")
def a_template_without_place_for_the_system(s: Scene) -> None:
    s.set_template(
        "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        + TEMPLATE
    )
    s.data["system"] = "You answer in one sentence."


def of_answer(filtered: str) -> str:
    """The template with another expression for the content of an assistant's turn."""
    return TEMPLATE.replace("{{ m['content'] }}", "{{ %s }}" % filtered, 1)  # noqa: UP031


@fault("a template that cuts the answer", "data", "alters the answer")
def a_template_that_cuts_the_answer(s: Scene) -> None:
    s.set_template(of_answer("m['content'][:20]"))


@fault("a template that lower-cases the answer", "data", "row r0-0")
def a_template_that_lowercases_the_answer(s: Scene) -> None:
    s.set_template(of_answer("m['content'] | lower"))


@fault("a template that leaves the question out", "data", "message 1 of the prompt (user)")
def a_template_that_leaves_the_question_out(s: Scene) -> None:
    s.set_template(TEMPLATE.replace("<|{{ m['role'] }}|>{{ m['content'] }}", "<|{{ m['role'] }}|>"))


@fault("a template that drops the reasoning", "data", "what stands before </think>")
def a_template_that_drops_the_reasoning(s: Scene) -> None:
    s.set_template(of_answer("m['content'].split('</think>')[-1].strip()"))
    s.answers(lambda text: f"<think>Case by case.</think>{text}")


@fault("a template that computes too much", "broken-template", "OverflowError")
def a_template_that_computes_too_much(s: Scene) -> None:
    s.set_template("{{ 2.0 ** 99999 }}" + TEMPLATE)


@fault("a tokenizer larger than the embedding", "tokenizer-too-large")
def a_tokenizer_larger_than_the_embedding(s: Scene) -> None:
    s.edit_json("config.json", vocab_size=100)


@fault("pad = eos", "pad-is-eos")
def pad_eos(s: Scene) -> None:
    s.edit_json("tokenizer_config.json", pad_token="<|end|>")


@fault("an end of turn that is several tokens", "end-not-trained")
def an_end_of_turn_that_is_several(s: Scene) -> None:
    tokenizer = json.loads((s.model / "tokenizer.json").read_text())
    tokenizer["pre_tokenizer"] = {
        "type": "Sequence",
        "pretokenizers": [tokenizer["pre_tokenizer"]],
    }
    for token in tokenizer["added_tokens"]:
        if token["content"] == "<|end|>":
            token["rstrip"] = token["lstrip"] = False
            token["single_word"] = True  # then it is no token where a letter touches it
    (s.model / "tokenizer.json").write_text(json.dumps(tokenizer))
    s.answers(lambda text: text.rstrip("."))


@fault("an encoder in place of a language model", "not-a-causal-model")
def an_encoder_in_place_of_a_language(s: Scene) -> None:
    s.edit_json("config.json", architectures=["LlamaForSequenceClassification"])


@fault("rows beyond the model's context", "beyond-context")
def rows_beyond_the_models_context(s: Scene) -> None:
    s.edit_json("config.json", max_position_embeddings=128)


@fault("a code model for prose", "code-model")
def a_code_model_for_prose(s: Scene) -> None:
    s.model.rename(s.folder / "tiny-coder")
    s.model = s.folder / "tiny-coder"
    s.recipe["model"]["id"] = "./tiny-coder"


@fault("a base model without licence", "base-licence-unknown")
def a_base_model_without_licence(s: Scene) -> None:
    (s.model / "README.md").unlink()


@fault("a mixture of experts", "plain-path", "mixture of experts")
def a_mixture_of_experts(s: Scene) -> None:
    s.edit_json("config.json", model_type="mixtral", architectures=["MixtralForCausalLM"],
                num_local_experts=4, num_experts_per_tok=2)  # fmt: skip


@fault("recurrent layers with packed rows", "model", "would see each other")
def recurrent_layers_with_packed_rows(s: Scene) -> None:
    s.edit_json("config.json", model_type="mamba", architectures=["MambaForCausalLM"])
    s.train["packing"] = True


@fault("packed rows of a model whose mask knows no documents", "model", "would see each other")
def packed_rows_without_documents(s: Scene) -> None:
    s.edit_json("config.json", model_type="opt", architectures=["OPTForCausalLM"], ffn_dim=64,
                word_embed_proj_dim=32)  # fmt: skip
    s.train["packing"] = True


@fault("layers that PEFT must not touch", "adapter-refused", "incompatible")
def layers_that_peft_must_not_touch(s: Scene) -> None:
    s.edit_json("config.json", model_type="mamba", architectures=["MambaForCausalLM"])
    s.train["method"] = "lora"


@fault("a model with an encoder", "model", "has an encoder")
def a_model_with_an_encoder(s: Scene) -> None:
    s.edit_json("config.json", model_type="bart", architectures=["BartForConditionalGeneration"],
                is_encoder_decoder=True)  # fmt: skip
