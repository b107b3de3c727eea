/* Break a paragraph into lines of limited width, without cutting words. */
#include <stdio.h>
#include <string.h>

#define WIDTH 28
static const char TEXT[] =
    "The old ferry crosses the fjord twice a day, even when the wind "
    "from Ålesund is strong and the passengers stay in the café.";

/* Characters, not bytes: in UTF-8 a byte 10xxxxxx only continues a character. */
static size_t count_characters(const char *bytes, size_t n_bytes)
{
    size_t count = 0;
    while (n_bytes-- > 0) count += ((unsigned char)*bytes++ & 0xC0) != 0x80;
    return count;
}

static void print_wrapped(const char *text, size_t width)
{
    size_t column = 0;
    while (*(text += strspn(text, " ")) != '\0') {
        size_t n_bytes = strcspn(text, " ");
        size_t length = count_characters(text, n_bytes);
        if (column > 0) {
            int fits = column + 1 + length <= width;
            putchar(fits ? ' ' : '\n');
            column = fits ? column + 1 : 0;
        }
        printf("%.*s", (int)n_bytes, text);
        column += length;
        text += n_bytes;
    }
    putchar('\n');
}

int main(void)
{
    printf("%.*s\n", WIDTH, "----------------------------------------");
    print_wrapped(TEXT, WIDTH);
}
