//! Break a paragraph into lines of limited width, without cutting words.

const WIDTH: usize = 28;
const TEXT: &str = "The old ferry crosses the fjord twice a day, even when the wind \
                    from Ålesund is strong and the passengers stay in the café.";

/// Lines of at most `width` characters; a longer word gets a line of its own.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for word in text.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + length <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn main() {
    println!("{}", "-".repeat(WIDTH));
    for line in wrap(TEXT, WIDTH) {
        println!("{line}");
    }
}
