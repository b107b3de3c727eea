/* Find the way with the fewest stops through a metro map (breadth-first search). */
#include <stdio.h>

enum station { KADIKOY, USKUDAR, BOSTANCI, YENIKAPI, TAKSIM, LEVENT, N_STATIONS };

static const char *const NAMES[N_STATIONS] = {
    "Kadıköy", "Üsküdar", "Bostancı", "Yenikapı", "Taksim", "Levent",
};

static const int LINES[][2] = {
    {KADIKOY, USKUDAR}, {KADIKOY, BOSTANCI}, {USKUDAR, YENIKAPI}, {YENIKAPI, TAKSIM}, {TAKSIM, LEVENT},
};

/* Searches backwards from the goal: next[s] is where to go from s, or -1 if nowhere. */
static void search(int goal, int next[N_STATIONS])
{
    int queue[N_STATIONS], head = 0, tail = 0;
    for (int s = 0; s < N_STATIONS; s++) next[s] = -1;
    next[goal] = goal;
    queue[tail++] = goal;
    while (head < tail) {
        int here = queue[head++];
        for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
            for (int end = 0; end < 2; end++) {
                int there = LINES[i][1 - end];
                if (LINES[i][end] != here || next[there] != -1) continue;
                next[there] = here;
                queue[tail++] = there;
            }
        }
    }
}

int main(void)
{
    int next[N_STATIONS], stop = KADIKOY;
    search(LEVENT, next);
    for (; next[stop] != stop && next[stop] != -1; stop = next[stop]) printf("%s → ", NAMES[stop]);
    puts(stop == LEVENT ? NAMES[LEVENT] : "no connection");
}
