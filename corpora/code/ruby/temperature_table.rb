# frozen_string_literal: true

# Prints a table of temperatures in degrees Celsius and Fahrenheit.
class TemperatureTable
  FREEZING = (..0)
  HOT = (30..)

  def initialize(range, step:)
    @degrees = range.step(step)
  end

  def print
    puts format('%6s %8s  remark', '°C', '°F')
    @degrees.each do |celsius|
      puts format('%6d %8.1f  %s', celsius, to_fahrenheit(celsius), describe(celsius))
    end
  end

  private

  def to_fahrenheit(celsius)
    celsius * 9 / 5.0 + 32
  end

  def describe(celsius)
    case celsius
    when FREEZING then 'freezing'
    when HOT then 'hot'
    else 'mild'
    end
  end
end

TemperatureTable.new(-10..40, step: 10).print
