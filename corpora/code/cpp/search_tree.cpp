// A binary search tree of fruit names, ordered by byte.
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

template <typename Key>
struct Node {
    Key key;
    std::unique_ptr<Node> left, right;
    explicit Node(Key k) : key(std::move(k)) {}
};

template <typename Key>
void insert(std::unique_ptr<Node<Key>>& node, Key key) {
    if (!node) node = std::make_unique<Node<Key>>(std::move(key));
    else if (key < node->key) insert(node->left, std::move(key));
    else if (node->key < key) insert(node->right, std::move(key));
    // A key that is already there changes nothing.
}

template <typename Key, typename Visitor>
int walk(const std::unique_ptr<Node<Key>>& node, Visitor&& visit) {
    if (!node) return 0;
    const int left = walk(node->left, visit);
    visit(node->key);
    return 1 + std::max(left, walk(node->right, visit));
}

int main() {
    std::unique_ptr<Node<std::string>> root;
    for (std::string fruit : {"elma", "armut", "kiraz", "üzüm", "incir", "çilek", "elma"})
        insert(root, std::move(fruit));
    std::string line;
    const int height = walk(root, [&line](const auto& key) { line += line.empty() ? key : " " + key; });
    std::cout << line << "\nheight " << height << std::endl;
}
