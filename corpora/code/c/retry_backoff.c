/* Call an operation again after a failure, and wait twice as long each time. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <time.h>

enum { BASE_DELAY_MS = 10, MAX_DELAY_MS = 2000, MAX_ATTEMPTS = 5 };

/* Returns NULL when all went well, or else a description of the failure. */
typedef const char *(*operation_fn)(void *context);

static int retry(operation_fn operation, void *context)
{
    long delay = BASE_DELAY_MS;
    for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const char *failure = operation(context);
        if (failure == NULL) return 0;
        printf("attempt %d failed: %s; waiting %ld ms\n", attempt, failure, delay);
        struct timespec pause = {.tv_sec = delay / 1000, .tv_nsec = delay % 1000 * 1000000L};
        nanosleep(&pause, NULL);
        delay = delay * 2 < MAX_DELAY_MS ? delay * 2 : MAX_DELAY_MS;
    }
    return -1;
}

static const char *flaky_server(void *context)
{
    int *failures_left = context;
    if ((*failures_left)-- > 0) {
        return "connection reset";
    }
    puts("200 OK – merhaba!");
    return NULL;
}

int main(void)
{
    int failures = 2;
    return retry(flaky_server, &failures) == 0 ? 0 : 1;
}
