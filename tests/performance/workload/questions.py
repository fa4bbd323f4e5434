"""What is asked: real questions by popularity, new ones once, and popular ones written otherwise."""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from tests.performance.scenario import Popularity
from tests.performance.workload.corpus import LARGE_BYTES, Corpus

SLIP_FROM = 5  # letters of a word that a slip is made in


@dataclass(frozen=True, slots=True)
class Topic:
    """A question, and the document that whoever asks it goes on to read."""

    question: str
    document: str


class Questions:
    """Ranked by a seeded shuffle: the first is asked most, the n-th ``n ** -zipf`` times as often.

    A title leads to its document, another question to any. Large documents, where there are some, come first.
    """

    def __init__(self, corpus: Corpus, popularity: Popularity, seed: int) -> None:
        random = Random(f"questions {seed}")
        ids = list(corpus.ids) or [document.id for document in corpus.read]
        titled = {document.title: "" if corpus.ids else document.id for document in corpus.read}
        texts = [text for text in dict.fromkeys([*corpus.questions, *titled]) if text.strip()]
        random.shuffle(texts)
        large = [document.title for document in corpus.read if len(document.text) >= 0.9 * LARGE_BYTES]
        texts.sort(key=lambda text: text not in large)
        self.topics = [Topic(text, titled.get(text) or random.choice(ids)) for text in texts[: popularity.questions]]
        self._popularity = popularity
        self._sums = list(accumulate((n + 1) ** -popularity.zipf for n in range(len(self.topics))))

    def topic(self, random: Random) -> Topic:
        return self.topics[bisect_left(self._sums, random.random() * self._sums[-1])]

    def written(self, topic: Topic, random: Random) -> str:
        """As somebody types it: mostly as it is."""
        chance = random.random() - self._popularity.one_offs
        if chance < 0:
            return f"{topic.question} host-{random.getrandbits(40):010x}"
        if chance < self._popularity.variants:
            return _otherwise(topic.question, random)
        return topic.question


def _otherwise(text: str, random: Random) -> str:
    if random.random() < 0.5:
        return f"  {text.upper()} "
    words = text.split()
    places = [n for n, word in enumerate(words) if len(word) >= SLIP_FROM and word.isalpha()]
    if not places:
        return text.lower()
    place = random.choice(places)
    word, at = words[place], random.randrange(1, len(words[place]) - 2)
    words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)
