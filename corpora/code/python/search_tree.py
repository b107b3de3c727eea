"""A binary search tree of fruit names, ordered by code point."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Node:
    key: str
    left: "Node | None" = None
    right: "Node | None" = None


def insert(node: Node | None, key: str) -> Node:
    if node is None:
        return Node(key)
    if key < node.key:
        node.left = insert(node.left, key)
    elif key > node.key:
        node.right = insert(node.right, key)
    return node  # a key that is already there changes nothing


def in_order(node: Node | None) -> Iterator[str]:
    if node is not None:
        yield from in_order(node.left)
        yield node.key
        yield from in_order(node.right)


def height(node: Node | None) -> int:
    return 0 if node is None else 1 + max(height(node.left), height(node.right))


if __name__ == "__main__":
    root: Node | None = None
    for fruit in ["elma", "armut", "kiraz", "üzüm", "incir", "çilek", "elma"]:
        root = insert(root, fruit)
    print(*in_order(root))
    print("height", height(root))
