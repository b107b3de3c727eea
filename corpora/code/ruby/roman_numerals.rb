# frozen_string_literal: true

# Converts numbers between 1 and 3999 to Roman numerals and back.
module Roman
  SYMBOLS = {
    'M' => 1000, 'CM' => 900, 'D' => 500, 'CD' => 400,
    'C' => 100, 'XC' => 90, 'L' => 50, 'XL' => 40,
    'X' => 10, 'IX' => 9, 'V' => 5, 'IV' => 4, 'I' => 1
  }.freeze
  # The two-letter symbols come first, or "IX" would be read as "I" and "X".
  PATTERN = Regexp.union(SYMBOLS.keys.sort_by { |symbol| -symbol.size })

  def self.dump(number)
    raise RangeError, "#{number} has no Roman numeral" unless number.between?(1, 3999)

    SYMBOLS.reduce(+'') do |numeral, (symbol, value)|
      count, number = number.divmod(value)
      numeral << symbol * count
    end
  end

  def self.load(numeral)
    number = numeral.scan(PATTERN).sum { |symbol| SYMBOLS.fetch(symbol) }
    raise ArgumentError, "“#{numeral}” is not a Roman numeral" unless dump(number) == numeral

    number
  end
end

[4, 9, 1994, 2024].each do |number|
  numeral = Roman.dump(number)
  puts [number, numeral, Roman.load(numeral)].join(' → ')
end
