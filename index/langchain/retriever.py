"""Lectern's search as a LangChain retriever."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from index.search.filters import Filter
from index.search.retriever import Retriever


class LecternRetriever(BaseRetriever):
    """Lectern's search, dense and BM25 fused, as a LangChain retriever; ``k`` None: as many passages as set."""

    retriever: Any
    k: int | None = None
    filter: Filter | None = None

    def __init__(self, retriever: Retriever, k: int | None = None, filter: Filter | None = None, **kwargs: Any) -> None:
        """``filter`` limits every search to a part of the library; ``invoke(..., filter=...)`` limits one."""
        super().__init__(retriever=retriever, k=k, filter=filter, **kwargs)  # type: ignore[call-arg]

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - of the base class's signature
        k: int | None = None,
        filter: Filter | None = None,
    ) -> list[Document]:
        passages = self.retriever.search(query, k or self.k, filter or self.filter).passages
        return [
            Document(
                page_content=passage.text,
                metadata={
                    "document_id": passage.document_id,
                    "file": passage.file,
                    "page": passage.locator.page,
                    "locator": passage.locator.label,
                    "start": passage.start,
                    "end": passage.end,
                    "score": passage.score,
                },
            )
            for passage in passages
        ]
