# frozen_string_literal: true

METRO = {
  'Kadıköy' => %w[Üsküdar Bostancı],
  'Üsküdar' => %w[Kadıköy Yenikapı],
  'Bostancı' => %w[Kadıköy],
  'Yenikapı' => %w[Üsküdar Taksim],
  'Taksim' => %w[Yenikapı Levent],
  'Levent' => %w[Taksim]
}.freeze

# Finds the way with the fewest stops (breadth-first search); nil when there is none.
def shortest_path(graph, start, goal)
  previous = { start => nil }
  queue = [start]
  until queue.empty?
    station = queue.shift
    return trace(previous, goal) if station == goal

    graph.fetch(station, []).each do |neighbour|
      next if previous.key?(neighbour)

      previous[neighbour] = station
      queue.push(neighbour)
    end
  end
end

def trace(previous, goal)
  path = [goal]
  path.unshift(previous[path.first]) while previous[path.first]
  path
end

path = shortest_path(METRO, 'Kadıköy', 'Levent')
puts path&.join(' → ') || 'no connection'
