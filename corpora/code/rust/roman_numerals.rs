//! Convert numbers between 1 and 3999 to Roman numerals and back.

const SYMBOLS: [(u32, &str); 13] = [
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
];

fn to_roman(mut number: u32) -> Option<String> {
    if !(1..=3999).contains(&number) {
        return None;
    }
    let mut numeral = String::new();
    for (value, symbol) in SYMBOLS {
        numeral.push_str(&symbol.repeat((number / value) as usize));
        number %= value;
    }
    Some(numeral)
}

/// `None` when letters are left over.
fn from_roman(numeral: &str) -> Option<u32> {
    let (mut total, mut rest) = (0, numeral);
    for (value, symbol) in SYMBOLS {
        while let Some(shorter) = rest.strip_prefix(symbol) {
            total += value;
            rest = shorter;
        }
    }
    rest.is_empty().then_some(total)
}

fn main() {
    for number in [4, 9, 1994, 2024] {
        let numeral = to_roman(number).expect("the number is in range");
        let back = from_roman(&numeral).expect("the numeral is well formed");
        println!("{number} → {numeral} → {back}");
    }
}
