import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Counts the words of a text and prints the most frequent ones. */
public final class WordCount {
    // A word is a run of letters; an apostrophe inside it does not end it ("didn't").
    private static final Pattern WORD = Pattern.compile("\\p{L}+(?:'\\p{L}+)*");

    private static final String TEXT = "The cat saw the dog; the dog didn't see the naïve cat.";

    static Map<String, Long> count(String text) {
        return WORD.matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.groupingBy(word -> word, Collectors.counting()));
    }

    /** Returns the most frequent words; equal counts come in alphabetical order. */
    static List<Map.Entry<String, Long>> mostFrequent(String text, int limit) {
        Comparator<Map.Entry<String, Long>> byCount = Map.Entry.comparingByValue();
        return count(text).entrySet().stream()
                .sorted(byCount.reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(limit)
                .toList();
    }

    public static void main(String[] args) {
        for (Map.Entry<String, Long> entry : mostFrequent(TEXT, 3)) {
            System.out.printf("%-8s%3d%n", entry.getKey(), entry.getValue());
        }
    }
}
