//! Turn a matrix by 90 degrees, clockwise.

#[derive(Debug, PartialEq)]
struct Matrix<const R: usize, const C: usize>([[i32; C]; R]);

impl<const R: usize, const C: usize> Matrix<R, C> {
    /// The first column, read from the bottom up, becomes the first row of the result.
    fn rotated(&self) -> Matrix<C, R> {
        let mut turned = [[0; R]; C];
        for (i, row) in self.0.iter().enumerate() {
            for (j, &cell) in row.iter().enumerate() {
                turned[j][R - 1 - i] = cell;
            }
        }
        Matrix(turned)
    }

    fn show(&self, title: &str) {
        println!("{title}");
        for row in &self.0 {
            let cells: Vec<String> = row.iter().map(|cell| format!("{cell:3}")).collect();
            println!("{}", cells.join(" "));
        }
    }
}

fn main() {
    let original = Matrix([[1, 2, 3], [4, 5, 6]]);
    let turned = original.rotated();
    original.show("original");
    turned.show("turned by 90°");

    // Four quarter turns bring back the matrix we started from.
    let restored = turned.rotated().rotated().rotated();
    println!("same again: {}", if restored == original { "yes" } else { "no" });
}
