# frozen_string_literal: true

# A stretch of time in whole hours, such as a booking of a meeting room.
Interval = Struct.new(:start, :finish) do
  include Comparable

  def <=>(other)
    to_a <=> other.to_a
  end

  def touches?(other)
    start <= other.finish && other.start <= finish
  end

  def join(other)
    Interval.new([start, other.start].min, [finish, other.finish].max)
  end

  def to_s = "#{start}–#{finish}"
end

# Disjoint intervals in order; those that only touch are joined too.
def merge(intervals)
  intervals.sort.each_with_object([]) do |interval, merged|
    interval = interval.join(merged.pop) while merged.last&.touches?(interval)
    merged << interval
  end
end

bookings = [[13, 15], [8, 9], [9, 11], [14, 18], [20, 21]].map { |hours| Interval.new(*hours) }
merged = merge(bookings)
puts merged.join(', ')
puts "hours in use: #{merged.sum { |interval| interval.finish - interval.start }}"
