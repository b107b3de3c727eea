/* Print a table of temperatures in degrees Celsius and Fahrenheit. */
#include <stdio.h>

#define FREEZING 0
#define HOT 30

static double to_fahrenheit(double celsius)
{
    return celsius * 9.0 / 5.0 + 32.0;
}

static const char *describe(double celsius)
{
    if (celsius <= FREEZING)
        return "freezing";
    if (celsius >= HOT)
        return "hot";
    return "mild";
}

static void print_table(int first, int last, int step)
{
    /* printf pads by bytes and “°” has two of them, so the spaces are written out. */
    printf("    °C       °F  remark\n");
    for (int celsius = first; celsius <= last; celsius += step) {
        printf("%6d %8.1f  %s\n", celsius, to_fahrenheit(celsius), describe(celsius));
    }
}

int main(void)
{
    print_table(-10, 40, 10);
    return 0;
}
