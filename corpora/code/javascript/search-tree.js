'use strict';

// A binary search tree of fruit names, ordered by UTF-16 code unit.

class SearchTree {
  root = null;

  insert(key) {
    const place = (node) => {
      if (node === null) return { key, left: null, right: null };
      if (key < node.key) node.left = place(node.left);
      else if (key > node.key) node.right = place(node.right);
      return node; // a key that is already there changes nothing
    };
    this.root = place(this.root);
    return this;
  }

  *inOrder(node = this.root) {
    if (node === null) return;
    yield* this.inOrder(node.left);
    yield node.key;
    yield* this.inOrder(node.right);
  }

  height(node = this.root) {
    return node === null ? 0 : 1 + Math.max(this.height(node.left), this.height(node.right));
  }
}

const tree = new SearchTree();
['elma', 'armut', 'kiraz', 'üzüm', 'incir', 'çilek', 'elma'].forEach((fruit) => tree.insert(fruit));
console.log([...tree.inOrder()].join(' '));
console.log('height', tree.height());
