"""TRL's trainer where several ranks share the rows of each step, and perhaps the weights too.

N ranks do what one would do: the same rows in the same step, none twice and none left out; a
validation loss weighted by rows; and checkpoints that do not tell how many ranks wrote them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch.nn.parallel import DistributedDataParallel
from torch.utils._pytree import tree_map
from torch.utils.data import DataLoader, Sampler, SequentialSampler
from trl import SFTTrainer  # pyright: ignore[reportPrivateImportUsage]

from osler import ranks
from osler.engine.shard import is_sharded, shared_out, whole, whole_state


class EvenBatches(Sampler[list[int]]):
    """Batches of indices in order, as many for each rank: the last ones may hold no row at all.

    accelerate deals batch k to rank k mod N. Of batches in number or size that do not come out
    even it would make up the last ones from the first rows, which would then count twice.
    """

    def __init__(self, sampler: Any, rows: int, ranks: int) -> None:
        self.sampler = sampler  # accelerate puts one in its place that is seeded by epoch
        self.rows = rows
        self.ranks = ranks

    def sizes(self) -> list[int]:
        """Rows in each batch."""
        count = len(self.sampler)
        full, left = divmod(count, self.rows)
        sizes = [self.rows] * full + [left] * (left > 0)
        return sizes + [0] * (-len(sizes) % self.ranks)

    def __len__(self) -> int:
        return len(self.sizes())

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        for size in self.sizes():
            yield [next(indices) for _ in range(size)]
        for _ in indices:  # to its end, at which it counts its epoch
            pass


class SharedTrainer(SFTTrainer):
    """SFTTrainer as one of several ranks. Sharded weights come to it sharded."""

    model: Any
    optimizer: Any
    lr_scheduler: Any
    train_dataset: Any
    eval_dataset: Any
    gather_function: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not ranks.is_first():  # which draws as one rank alone would
            torch.manual_seed(self.args.seed + ranks.index())  # dropout must not be the same on all
        if is_sharded(self.model):
            _leave_model_alone(self.accelerator)
        else:
            _leave_base_alone(self.model)

    # -- the same rows ------------------------------------------------------------------------

    def get_train_dataloader(self) -> Any:
        """This rank's batches of the training rows."""
        sampler = self._get_train_sampler(self.train_dataset)
        return self._dealt(self.train_dataset, sampler, self.args.per_device_train_batch_size)

    def get_eval_dataloader(self, eval_dataset: Any = None) -> Any:
        """This rank's batches of the validation rows."""
        rows = self.args.per_device_eval_batch_size
        return self._dealt(self.eval_dataset, SequentialSampler(self.eval_dataset), rows)

    def _dealt(self, rows: Any, sampler: Any, batch: int) -> Any:
        examples: Any = self._remove_unused_columns(rows, "rows")
        loader = DataLoader(
            examples,
            batch_sampler=EvenBatches(sampler, batch, ranks.count()),
            collate_fn=self.data_collator,
            pin_memory=self.args.dataloader_pin_memory,
        )
        return self.accelerator.prepare(loader)

    def evaluation_loop(self, dataloader: Any, *args: Any, **options: Any) -> Any:
        """A look at the validation loss in which every row counts once."""
        sizes = chain(dataloader.batch_sampler.batch_sampler.sizes(), repeat(0))

        def gather(losses: torch.Tensor) -> torch.Tensor:
            found: Any = self.accelerator.gather(losses[:1])
            rows = torch.tensor([next(sizes) for _ in found], device=found.device)
            return found.repeat_interleave(rows)

        self.gather_function = gather
        return super().evaluation_loop(dataloader, *args, **options)

    # -- sharded weights ----------------------------------------------------------------------

    def _move_model_to_device(self, model: Any, device: Any) -> None:
        if not is_sharded(model):
            super()._move_model_to_device(model, device)

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Save as one rank would; all must call it."""
        if not is_sharded(self.model):
            return super().save_model(output_dir, _internal_call)
        state = whole_state(self.model)
        if self.args.should_save:
            self._save(output_dir, state_dict=state)
        return None

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        if not is_sharded(self.model):
            return super()._save_optimizer_and_scheduler(output_dir)
        state = tree_map(whole, self.optimizer.state_dict())
        if self.args.should_save:
            torch.save(state, Path(output_dir) / "optimizer.pt")
            torch.save(self.lr_scheduler.state_dict(), Path(output_dir) / "scheduler.pt")
        return None

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is None or not is_sharded(self.model):
            return super()._load_optimizer_and_scheduler(checkpoint)
        folder = Path(checkpoint)
        found = torch.load(folder / "optimizer.pt", map_location="cpu", weights_only=True)
        weights = [weight for group in self.optimizer.param_groups for weight in group["params"]]
        for number, held in found["state"].items():
            like = weights[number]
            for name, value in held.items():
                if value.shape == like.shape:  # the means; not the count of steps
                    held[name] = shared_out(value, like)
        self.optimizer.load_state_dict(found)
        self.lr_scheduler.load_state_dict(torch.load(folder / "scheduler.pt", weights_only=True))
        return None

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        if not is_sharded(self.model):
            return super()._load_from_checkpoint(resume_from_checkpoint, model)
        return load_weights(self.model, Path(resume_from_checkpoint))

    def _load_best_model(self) -> None:
        if not is_sharded(self.model):
            return super()._load_best_model()
        return load_weights(self.model, Path(str(self.state.best_model_checkpoint)))


def load_weights(model: Any, folder: Path) -> None:
    """Copy a checkpoint's weights, adapter or full, into a sharded model."""
    from peft import PeftModel, get_peft_model_state_dict

    into = model.state_dict()
    if isinstance(model, PeftModel):
        into = get_peft_model_state_dict(model, into, save_embedding_layers=False)
    with torch.no_grad():
        for file in sorted(folder.glob("*.safetensors")):
            for name, value in load_file(file).items():
                into[name].copy_(shared_out(value, into[name]))


def _leave_base_alone(model: Any) -> None:
    """Keep DDP from sending what is not trained, which every rank has loaded itself."""
    frozen = {name for name, weight in model.named_parameters() if not weight.requires_grad}
    kept = frozen | {name for name, _ in model.named_buffers()}
    DistributedDataParallel._set_params_and_buffers_to_ignore_for_model(  # pyright: ignore[reportPrivateUsage]
        model, kept
    )


def _leave_model_alone(accelerator: Any) -> None:
    """Let accelerate put autocast around a sharded model and nothing else: no DDP, no move."""
    prepare, clip = accelerator.prepare_model, accelerator.clip_grad_norm_

    def only_autocast(model: Any, **_: Any) -> Any:
        return prepare(model, device_placement=False, evaluation_mode=True)

    def clipped(*args: Any, **options: Any) -> Any:
        # The norm of sharded gradients is a sharded tensor itself, which cannot be logged.
        return whole(clip(*args, **options))

    accelerator.prepare_model, accelerator.clip_grad_norm_ = only_autocast, clipped
