/* A small bank ledger: amounts are whole cents, so that nothing is lost to rounding. */
#include <stdbool.h>
#include <stdio.h>

struct account {
    const char *owner;
    long cents;
};

static bool deposit(struct account *account, long cents)
{
    if (cents <= 0) {
        return false;
    }
    account->cents += cents;
    return true;
}

/* Moves money, or changes nothing and returns false when there is too little of it. */
static bool transfer(struct account *payer, struct account *payee, long cents)
{
    if (cents > payer->cents || !deposit(payee, cents)) {
        printf("refused: %s has only %ld.%02ld €\n", payer->owner, payer->cents / 100, payer->cents % 100);
        return false;
    }
    payer->cents -= cents;
    return true;
}

int main(void)
{
    struct account accounts[] = {{"Zoë", 25000}, {"Ömer", 7550}};

    transfer(&accounts[0], &accounts[1], 4025);
    transfer(&accounts[1], &accounts[0], 50000);
    for (size_t i = 0; i < sizeof accounts / sizeof accounts[0]; i++) {
        printf("%s: %ld.%02ld €\n", accounts[i].owner, accounts[i].cents / 100, accounts[i].cents % 100);
    }
    return 0;
}
