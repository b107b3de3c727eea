/* Convert numbers between 1 and 3999 to Roman numerals and back. */
#include <stdio.h>
#include <string.h>

static const struct { int value; const char *symbol; } SYMBOLS[] = {
    {1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
    {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"},
};
static const size_t N_SYMBOLS = sizeof SYMBOLS / sizeof SYMBOLS[0];

/* The longest numeral, MMMDCCCLXXXVIII, has 15 letters. */
static void to_roman(int number, char numeral[16])
{
    numeral[0] = '\0';
    for (size_t i = 0; i < N_SYMBOLS; i++) {
        for (; number >= SYMBOLS[i].value; number -= SYMBOLS[i].value)
            strcat(numeral, SYMBOLS[i].symbol);
    }
}

static int from_roman(const char *numeral)
{
    int total = 0;
    for (size_t i = 0; i < N_SYMBOLS; i++) {
        size_t length = strlen(SYMBOLS[i].symbol);
        for (; strncmp(numeral, SYMBOLS[i].symbol, length) == 0; numeral += length)
            total += SYMBOLS[i].value;
    }
    return *numeral == '\0' ? total : -1; /* -1: letters are left over */
}

int main(void)
{
    const int numbers[] = {4, 9, 1994, 2024};
    char numeral[16];
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        to_roman(numbers[i], numeral);
        printf("%d → %s → %d\n", numbers[i], numeral, from_roman(numeral));
    }
}
