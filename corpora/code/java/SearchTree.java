import java.util.ArrayList;
import java.util.List;

/** A binary search tree of fruit names, ordered by UTF-16 code unit. */
public final class SearchTree<K extends Comparable<K>> {
    private K key;
    private SearchTree<K> left;
    private SearchTree<K> right;

    static <K extends Comparable<K>> SearchTree<K> insert(SearchTree<K> node, K key) {
        if (node == null) {
            node = new SearchTree<>();
            node.key = key;
        } else if (key.compareTo(node.key) < 0) {
            node.left = insert(node.left, key);
        } else if (key.compareTo(node.key) > 0) {
            node.right = insert(node.right, key);
        }
        return node; // a key that is already there changes nothing
    }

    void collect(List<K> keys) {
        if (left != null) left.collect(keys);
        keys.add(key);
        if (right != null) right.collect(keys);
    }

    static int height(SearchTree<?> node) {
        return node == null ? 0 : 1 + Math.max(height(node.left), height(node.right));
    }

    public static void main(String[] args) {
        SearchTree<String> root = null;
        String[] fruits = {"elma", "armut", "kiraz", "üzüm", "incir", "çilek", "elma"};
        for (String fruit : fruits) root = insert(root, fruit);
        List<String> keys = new ArrayList<>();
        root.collect(keys);
        System.out.println(String.join(" ", keys) + "\nheight " + height(root));
    }
}
