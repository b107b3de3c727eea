/* Split one line of a CSV file into its fields, quoted fields included. */
#include <stdbool.h>
#include <stdio.h>

/*
 * Copies the next field of `line` to `field` and returns what is left after the separator,
 * or NULL when that was the last field. The buffer must be as large as the line.
 */
static const char *next_field(const char *line, char separator, char *field)
{
    bool quoted = false;
    for (; *line != '\0'; line++) {
        if (quoted && line[0] == '"' && line[1] == '"') {
            *field++ = *line++; /* two quotes inside a quoted field stand for one */
        } else if (*line == '"') {
            quoted = !quoted;
        } else if (*line == separator && !quoted) {
            *field = '\0';
            return line + 1;
        } else {
            *field++ = *line;
        }
    }
    *field = '\0';
    if (quoted) {
        fprintf(stderr, "the last quoted field is never closed\n");
    }
    return NULL;
}

int main(void)
{
    const char *line = "7,\"Crème brûlée, large\",\"She said \"\"oui\"\"\",,4.50";
    char field[128];
    for (int number = 1; line != NULL; number++) {
        line = next_field(line, ',', field);
        printf("%d: [%s]\n", number, field);
    }
    return 0;
}
