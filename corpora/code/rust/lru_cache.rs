//! A cache with room for a few entries: the one unused for longest has to go first.

struct LruCache {
    capacity: usize,
    entries: Vec<(String, String)>, // the most recently used at the end
    hits: u32,
    misses: u32,
}

impl LruCache {
    fn get(&mut self, key: &str) -> Option<&str> {
        let Some(position) = self.entries.iter().position(|(k, _)| k == key) else {
            self.misses += 1;
            return None;
        };
        self.hits += 1;
        self.entries[position..].rotate_left(1);
        self.entries.last().map(|(_, value)| value.as_str())
    }

    fn put(&mut self, key: &str, value: &str) {
        self.entries.retain(|(k, _)| k != key);
        self.entries.push((key.into(), value.into()));
        let surplus = self.entries.len().saturating_sub(self.capacity);
        self.entries.drain(..surplus);
    }
}

fn main() {
    let mut capitals = LruCache { capacity: 2, entries: vec![], hits: 0, misses: 0 };
    capitals.put("Peru", "Lima");
    capitals.put("Brazil", "Brasília");
    capitals.get("Peru");
    capitals.put("Colombia", "Bogotá"); // pushes Brazil out
    for country in ["Peru", "Brazil", "Colombia"] {
        println!("{country} = {}", capitals.get(country).unwrap_or("(not cached)"));
    }
    println!("{} hits, {} misses", capitals.hits, capitals.misses);
}
