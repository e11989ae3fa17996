"""A model's weights and vocabulary over llama.cpp's C interface.

Imported only in the process that runs the model: the library is compiled for one kind of processor, and a crash in it
ends the whole process.
"""

import ctypes
import mmap
import os
import sys
from collections import deque
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from llama_cpp import llama_cpp as native

from core.errors import ModelDamaged

ERROR = 4
"""GGML_LOG_LEVEL_ERROR; a warning (3) is chatter about defaults."""

recent_log: deque[str] = deque(maxlen=20)
"""llama.cpp's latest errors, for the message of an error raised here."""


def _on_log(level: int, text: bytes, _data: object) -> None:
    if level == ERROR:
        line = text.decode("utf-8", "replace").strip()
        recent_log.append(line)
        print(line, file=sys.stderr, flush=True)


# llama.cpp keeps the bare pointer, so the callback must live as long as the process.
_log_callback = native.llama_log_callback(_on_log)


def start() -> None:
    """Initialise llama.cpp in this process, with its log kept to errors."""
    native.llama_log_set(_log_callback, ctypes.c_void_p(0))
    native.llama_backend_init()


def _give_back_pages(path: Path) -> None:
    """Take the file's pages out of this process's memory after loading; what is read of them again comes back.

    llama.cpp repacks most weights for the processor into memory of its own and needs their place in the file no more.
    """
    name = os.fsencode(path.resolve())
    with suppress(OSError, ValueError, AttributeError):  # another system than Linux keeps them
        libc = ctypes.CDLL(None, use_errno=True)
        for line in Path("/proc/self/maps").read_bytes().splitlines():
            if line.endswith(b" " + name):
                start, end = (int(number, 16) for number in line.split()[0].split(b"-"))
                libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), mmap.MADV_DONTNEED)


class Model:
    """A GGUF file, loaded. ``handle`` is llama.cpp's model, ``vocabulary`` its vocabulary."""

    def __init__(self, path: Path, *, vocabulary_only: bool = False) -> None:
        """Map the weights into memory. Raises ModelDamaged where llama.cpp cannot load the file."""
        params = native.llama_model_default_params()
        params.vocab_only = vocabulary_only
        recent_log.clear()
        handle = native.llama_model_load_from_file(os.fsencode(path), params)
        if not handle:
            # The first line names the reason ("llama_model_load: error loading model: ..."), later ones what follows.
            reason = recent_log[0].rpartition("error loading model: ")[2] if recent_log else "llama.cpp gives no reason"
            raise ModelDamaged(f"{path} cannot be loaded: {reason}.", "Fetch it again, or choose another model.")
        _give_back_pages(path)
        self.handle = handle
        self.vocabulary = native.llama_model_get_vocab(handle)
        self.size: int = native.llama_vocab_n_tokens(self.vocabulary)
        self.trained_window: int = native.llama_model_n_ctx_train(handle)
        self._pieces: dict[int, bytes] = {}

    def close(self) -> None:
        native.llama_model_free(self.handle)

    @cached_property
    def chat_template(self) -> str:
        """The Jinja source of the file's chat template, "" where it has none."""
        found = native.llama_model_chat_template(self.handle, None)
        return found.decode("utf-8", "replace") if found else ""

    @property
    def starts_with_bos(self) -> bool:
        return bool(native.llama_vocab_get_add_bos(self.vocabulary))

    @property
    def bos(self) -> str:
        return self.token_text(native.llama_vocab_bos(self.vocabulary))

    @property
    def eos(self) -> str:
        return self.token_text(native.llama_vocab_eos(self.vocabulary))

    def token_text(self, token: int) -> str:
        """The text by which the vocabulary lists ``token``, "" for none."""
        if not 0 <= token < self.size:
            return ""
        return bytes(native.llama_vocab_get_text(self.vocabulary, token)).decode("utf-8", "replace")

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Tokens of ``text``; only with ``special`` are control tokens like <|im_end|> recognised in it."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        while True:
            tokens = (native.llama_token * room)()
            count = native.llama_tokenize(self.vocabulary, data, len(data), tokens, room, False, special)
            if count >= 0:
                return list(tokens[:count])
            room = -count

    def is_control(self, token: int) -> bool:
        return bool(native.llama_vocab_is_control(self.vocabulary, token))

    def is_user_defined(self, token: int) -> bool:
        attributes = native.llama_vocab_get_attr(self.vocabulary, token)
        return bool(attributes & native.LLAMA_TOKEN_ATTR_USER_DEFINED)

    def is_end(self, token: int) -> bool:
        """Whether ``token`` ends an answer."""
        return bool(native.llama_vocab_is_eog(self.vocabulary, token))

    def piece(self, token: int) -> bytes:
        """The bytes that ``token`` stands for: not always whole characters, and none for a control token."""
        known = self._pieces.get(token)
        if known is None:
            buffer = ctypes.create_string_buffer(256)
            length = native.llama_token_to_piece(self.vocabulary, token, buffer, len(buffer), 0, False)
            if length < 0:
                buffer = ctypes.create_string_buffer(-length)
                length = native.llama_token_to_piece(self.vocabulary, token, buffer, len(buffer), 0, False)
            known = self._pieces[token] = buffer.raw[:length]
        return known
