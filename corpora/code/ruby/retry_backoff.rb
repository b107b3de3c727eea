# frozen_string_literal: true

# Calls an operation again after a failure, and waits twice as long each time.
module Retry
  BASE_DELAY = 0.01 # seconds
  MAX_DELAY = 2.0

  class TransientError < StandardError; end

  def self.call(max_attempts: 5)
    attempt = 0
    delay = BASE_DELAY
    begin
      attempt += 1
      yield
    rescue TransientError => e
      raise if attempt == max_attempts

      puts "attempt #{attempt} failed: #{e.message}; waiting #{(delay * 1000).round} ms"
      sleep delay
      delay = [delay * 2, MAX_DELAY].min
      retry
    end
  end
end

failures = 2
answer = Retry.call(max_attempts: 4) do
  if failures.positive?
    failures -= 1
    raise Retry::TransientError, 'connection reset'
  end
  '200 OK – merhaba!'
end
puts answer
