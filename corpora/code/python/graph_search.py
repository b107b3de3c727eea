"""Find the way with the fewest stops through a metro map (breadth-first search)."""

from collections import deque

METRO = {
    "Kadıköy": ["Üsküdar", "Bostancı"],
    "Üsküdar": ["Kadıköy", "Yenikapı"],
    "Bostancı": ["Kadıköy"],
    "Yenikapı": ["Üsküdar", "Taksim"],
    "Taksim": ["Yenikapı", "Levent"],
    "Levent": ["Taksim"],
}


def shortest_path(graph: dict[str, list[str]], start: str, goal: str) -> list[str] | None:
    previous: dict[str, str | None] = {start: None}
    queue = deque([start])
    while queue:
        station = queue.popleft()
        if station == goal:
            return trace(previous, goal)
        for neighbour in graph.get(station, []):
            if neighbour not in previous:
                previous[neighbour] = station
                queue.append(neighbour)
    return None


def trace(previous: dict[str, str | None], goal: str) -> list[str]:
    path: list[str] = []
    step: str | None = goal
    while step is not None:
        path.append(step)
        step = previous[step]
    return path[::-1]


if __name__ == "__main__":
    path = shortest_path(METRO, "Kadıköy", "Levent")
    print(" → ".join(path) if path else "no connection")
