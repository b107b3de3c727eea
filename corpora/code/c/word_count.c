/* Count the words of a text and print the most frequent ones. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word_count { char word[32]; int count; };

/* Bytes from 0x80 up belong to letters outside ASCII; an apostrophe may stand inside a word. */
static int is_letter(unsigned char c) { return isalpha(c) || c >= 0x80 || c == '\''; }

static int by_count_then_word(const void *left, const void *right)
{
    const struct word_count *a = left, *b = right;
    return a->count != b->count ? b->count - a->count : strcmp(a->word, b->word);
}

int main(void)
{
    const char *text = "The cat saw the dog; the dog didn't see the naïve cat.";
    struct word_count counts[64] = {{{0}, 0}};
    size_t n_words = 0;

    while (*text) {
        char word[32] = "";
        size_t length = 0, i = 0;
        for (; is_letter((unsigned char)*text) && length < sizeof word - 1; text++)
            word[length++] = (char)tolower((unsigned char)*text);
        if (length == 0) {
            text++;
            continue;
        }
        while (i < n_words && strcmp(counts[i].word, word) != 0) i++;
        if (i == n_words) strcpy(counts[n_words++].word, word);
        counts[i].count++;
    }
    qsort(counts, n_words, sizeof counts[0], by_count_then_word);
    for (size_t i = 0; i < 3 && i < n_words; i++) printf("%-8s%3d\n", counts[i].word, counts[i].count);
    return EXIT_SUCCESS;
}
