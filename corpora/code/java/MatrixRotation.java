import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Turns a matrix by 90 degrees. */
public final class MatrixRotation {
    /** The first column, read from the bottom up, becomes the first row. */
    static int[][] rotateClockwise(int[][] matrix) {
        int rows = matrix.length;
        int columns = matrix[0].length;
        int[][] turned = new int[columns][rows];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                turned[j][rows - 1 - i] = matrix[i][j];
            }
        }
        return turned;
    }

    static void show(String title, int[][] matrix) {
        System.out.println(title);
        for (int[] row : matrix) {
            Stream<String> cells = Arrays.stream(row).mapToObj(cell -> String.format("%3d", cell));
            System.out.println(cells.collect(Collectors.joining(" ")));
        }
    }

    public static void main(String[] args) {
        int[][] original = {{1, 2, 3}, {4, 5, 6}};
        int[][] turned = rotateClockwise(original);
        show("original", original);
        show("turned by 90°", turned);

        // Four quarter turns bring back the matrix we started from.
        for (int turn = 1; turn < 4; turn++) {
            turned = rotateClockwise(turned);
        }
        System.out.println("same again: " + (Arrays.deepEquals(turned, original) ? "yes" : "no"));
    }
}
