/* Turn a matrix by 90 degrees, clockwise. */
#include <stdio.h>
#include <string.h>

/* The first column, read from the bottom up, becomes the first row of the result. */
static void rotate_clockwise(size_t rows, size_t columns, const int *matrix, int *turned)
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            turned[j * rows + (rows - 1 - i)] = matrix[i * columns + j];
        }
    }
}

static void show(const char *title, size_t rows, size_t columns, const int *matrix)
{
    puts(title);
    for (size_t i = 0; i < rows * columns; i++) {
        printf("%3d%c", matrix[i], (i + 1) % columns == 0 ? '\n' : ' ');
    }
}

int main(void)
{
    const int original[6] = {1, 2, 3, 4, 5, 6};
    int turned[6], half_turned[6], restored[6];

    rotate_clockwise(2, 3, original, turned);
    show("original", 2, 3, original);
    show("turned by 90°", 3, 2, turned);

    /* Four quarter turns bring back the matrix we started from. */
    rotate_clockwise(3, 2, turned, half_turned);
    rotate_clockwise(2, 3, half_turned, turned);
    rotate_clockwise(3, 2, turned, restored);
    printf("same again: %s\n", memcmp(original, restored, sizeof original) == 0 ? "yes" : "no");
    return 0;
}
