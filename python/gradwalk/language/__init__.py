"""The language of what is said, and the words of verdicts in it.

Pictures and cards have their own texts; what a walk is called, and the sentences of a verdict, are
said by several of them and by the core's `Verdict`, and are here once.
"""

from .chosen import chosen_language, set_language
from .states import state_of, word_of
from .verdicts import sentence_of

__all__ = ["chosen_language", "sentence_of", "set_language", "state_of", "word_of"]
