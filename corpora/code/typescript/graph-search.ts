// Find the way with the fewest stops through a metro map (breadth-first search).

type Graph = ReadonlyMap<string, readonly string[]>;

const METRO: Graph = new Map([
  ["Kadıköy", ["Üsküdar", "Bostancı"]],
  ["Üsküdar", ["Kadıköy", "Yenikapı"]],
  ["Bostancı", ["Kadıköy"]],
  ["Yenikapı", ["Üsküdar", "Taksim"]],
  ["Taksim", ["Yenikapı", "Levent"]],
  ["Levent", ["Taksim"]],
]);

function shortestPath(graph: Graph, start: string, goal: string): string[] | undefined {
  const previous = new Map<string, string | undefined>([[start, undefined]]);
  // A `for...of` loop over an array also visits what is pushed while it runs.
  const queue = [start];
  for (const station of queue) {
    if (station === goal) return trace(previous, goal);
    const unseen = (graph.get(station) ?? []).filter((next) => !previous.has(next));
    for (const next of unseen) {
      previous.set(next, station);
      queue.push(next);
    }
  }
  return undefined;
}

function trace(previous: Map<string, string | undefined>, goal: string): string[] {
  const path: string[] = [];
  for (let step: string | undefined = goal; step !== undefined; step = previous.get(step)) {
    path.unshift(step);
  }
  return path;
}

console.log(shortestPath(METRO, "Kadıköy", "Levent")?.join(" → ") ?? "no connection");
