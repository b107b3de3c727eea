import java.util.ArrayList;
import java.util.List;

/** Breaks a paragraph into lines of limited width, without cutting words. */
public final class TextWrap {
    private static final int WIDTH = 28;
    private static final String TEXT = """
            The old ferry crosses the fjord twice a day, even when the wind
            from Ålesund is strong and the passengers stay in the café.
            """;

    /** Returns lines of at most {@code width} characters; a longer word gets a line of its own. */
    static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder current = new StringBuilder();
        for (String word : text.strip().split("\\s+")) {
            if (current.length() > 0 && current.length() + 1 + word.length() > width) {
                lines.add(current.toString());
                current.setLength(0);
            }
            if (current.length() > 0) {
                current.append(' ');
            }
            current.append(word);
        }
        lines.add(current.toString());
        return lines;
    }

    public static void main(String[] args) {
        System.out.println("-".repeat(WIDTH));
        wrap(TEXT, WIDTH).forEach(System.out::println);
    }
}
