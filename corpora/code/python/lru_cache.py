"""A cache with room for a few entries: the one unused for longest has to go first."""

from collections import OrderedDict


class LRUCache:
    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError("the capacity must be at least 1")
        self.capacity = capacity
        self.hits = 0
        self.misses = 0
        self._entries: OrderedDict[str, str] = OrderedDict()

    def get(self, key: str) -> str | None:
        if key not in self._entries:
            self.misses += 1
            return None
        self.hits += 1
        self._entries.move_to_end(key)  # now the most recently used
        return self._entries[key]

    def put(self, key: str, value: str) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self.capacity:
            self._entries.popitem(last=False)


if __name__ == "__main__":
    capitals = LRUCache(capacity=2)
    capitals.put("Peru", "Lima")
    capitals.put("Brazil", "Brasília")
    capitals.get("Peru")
    capitals.put("Colombia", "Bogotá")  # pushes Brazil out
    for country in ("Peru", "Brazil", "Colombia"):
        print(country, "=", capitals.get(country) or "(not cached)")
    print(f"{capitals.hits} hits, {capitals.misses} misses")
