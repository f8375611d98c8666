"""What it looks like when the memory does not suffice, and what a user can do about it."""

from __future__ import annotations

from osler.errors import TrainingFailed

CURES = {
    "train": "Lower train.memory; or lower train.per_device_train_batch_size and raise "
    "train.gradient_accumulation_steps as much; or set train.method=qlora or a shorter "
    "data.max_length.",
    "evaluate": "Lower evaluate.batch_size; what was measured so far is used again.",
}
OTHER_CURE = "End other programs that use it, or take a smaller model."


def is_out_of_memory(fault: BaseException) -> bool:
    """True for want of memory on the card or beside it.

    torch has a class of its own for the card; for the rest it says so in words only.
    """
    return (
        isinstance(fault, MemoryError)
        or type(fault).__name__ == "OutOfMemoryError"
        or "can't allocate memory" in str(fault)
    )


def out_of_memory(stage: str) -> TrainingFailed:
    """The error for it, with the cure."""
    return TrainingFailed(f"{stage}: out of memory.", CURES.get(stage, OTHER_CURE))
