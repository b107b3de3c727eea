# frozen_string_literal: true

WIDTH = 28
TEXT = <<~PARAGRAPH
  The old ferry crosses the fjord twice a day, even when the wind
  from Ålesund is strong and the passengers stay in the café.
PARAGRAPH

# Breaks a paragraph into lines of at most `width` characters, without cutting words.
# A word that is longer gets a line of its own.
def wrap(text, width)
  text.split.each_with_object([]) do |word, lines|
    if lines.any? && lines.last.length + 1 + word.length <= width
      lines.last << ' ' << word
    else
      lines << word.dup
    end
  end
end

puts '-' * WIDTH
puts wrap(TEXT, WIDTH)
