/* A binary search tree of fruit names, ordered by byte. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
    const char *key;
    struct node *left, *right;
};

static struct node *insert(struct node *node, const char *key)
{
    if (node == NULL) {
        if ((node = calloc(1, sizeof *node)) == NULL) abort();
        node->key = key;
        return node;
    }
    int order = strcmp(key, node->key);
    if (order < 0) node->left = insert(node->left, key);
    if (order > 0) node->right = insert(node->right, key);
    return node; /* a key that is already there changes nothing */
}

/* Prints the keys in order and returns the height. */
static int print_keys(const struct node *node)
{
    if (node == NULL) return 0;
    int left = print_keys(node->left);
    printf("%s ", node->key);
    int right = print_keys(node->right);
    return 1 + (left > right ? left : right);
}

int main(void)
{
    const char *fruits[] = {"elma", "armut", "kiraz", "üzüm", "incir", "çilek", "elma"};
    struct node *root = NULL;
    for (size_t i = 0; i < sizeof fruits / sizeof fruits[0]; i++) root = insert(root, fruits[i]);
    printf("\nheight %d\n", print_keys(root));
}
