'use strict';

// A cache with room for a few entries: the one unused for longest has to go first.

class LruCache {
  constructor(capacity) {
    if (capacity < 1) throw new RangeError('the capacity must be at least 1');
    this.capacity = capacity;
    this.hits = 0;
    this.misses = 0;
    this.entries = new Map(); // a Map keeps its keys in order of insertion
  }

  get(key) {
    if (!this.entries.has(key)) {
      this.misses += 1;
      return undefined;
    }
    this.hits += 1;
    const value = this.entries.get(key);
    this.put(key, value);
    return value;
  }

  put(key, value) {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.capacity) this.entries.delete(this.entries.keys().next().value);
  }
}

const capitals = new LruCache(2);
capitals.put('Peru', 'Lima');
capitals.put('Brazil', 'Brasília');
capitals.get('Peru');
capitals.put('Colombia', 'Bogotá'); // pushes Brazil out
const countries = ['Peru', 'Brazil', 'Colombia'];
countries.forEach((name) => console.log(name, '=', capitals.get(name) ?? '(not cached)'));
console.log(`${capitals.hits} hits, ${capitals.misses} misses`);
