// A binary search tree of fruit names, ordered by UTF-16 code unit.

interface TreeNode<K> {
  key: K;
  left: Tree<K>;
  right: Tree<K>;
}

type Tree<K> = TreeNode<K> | null;

function insert<K>(tree: Tree<K>, key: K): TreeNode<K> {
  if (tree === null) return { key, left: null, right: null };
  if (key < tree.key) return { ...tree, left: insert(tree.left, key) };
  if (key > tree.key) return { ...tree, right: insert(tree.right, key) };
  return tree; // a key that is already there changes nothing
}

function* inOrder<K>(tree: Tree<K>): Generator<K> {
  if (tree === null) return;
  yield* inOrder(tree.left);
  yield tree.key;
  yield* inOrder(tree.right);
}

function height<K>(tree: Tree<K>): number {
  return tree === null ? 0 : 1 + Math.max(height(tree.left), height(tree.right));
}

const fruits = ["elma", "armut", "kiraz", "üzüm", "incir", "çilek", "elma"];
const root = fruits.reduce<Tree<string>>((tree, fruit) => insert(tree, fruit), null);
console.log(...inOrder(root));
console.log("height", height(root));
