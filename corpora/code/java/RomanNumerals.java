/** Converts numbers between 1 and 3999 to Roman numerals and back. */
public final class RomanNumerals {
    private static final int[] VALUES = {1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1};
    private static final String[] SYMBOLS = {
        "M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"
    };

    static String toRoman(int number) {
        if (number < 1 || number > 3999) {
            throw new IllegalArgumentException(number + " has no Roman numeral");
        }
        StringBuilder numeral = new StringBuilder();
        for (int i = 0; i < VALUES.length; i++) {
            numeral.append(SYMBOLS[i].repeat(number / VALUES[i]));
            number %= VALUES[i];
        }
        return numeral.toString();
    }

    static int fromRoman(String numeral) {
        int total = 0, position = 0;
        for (int i = 0; i < SYMBOLS.length; i++) {
            for (; numeral.startsWith(SYMBOLS[i], position); position += SYMBOLS[i].length()) {
                total += VALUES[i];
            }
        }
        if (position == numeral.length()) return total;
        throw new IllegalArgumentException("“" + numeral + "” is not a Roman numeral");
    }

    public static void main(String[] args) {
        for (int number : new int[] {4, 9, 1994, 2024}) {
            String numeral = toRoman(number);
            System.out.println(number + " → " + numeral + " → " + fromRoman(numeral));
        }
    }
}
