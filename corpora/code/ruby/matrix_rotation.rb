# frozen_string_literal: true

# A matrix of whole numbers that can be turned by 90 degrees.
class Matrix
  attr_reader :rows

  def initialize(rows)
    @rows = rows
  end

  # The first column, read from the bottom up, becomes the first row.
  def rotate_clockwise
    Matrix.new(rows.reverse.transpose)
  end

  def rotate_counterclockwise
    Matrix.new(rows.transpose.reverse)
  end

  def ==(other)
    rows == other.rows
  end

  def to_s
    rows.map { |row| row.map { |cell| cell.to_s.rjust(3) }.join(' ') }.join("\n")
  end
end

original = Matrix.new([[1, 2, 3], [4, 5, 6]])
turned = original.rotate_clockwise
puts 'original', original
puts 'turned by 90°', turned
# The turn back must undo the turn.
puts "same again: #{turned.rotate_counterclockwise == original ? 'yes' : 'no'}"
