"""The answers that come with the package can be found without having been indexed here."""

from __future__ import annotations

import numpy as np

from osler.commands.index import EMBEDDED, read_source
from osler.commands.serve import EMBEDDED_INDEX
from osler.retrieve.chunks import chunks_of
from osler.retrieve.search import Index
from osler.retrieve.sources import Found, Given


def test_the_shipped_index_is_that_of_the_shipped_answers() -> None:
    shipped = Index.open(EMBEDDED_INDEX)
    documents = [one.document for one in read_source(EMBEDDED, Given()) if isinstance(one, Found)]
    chunks = [chunk for document in documents for chunk in chunks_of(document)]
    assert list(shipped.chunks) == chunks  # else: osler index build embedded --out that folder
    some = chunks[::50]
    fresh = Index.in_memory(some, shipped.encoder)
    for question in ("how is gout treated", "signs of asthma"):
        near = {hit.chunk: hit.similarity for hit in shipped.search(question, len(chunks))}
        for hit in fresh.search(question, len(some)):
            np.testing.assert_allclose(near[hit.chunk], hit.similarity, atol=2e-3)
