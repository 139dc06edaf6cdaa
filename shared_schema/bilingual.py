"""A sentence in both languages of the product: Chinese first, English complete."""

from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Words(NamedTuple):
    """The same sentence in Chinese and in English."""

    zh: str
    en: str

    def spoken(self, language: Language) -> str:
        """The sentence in one language."""
        return self.zh if language == "zh" else self.en


def halves(message: str) -> Words:
    """A message that holds both languages around a slash, as both; one alone says it for both."""
    zh, separator, en = message.partition(" / ")
    return Words(zh, en) if separator else Words(message, message)
