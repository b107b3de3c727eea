/** Prints a table of temperatures in degrees Celsius and Fahrenheit. */
public final class TemperatureTable {
    private static final int FREEZING = 0;
    private static final int HOT = 30;

    static double toFahrenheit(double celsius) {
        return celsius * 9 / 5 + 32;
    }

    static String describe(double celsius) {
        if (celsius <= FREEZING) {
            return "freezing";
        } else if (celsius >= HOT) {
            return "hot";
        }
        return "mild";
    }

    static void printTable(int first, int last, int step) {
        System.out.printf("%6s %8s  remark%n", "°C", "°F");
        for (int celsius = first; celsius <= last; celsius += step) {
            System.out.printf("%6d %8.1f  %s%n", celsius, toFahrenheit(celsius), describe(celsius));
        }
    }

    public static void main(String[] args) {
        printTable(-10, 40, 10);
    }
}
