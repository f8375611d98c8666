"""Uploading to the Hugging Face Hub: off by default, and refused where it could do harm."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osler.errors import UserError


def refuse_unpublishable(report: Mapping[str, Any]) -> None:
    """Raise `UserError` when data/report.json names identifiers, or a source without licence.

    A report that does not say counts as one that does.
    """
    identifiers = report.get("identifiers")
    if identifiers or identifiers is None:
        counts = ", ".join(f"{n} rows with a {kind}" for kind, n in (identifiers or {}).items())
        raise UserError(
            "export.push_to_hub: not uploaded, because the data stage saw signs of people in the "
            f"data ({counts or 'it did not say'}).",
            "Remove them from the data and run again, or leave out export.push_to_hub.",
        )
    licences: Mapping[str, str | None] = report.get("licences") or {}
    without = sorted(Path(source).name for source, licence in licences.items() if not licence)
    if without or not licences:
        raise UserError(
            "export.push_to_hub: not uploaded, because no licence is known for "
            f"{', '.join(without) or 'the data'}.",
            "Set the licence of each of data.sources, or leave out export.push_to_hub.",
        )


def push(folder: Path, repo_id: str, report: Mapping[str, Any]) -> None:
    """Upload an exported folder to a Hub repository, made private when it is new.

    The token is the environment's (HF_TOKEN) or that of `hf auth login`; it is never ours.
    """
    refuse_unpublishable(report)
    from huggingface_hub import HfApi, get_token

    if get_token() is None:
        raise UserError(
            "export.push_to_hub: no token for the Hugging Face Hub.",
            "Log in with `hf auth login`, or set HF_TOKEN, and run `osler export --force`.",
        )
    api = HfApi()
    try:
        api.create_repo(repo_id, private=True, exist_ok=True)
        api.upload_folder(repo_id=repo_id, folder_path=folder, commit_message="Upload by osler")
    except Exception as fault:  # its own kinds, and those of an HTTP library that changes
        raise UserError(
            f"export.push_to_hub: the upload to {repo_id} failed ({type(fault).__name__}); the "
            "model is whole in the run's export folder.",
            "Check the name, the token's rights and the network, and run `osler export` again "
            "with --force.",
        ) from None
