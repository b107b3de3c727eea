# frozen_string_literal: true

# Counts the words of a text and prints the most frequent ones.
module WordCount
  # A word is a run of letters; an apostrophe inside it does not end it ("didn't").
  WORD = /\p{L}+(?:'\p{L}+)*/

  module_function

  def tokenize(text)
    text.downcase.scan(WORD)
  end

  # The most frequent words; equal counts come in alphabetical order.
  def most_frequent(text, limit:)
    tokenize(text).tally.min_by(limit) { |word, count| [-count, word] }
  end
end

TEXT = "The cat saw the dog; the dog didn't see the naïve cat."

WordCount.most_frequent(TEXT, limit: 3).each do |word, count|
  puts format('%-8<word>s%3<count>d', word: word, count: count)
end
