"""What an index holds, as one hash: equal digests are equal indexes, however they were made."""

from hashlib import sha256
from typing import Final

import orjson
import tantivy

from shared_platform.search.fields import (
    BY_FEE,
    BY_PERIOD_END,
    CHARACTERS,
    LISTING,
    NUMBER,
    PAIRS,
    PERIOD_END,
    SCOPE_OUT,
    SCOPE_OUT_ABOVE,
    SERIAL,
    STATE,
    TERMS_FACETS,
    TEXTS,
)

_TERMS: Final = (
    *TEXTS,
    PAIRS,
    NUMBER,
    CHARACTERS,
    SCOPE_OUT,
    SCOPE_OUT_ABOVE,
    LISTING,
    STATE,
    *TERMS_FACETS,
)
_NUMBERS: Final = (PERIOD_END, BY_PERIOD_END, BY_FEE)


def index_digest(searcher: tantivy.Searcher) -> str:
    """SHA-256 over every term with its number of living documents, and every document's numbers.

    Takes time and memory with the size of the index; for proofs, never for a request.
    """
    everything = tantivy.Query.all_query()
    digest = sha256()
    for name in _TERMS:
        found = searcher.terms_with_prefix(name, "", filter_query=everything)
        living = sorted((term, count) for term, count in found if count)
        digest.update(orjson.dumps([name, living]))
    hits = searcher.search(everything, max(searcher.num_docs, 1), count=False).hits
    addresses = [address for _, address in hits]
    columns = [searcher.fast_field_values(name, addresses) for name in (SERIAL, *_NUMBERS)]
    digest.update(orjson.dumps(sorted(zip(*columns, strict=True))))
    return digest.hexdigest()
