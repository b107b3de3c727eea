// A cache with room for a few entries: the one unused for longest has to go first.

class LruCache<K, V> {
  readonly #entries = new Map<K, V>(); // a Map keeps its keys in order of insertion
  hits = 0;
  misses = 0;

  constructor(readonly capacity: number) {
    if (capacity < 1) throw new RangeError("the capacity must be at least 1");
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) {
      this.misses++;
      return undefined;
    }
    this.hits++;
    this.put(key, value);
    return value;
  }

  put(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined && this.#entries.size > this.capacity) this.#entries.delete(oldest);
  }
}

const capitals = new LruCache<string, string>(2);
capitals.put("Peru", "Lima");
capitals.put("Brazil", "Brasília");
capitals.get("Peru");
capitals.put("Colombia", "Bogotá"); // pushes Brazil out
for (const country of ["Peru", "Brazil", "Colombia"]) {
  console.log(country, "=", capitals.get(country) ?? "(not cached)");
}
console.log(`${capitals.hits} hits, ${capitals.misses} misses`);
