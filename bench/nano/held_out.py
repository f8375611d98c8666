"""Bits per byte of nano on text it has never seen, beside a unigram and gzip.

    python bench/nano/held_out.py [--out bench/results/nano_held_out.json]

Needs the sources of the recipe nano-pretrain (`osler fetch`, or OSLER_DATA). The texts are the
test groups of that recipe; the split is a hash of the group's name. About twenty minutes on two
cores.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from osler.data.prepare import plan
from osler.disk import write_json
from osler.evaluate.likelihood import likelihoods, total_bits_per_byte
from osler.evaluate.plain_text import gzip_bits_per_byte, unigram_costs
from osler.model import load_base, load_tokenizer
from osler.recipe import Model
from osler.recipe_file import load_recipe
from osler.run import installed_versions, now


def measure() -> dict[str, Any]:
    """Bits per byte by source, of nano, a unigram over its tokens, and gzip."""
    recipe = load_recipe("nano-pretrain").recipe
    prepared = plan(recipe, Path())
    rows, nano = prepared.rows["test"], Model()
    tokenizer = load_tokenizer(nano, Path())
    costs = likelihoods(
        load_base(nano, Path()),
        tokenizer,
        rows,
        system=None,
        window=recipe.data.max_length,
        batch_size=8,
        label="nano on held-out text",
    )
    unigram = unigram_costs(tokenizer, prepared.rows["train"], rows)
    table: dict[str, Any] = {}
    for source in ["all", *dict.fromkeys(row.source for row in rows)]:
        own = [i for i, row in enumerate(rows) if source in ("all", row.source)]
        table[source] = {
            "texts": len(own),
            "groups": len({rows[i].group for i in own}),
            "tokens": sum(costs[i].tokens for i in own),
            "nano": round(total_bits_per_byte([costs[i] for i in own]), 4),
            "unigram": round(total_bits_per_byte([unigram[i] for i in own]), 4),
            "gzip": round(gzip_bits_per_byte([rows[i] for i in own]), 4),
        }
    trained = sum(t.n_trained for t in prepared.tokens["train"])
    return {"training_tokens_unique": trained, "bits_per_byte": table}


def main() -> None:
    """Measure, print, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("bench/results/nano_held_out.json"))
    out = parser.parse_args().out
    found = {"date": now(), "versions": installed_versions(), **measure()}
    write_json(out, found)
    for source, row in found["bits_per_byte"].items():
        print(f"{source:18} " + "  ".join(f"{key} {value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
