'use strict';

// Find the way with the fewest stops through a metro map (breadth-first search).

const METRO = {
  Kadıköy: ['Üsküdar', 'Bostancı'],
  Üsküdar: ['Kadıköy', 'Yenikapı'],
  Bostancı: ['Kadıköy'],
  Yenikapı: ['Üsküdar', 'Taksim'],
  Taksim: ['Yenikapı', 'Levent'],
  Levent: ['Taksim'],
};

function shortestPath(graph, start, goal) {
  const previous = new Map([[start, null]]);
  const queue = [start];
  while (queue.length > 0) {
    const station = queue.shift();
    if (station === goal) return trace(previous, goal);
    for (const neighbour of graph[station] ?? []) {
      if (previous.has(neighbour)) continue;
      previous.set(neighbour, station);
      queue.push(neighbour);
    }
  }
  return null;
}

function trace(previous, goal) {
  const path = [];
  for (let step = goal; step !== null; step = previous.get(step)) {
    path.unshift(step);
  }
  return path;
}

const path = shortestPath(METRO, 'Kadıköy', 'Levent');
console.log(path ? path.join(' → ') : 'no connection');
