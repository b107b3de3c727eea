"""Turn a matrix by 90 degrees, clockwise or the other way round."""

Matrix = list[list[int]]


def rotate_clockwise(matrix: Matrix) -> Matrix:
    """The first column, read from the bottom up, becomes the first row."""
    return [list(row) for row in zip(*reversed(matrix))]


def rotate_counterclockwise(matrix: Matrix) -> Matrix:
    return [list(row) for row in zip(*matrix)][::-1]


def show(title: str, matrix: Matrix) -> None:
    print(title)
    for row in matrix:
        print(" ".join(f"{cell:3d}" for cell in row))


if __name__ == "__main__":
    original = [[1, 2, 3], [4, 5, 6]]
    turned = rotate_clockwise(original)
    show("original", original)
    show("turned by 90°", turned)

    # Four quarter turns bring back the matrix we started from.
    for _ in range(3):
        turned = rotate_clockwise(turned)
    print("same again:", "yes" if turned == original else "no")
