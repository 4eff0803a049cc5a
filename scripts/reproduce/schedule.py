"""In which order the parts of a plan are run, and which at the same time."""


def expected_seconds(part, taken):
    """How long a part will take, by `taken`, pairs of a part and its seconds: the longest of its kind counts, without one
    the longest of those that are named by the same first word. 0: nothing is known."""
    def first_word(of):
        return of.kind.split()[0]

    for is_alike in (lambda other: other.kind == part.kind, lambda other: first_word(other) == first_word(part)):
        seconds = [seconds for other, seconds in taken if is_alike(other)]
        if seconds:
            return max(seconds)
    return 0


class Schedule:
    """Parts that wait for their turn: each until what it uses is made, and while there is a place for it."""

    def __init__(self, parts, places):
        self.waiting = list(parts)
        self.places = places
        self.running = []
        self.skipped = []  # what would have used a part that failed

    def begin(self, is_timely=lambda part: True):
        """The part that is run next, which then runs; None if there is none at present.

        Parts are taken in their order. Where there are several places, those that no other waits for come first, so that
        whatever is begun is measured soon, and those that run alone last. `is_timely`: whether a part can be begun yet.
        """
        if len(self.running) >= self.places or any(part.alone for part in self.running):
            return None
        unmade = {part.name for part in self.waiting + self.running}
        ready = [part for part in self.waiting if unmade.isdisjoint(part.inputs) and is_timely(part)]
        if self.places > 1:
            together = [part for part in ready if not part.alone]
            used = {name for part in self.waiting for name in part.inputs}
            ready = sorted(together or ([] if self.running else ready), key=lambda part: part.name in used)
        chosen = next(iter(ready), None)
        if chosen:
            self.waiting.remove(chosen)
            self.running.append(chosen)
        return chosen

    def end(self, part, is_made):
        """That a part has been run; if it `is_made`, others can use it."""
        self.running.remove(part)
        if not is_made:
            self._skip({part.name})

    def _skip(self, missing):
        """Parts come behind those that they use."""
        for part in list(self.waiting):
            if not missing.isdisjoint(part.inputs):
                missing.add(part.name)
                self.waiting.remove(part)
                self.skipped.append(part)
