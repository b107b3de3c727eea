//! A binary search tree of fruit names, ordered by byte.

#[derive(Default)]
struct Tree<K>(Option<Box<Node<K>>>);

struct Node<K> {
    key: K,
    left: Tree<K>,
    right: Tree<K>,
}

impl<K: Ord> Tree<K> {
    fn insert(&mut self, key: K) {
        match &mut self.0 {
            None => self.0 = Some(Box::new(Node { key, left: Tree(None), right: Tree(None) })),
            Some(node) if key < node.key => node.left.insert(key),
            Some(node) if key > node.key => node.right.insert(key),
            Some(_) => {} // a key that is already there changes nothing
        }
    }

    /// Visits the keys in order and returns the height of the tree.
    fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a K)) -> usize {
        let Some(node) = &self.0 else { return 0 };
        let left = node.left.walk(visit);
        visit(&node.key);
        1 + left.max(node.right.walk(visit))
    }
}

fn main() {
    let mut tree = Tree::default();
    for fruit in "elma armut kiraz üzüm incir çilek elma".split(' ') {
        tree.insert(fruit);
    }
    let mut keys = vec![];
    let height = tree.walk(&mut |key| keys.push(*key));
    println!("{}\nheight {height}", keys.join(" "));
}
