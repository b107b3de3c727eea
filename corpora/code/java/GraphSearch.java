import java.util.*;

/** Finds the way with the fewest stops through a metro map (breadth-first search). */
public final class GraphSearch {
    private static final Map<String, List<String>> METRO = Map.of(
            "Kadıköy", List.of("Üsküdar", "Bostancı"),
            "Üsküdar", List.of("Kadıköy", "Yenikapı"),
            "Bostancı", List.of("Kadıköy"),
            "Yenikapı", List.of("Üsküdar", "Taksim"),
            "Taksim", List.of("Yenikapı", "Levent"),
            "Levent", List.of("Taksim"));

    static Optional<List<String>> shortestPath(Map<String, List<String>> graph, String start, String goal) {
        Map<String, String> previous = new HashMap<>();
        previous.put(start, null);
        Queue<String> queue = new ArrayDeque<>(List.of(start));
        while (!queue.isEmpty()) {
            String station = queue.remove();
            if (station.equals(goal)) return Optional.of(trace(previous, goal));
            for (String next : graph.getOrDefault(station, List.of())) {
                if (previous.containsKey(next)) continue;
                previous.put(next, station);
                queue.add(next);
            }
        }
        return Optional.empty();
    }

    private static List<String> trace(Map<String, String> previous, String goal) {
        LinkedList<String> path = new LinkedList<>();
        for (String step = goal; step != null; step = previous.get(step)) path.addFirst(step);
        return path;
    }

    public static void main(String[] args) {
        Optional<List<String>> path = shortestPath(METRO, "Kadıköy", "Levent");
        System.out.println(path.map(stations -> String.join(" → ", stations)).orElse("no connection"));
    }
}
