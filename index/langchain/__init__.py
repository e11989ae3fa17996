"""Adapters of a library to LangChain's interfaces."""

from index.langchain.embeddings import EmbedderOf, LecternEmbeddings
from index.langchain.retriever import LecternRetriever
from index.langchain.vector_store import LecternVectorStore

__all__ = ["EmbedderOf", "LecternEmbeddings", "LecternRetriever", "LecternVectorStore"]
