import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A cache with room for a few entries: the one unused for longest has to go first. */
public final class LruCache<K, V> extends LinkedHashMap<K, V> {
    private final int capacity;
    private int hits;
    private int misses;

    public LruCache(int capacity) {
        super(16, 0.75f, true); // `true`: in order of access, not of insertion
        this.capacity = capacity;
    }

    @Override
    public V get(Object key) {
        if (containsKey(key)) hits++; else misses++;
        return super.get(key);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > capacity;
    }

    public static void main(String[] args) {
        LruCache<String, String> capitals = new LruCache<>(2);
        capitals.put("Peru", "Lima");
        capitals.put("Brazil", "Brasília");
        capitals.get("Peru");
        capitals.put("Colombia", "Bogotá"); // pushes Brazil out
        for (String country : List.of("Peru", "Brazil", "Colombia")) {
            String capital = capitals.get(country);
            System.out.println(country + " = " + (capital == null ? "(not cached)" : capital));
        }
        System.out.printf("%d hits, %d misses%n", capitals.hits, capitals.misses);
    }
}
