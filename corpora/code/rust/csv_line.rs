//! Split one line of a CSV file into its fields, quoted fields included.

#[derive(Debug, PartialEq, Eq)]
struct UnclosedQuote;

fn parse_line(line: &str, separator: char) -> Result<Vec<String>, UnclosedQuote> {
    let mut fields = Vec::new();
    let mut current = String::new();
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // Two quotes inside a quoted field stand for one.
            '"' if quoted && chars.peek() == Some(&'"') => {
                current.push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            _ if c == separator && !quoted => fields.push(std::mem::take(&mut current)),
            _ => current.push(c),
        }
    }
    fields.push(current);
    if quoted { Err(UnclosedQuote) } else { Ok(fields) }
}

fn main() {
    let line = r#"7,"Crème brûlée, large","She said ""oui""",,4.50"#;
    match parse_line(line, ',') {
        Ok(fields) => {
            for (index, field) in fields.iter().enumerate() {
                println!("{}: [{field}]", index + 1);
            }
        }
        Err(UnclosedQuote) => eprintln!("the last quoted field is never closed"),
    }
}
