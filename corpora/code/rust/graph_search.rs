//! Find the way with the fewest stops through a metro map (breadth-first search).

use std::collections::{HashMap, VecDeque};

type Graph<'a> = HashMap<&'a str, Vec<&'a str>>;

fn shortest_path<'a>(graph: &Graph<'a>, start: &'a str, goal: &'a str) -> Option<Vec<&'a str>> {
    let mut previous: HashMap<&str, Option<&'a str>> = HashMap::from([(start, None)]);
    let mut queue = VecDeque::from([start]);
    while let Some(station) = queue.pop_front() {
        if station == goal {
            let mut path: Vec<_> = std::iter::successors(Some(goal), |step| previous[step]).collect();
            path.reverse();
            return Some(path);
        }
        for &neighbour in graph.get(station).into_iter().flatten() {
            if !previous.contains_key(neighbour) {
                previous.insert(neighbour, Some(station));
                queue.push_back(neighbour);
            }
        }
    }
    None // the goal cannot be reached
}

fn main() {
    let metro = Graph::from([
        ("Kadıköy", vec!["Üsküdar", "Bostancı"]),
        ("Üsküdar", vec!["Kadıköy", "Yenikapı"]),
        ("Bostancı", vec!["Kadıköy"]),
        ("Yenikapı", vec!["Üsküdar", "Taksim"]),
        ("Taksim", vec!["Yenikapı", "Levent"]),
        ("Levent", vec!["Taksim"]),
    ]);
    let path = shortest_path(&metro, "Kadıköy", "Levent");
    println!("{}", path.map_or("no connection".into(), |stations| stations.join(" → ")));
}
