//! Count the words of a text and print the most frequent ones.

use std::cmp::Reverse;
use std::collections::HashMap;

const TEXT: &str = "The cat saw the dog; the dog didn't see the naïve cat.";

/// Words are runs of letters; an apostrophe inside a word does not end it ("didn't").
fn tokenize(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphabetic() && c != '\'')
        .map(|word| word.trim_matches('\''))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// The `limit` most frequent words; equal counts come in alphabetical order.
fn most_frequent(text: &str, limit: usize) -> Vec<(String, usize)> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for word in tokenize(text) {
        *counts.entry(word).or_default() += 1;
    }
    let mut ranked: Vec<_> = counts.into_iter().collect();
    ranked.sort_by_key(|(word, count)| (Reverse(*count), word.clone()));
    ranked.truncate(limit);
    ranked
}

fn main() {
    for (word, count) in most_frequent(TEXT, 3) {
        println!("{word:<8}{count:>3}");
    }
}
