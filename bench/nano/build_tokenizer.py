"""Build nano's tokenizer and config: `python bench/nano/build_tokenizer.py`.

An 8,192-piece byte-level BPE, trained on the training groups only of what nano is pre-trained on.
Needs the sources of the recipe nano-pretrain (`osler fetch`, or OSLER_DATA).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, PreTrainedTokenizerFast

from osler.data.sources import read_source
from osler.data.split import side_of
from osler.model import nano_path
from osler.recipe_file import load_recipe
from osler.rows import Row

VOCABULARY = 8192
CONTEXT = 2048
SPECIAL = ["<|endoftext|>", "<|pad|>", "<|system|>", "<|user|>", "<|assistant|>"]
# Words with their leading space, numbers digit by digit (so that 140 and 14 share pieces in the
# same way everywhere), punctuation apart.
WORDS = r"'(?:[sdmt]|ll|ve|re)|\d| ?\p{L}+| ?[^\s\p{L}\d]+|\s+(?!\S)|\s+"

TEMPLATE = """\
{%- for message in messages -%}
{%- if message['role'] == 'assistant' -%}
<|assistant|>
{{ message['content'] | trim }}<|endoftext|>
{%- else -%}
<|{{ message['role'] }}|>
{{ message['content'] | trim }}
{% endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
<|assistant|>
{% endif -%}
"""


def training_texts() -> Iterator[str]:
    """Text of every training group of the recipe nano-pretrain."""
    recipe = load_recipe("nano-pretrain").recipe
    for index, source in enumerate(recipe.data.sources):
        for row in read_source(source, index, Path(), objective="pretrain"):
            if isinstance(row, Row) and row.text is not None:
                side = side_of(
                    row.group,
                    validation_share=recipe.data.validation_share,
                    test_share=recipe.data.test_share,
                )
                if side == "train":
                    yield row.text


def build(folder: Path) -> None:
    """Write tokenizer and config into the folder."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=2,
    )
    bpe.train_from_iterator(training_texts(), trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token="<|endoftext|>", pad_token="<|pad|>"
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.model_max_length = CONTEXT
    tokenizer.save_pretrained(str(folder))
    LlamaConfig(
        architectures=["LlamaForCausalLM"],
        vocab_size=VOCABULARY,
        hidden_size=384,
        intermediate_size=896,
        num_hidden_layers=6,
        num_attention_heads=6,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        rms_norm_eps=1e-5,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        dtype="bfloat16",
    ).save_pretrained(str(folder))


if __name__ == "__main__":
    build(nano_path())
