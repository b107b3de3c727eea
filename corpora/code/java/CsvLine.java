import java.util.ArrayList;
import java.util.List;

/** Splits one line of a CSV file into its fields, quoted fields included. */
public final class CsvLine {
    static List<String> parse(String line, char separator) {
        List<String> fields = new ArrayList<>();
        StringBuilder current = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quoted && c == '"' && line.startsWith("\"", i + 1)) {
                current.append('"'); // two quotes inside a quoted field stand for one
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                fields.add(current.toString());
                current.setLength(0);
            } else {
                current.append(c);
            }
        }
        if (quoted) {
            throw new IllegalArgumentException("the last quoted field is never closed");
        }
        fields.add(current.toString());
        return fields;
    }

    public static void main(String[] args) {
        int number = 0;
        for (String field : parse("7,\"Crème brûlée, large\",\"She said \"\"oui\"\"\",,4.50", ',')) {
            System.out.println(++number + ": [" + field + "]");
        }
    }
}
