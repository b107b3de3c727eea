# frozen_string_literal: true

require 'strscan'

# Splits one line of a CSV file into its fields, quoted fields included.
class CsvLine
  class UnclosedQuote < StandardError; end

  def initialize(line, separator: ',')
    @scanner = StringScanner.new(line)
    @separator = /#{Regexp.escape(separator)}/
    @plain = /[^#{Regexp.escape(separator)}]*/
  end

  def fields
    result = [field]
    result << field while @scanner.skip(@separator)
    result
  end

  private

  def field
    return @scanner.scan(@plain) unless @scanner.skip(/"/)

    text = @scanner.scan(/(?:[^"]|"")*/)
    raise UnclosedQuote, 'the last quoted field is never closed' unless @scanner.skip(/"/)

    text.gsub('""', '"') # two quotes inside a quoted field stand for one
  end
end

line = '7,"Crème brûlée, large","She said ""oui""",,4.50'
CsvLine.new(line).fields.each.with_index(1) do |field, number|
  puts "#{number}: [#{field}]"
end
