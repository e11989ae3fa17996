"""Adapters of a library to LangChain's interfaces."""

from index.langchain.embeddings import LecternEmbeddings
from index.langchain.retriever import LecternRetriever
from index.langchain.vector_store import LecternVectorStore
from index.named_embedder import EmbedderOf

__all__ = ["EmbedderOf", "LecternEmbeddings", "LecternRetriever", "LecternVectorStore"]
