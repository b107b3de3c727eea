# frozen_string_literal: true

# A cache with room for a few entries: the one unused for longest has to go first.
class LruCache
  attr_reader :hits, :misses

  def initialize(capacity)
    raise ArgumentError, 'the capacity must be at least 1' if capacity < 1

    @capacity = capacity
    @entries = {} # a hash keeps its keys in order of insertion
    @hits = @misses = 0
  end

  def [](key)
    unless @entries.key?(key)
      @misses += 1
      return nil
    end
    @hits += 1
    @entries[key] = @entries.delete(key) # now the most recently used
  end

  def []=(key, value)
    @entries.delete(key)
    @entries[key] = value
    @entries.shift if @entries.size > @capacity
  end
end

capitals = LruCache.new(2)
capitals['Peru'] = 'Lima'
capitals['Brazil'] = 'Brasília'
capitals['Peru']
capitals['Colombia'] = 'Bogotá' # pushes Brazil out
%w[Peru Brazil Colombia].each { |name| puts "#{name} = #{capitals[name] || '(not cached)'}" }
puts "#{capitals.hits} hits, #{capitals.misses} misses"
