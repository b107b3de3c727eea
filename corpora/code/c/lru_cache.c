/* A cache with room for two entries: the one unused for longest has to go first. */
#include <stdio.h>
#include <string.h>

static struct entry {
	const char *key, *value;
	unsigned long last_use;	/* 0: this place is still free */
} entries[2];
static unsigned long now, hits, misses;

static const char *get(const char *key)
{
	for (int i = 0; i < 2; i++) {
		if (entries[i].last_use == 0 || strcmp(entries[i].key, key) != 0)
			continue;
		hits++, entries[i].last_use = ++now;
		return entries[i].value;
	}
	return misses++, NULL;
}

static void put(const char *key, const char *value)
{
	int oldest = entries[0].last_use <= entries[1].last_use ? 0 : 1;
	entries[oldest] = (struct entry){ key, value, ++now };
}

int main(void)
{
	put("Peru", "Lima");
	put("Brazil", "Brasília");
	get("Peru");
	put("Colombia", "Bogotá");	/* pushes Brazil out */
	const char *names[] = { "Peru", "Brazil", "Colombia" };
	for (int i = 0; i < 3; i++) {
		const char *capital = get(names[i]);
		printf("%s = %s\n", names[i], capital ? capital : "(not cached)");
	}
	printf("%lu hits, %lu misses\n", hits, misses);
}
