/* Random histories of many accounts. Whatever they do: the money agrees in every block (the node
 * checks that by itself) and anew over the whole state, every account's storage usage is what lies
 * in its storage, and the same history makes the same chain. CHAIN_SEED repeats one, CHAIN_STEPS
 * sets its length. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/crypto/random.h"
#include "tests/chain/node/lab.h"

enum { NAMES = 11, STEPS = 1500, CHECK_EVERY = 25 };

/* Some exist, some come and go, some cannot be. The first two run the guest; the first six sign. */
static const ol_str NAME[NAMES] = {
    OL_STR_INIT("one.test.near"),
    OL_STR_INIT("two.test.near"),
    OL_STR_INIT("alice.test.near"),
    OL_STR_INIT("bob.test.near"),
    OL_STR_INIT("carol.test.near"),
    OL_STR_INIT("test.near"),
    OL_STR_INIT("a.alice.test.near"),
    OL_STR_INIT("a.one.test.near"),
    OL_STR_INIT("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"),
    OL_STR_INIT("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"),
    OL_STR_INIT("nobody.near"),
};

/* SplitMix64: the whole history follows from one number. */
typedef struct dice {
    uint64_t state;
} dice;

static uint64_t roll(dice *d, uint64_t sides)
{
    uint64_t z = d->state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return (z ^ z >> 31) % sides;
}

static ol_str any_name(dice *d)
{
    return NAME[roll(d, NAMES)];
}

static ol_yocto any_amount(dice *d)
{
    return OL_YOCTO(LAB_NEAR(1).yocto / (1 + roll(d, 1000)) * roll(d, 30));
}

static ol_action any_call(dice *d, lab *l)
{
    static const char *const methods[] = {
        "nothing",   "echo",    "set",         "get",          "log",           "fail",
        "spin",      "collect", "ask_one",     "ask_two",      "ask_asker",     "share_gas",
        "pay",       "create",  "sleep",       "resume",       "nap",           "ask_failing",
        "overspend", "absent",  "sleep_named", "resume_named", "pay_for_caller"};
    ol_str name = any_name(d);
    ol_str args = roll(d, 4) == 0 ? ol_arena_printf(&l->arena, "k%u=%0*u", (unsigned)roll(d, 20),
                                                    (int)roll(d, 300) + 1, 7U)
                                  : name;
    return ol_action_call(ol_str_of(methods[roll(d, OL_COUNT(methods))]), ol_str_bytes(args),
                          LAB_TGAS(1 + roll(d, 120)), any_amount(d));
}

static ol_action any_key_action(dice *d)
{
    ol_public_key key = lab_key(any_name(d));
    if (roll(d, 3) == 0)
        return (ol_action){.kind = OL_ACTION_DELETE_KEY, .delete_key = key};
    if (roll(d, 2) == 0)
        return ol_action_add_full_key(&key);
    return (ol_action){.kind = OL_ACTION_ADD_KEY,
                       .add_key = {.key = key,
                                   .access = {.permission = OL_PERMISSION_CALL,
                                              .has_allowance = roll(d, 2) == 0,
                                              .allowance = any_amount(d),
                                              .receiver_id = NAME[roll(d, 2)]}}};
}

static ol_action any_action(dice *d, lab *l)
{
    switch (roll(d, 40)) {
    case 0:
        return (ol_action){.kind = OL_ACTION_DELETE_ACCOUNT, .beneficiary = any_name(d)};
    case 1:
        return (ol_action){.kind = OL_ACTION_STAKE,
                           .stake = {.amount = any_amount(d), .key = lab_key(NAME[2])}};
    case 2:
    case 3:
    case 4:
        return ol_action_create_account();
    case 5:
    case 6:
    case 7:
    case 8:
        return any_key_action(d);
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
    case 14:
        return ol_action_transfer(any_amount(d));
    default:
        return any_call(d, l);
    }
}

/* An account does something, signed by its own key or by another's. Refusals are fine. */
static void act(dice *d, lab *l)
{
    ol_action actions[3];
    size_t count = 1 + roll(d, OL_COUNT(actions));
    ol_str signer = NAME[roll(d, 6)];
    ol_str key_of = roll(d, 5) == 0 ? any_name(d) : signer;
    for (size_t i = 0; i < count; i++)
        actions[i] = any_action(d, l);
    ol_str receiver = roll(d, 3) == 0 ? signer : any_name(d);
    ol_bytes bytes = lab_sign_as(l, key_of, signer, receiver, actions, count);
    ol_sha256 hash;
    ol_failure failure;
    (void)ol_node_submit(l->node, bytes, &hash, &failure, NULL);
}

/* A delegate action of one account, relayed by another. */
static void delegate(dice *d, lab *l)
{
    ol_str sender = NAME[2 + roll(d, 3)];
    ol_ed25519_key secret = lab_secret(sender);
    ol_access_key access = {0};
    ol_public_key key = lab_key(sender);
    const ol_action inner = roll(d, 2) == 0 ? any_call(d, l) : ol_action_transfer(any_amount(d));
    (void)ol_access_key_find(&ol_node_head(l->node)->state, sender, &key, &l->arena, &access);
    ol_delegate it = {.sender_id = sender,
                      .receiver_id = any_name(d),
                      .actions = &inner,
                      .action_count = 1,
                      .nonce = access.nonce + 1,
                      .max_block_height = UINT64_MAX,
                      .key = key};
    ol_sha256 hash;
    ol_failure failure;
    CHECK(ol_delegate_hash(&it, false, &hash));
    ol_ed25519_signature made = ol_ed25519_sign(&secret, ol_sha256_bytes(&hash));
    it.signature = ol_signature_of_ed25519(&made);
    const ol_action action = {.kind = OL_ACTION_DELEGATE, .delegate = &it};
    ol_bytes bytes = lab_sign(l, NAME[2 + roll(d, 3)], sender, &action, 1);
    (void)ol_node_submit(l->node, bytes, &hash, &failure, NULL);
}

/* Those who ran dry, or are gone, or lost their key, go on. */
static void revive(lab *l, ol_str id)
{
    ol_err err = {0};
    ol_public_key key = lab_key(id);
    const ol_account_seed seed = {
        .id = id, .balance = LAB_NEAR(1000), .keys = &key, .key_count = 1};
    CHECK_OK(ol_node_put_account(l->node, &seed, &err));
}

static void move_chain(dice *d, lab *l)
{
    ol_err err = {0};
    switch (roll(d, 24)) {
    case 0:
        ol_node_skip(l->node, roll(d, 4));
        break;
    case 1:
        (void)ol_node_fork(l->node, (unsigned)roll(d, 4), &err);
        break;
    case 2:
        CHECK_OK(ol_node_snapshot(l->node, OL_STR("s"), &err));
        break;
    case 3:
        if (roll(d, 4) == 0)
            (void)ol_node_restore(l->node, OL_STR("s"), &err);
        break;
    case 4:
        revive(l, NAME[roll(d, 6)]);
        break;
    default:
        CHECK_OK(ol_node_produce(l->node, &err));
        break;
    }
}

/* Storage usage, counted from what is there. */
static uint64_t recount(lab *l, ol_str id, const ol_account *account)
{
    const ol_state *state = &ol_node_head(l->node)->state;
    uint64_t usage = 100;
    ol_bytes at = {0};
    ol_bytes key;
    ol_bytes value;
    ol_public_key public;
    ol_access_key access;
    ol_sha256 hash;
    while (ol_data_next(state, id, (ol_bytes){0}, &at, &key, &value))
        usage += 40 + key.len + value.len;
    at = (ol_bytes){0};
    while (ol_access_key_next(state, id, &at, &l->arena, &public, &access)) {
        ol_buf borsh = ol_buf_new(OL_KIB(8));
        ol_public_key_encode(&public, &borsh);
        ol_access_key_encode(&access, &borsh);
        usage += 40 + borsh.len;
        ol_buf_deinit(&borsh);
    }
    if (account->code == OL_CODE_LOCAL && ol_account_code(state, account, id, &value, &hash))
        usage += value.len;
    if (account->code == OL_CODE_GLOBAL_HASH)
        usage += 32;
    return usage;
}

static void check_world(lab *l)
{
    ol_bytes at = {0};
    ol_str id;
    ol_account account;
    ol_err err = {0};
    CHECK_OK(ol_node_audit(l->node, &err));
    while (ol_account_next(&ol_node_head(l->node)->state, &at, &id, &account)) {
        ol_str name = ol_arena_printf(&l->arena, "%.*s", OL_FMT(id));
        CHECK_EQ_ROW(account.storage_usage, recount(l, id, &account), name.data);
    }
}

/* Receipts that succeeded. */
static size_t worked(const lab *l)
{
    size_t count = 0;
    const ol_block *block = ol_node_head(l->node);
    for (; block != NULL; block = ol_node_parent(l->node, block)) {
        for (size_t i = block->transaction_outcomes; i < block->outcome_count; i++) {
            const ol_outcome *o = &block->outcomes[i];
            count += o->status != OL_STATUS_FAILURE && !ol_receipt_is_refund(o->receipt);
        }
    }
    return count;
}

static ol_sha256 history(uint64_t seed, unsigned steps)
{
    dice d = {seed};
    lab l;
    lab_open_with(&l, (ol_node_options){.genesis_height = 100, .finality_lag = 3});
    lab_deploy(&l, NAME[0], "contracts/node_guest.wasm");
    lab_deploy(&l, NAME[1], "contracts/node_guest.wasm");
    revive(&l, NAME[0]);
    revive(&l, NAME[1]);
    for (unsigned i = 0; i < steps; i++) {
        uint64_t what = roll(&d, 10);
        if (what < 5)
            act(&d, &l);
        else if (what < 6)
            delegate(&d, &l);
        else
            move_chain(&d, &l);
        if (i % CHECK_EVERY == 0) {
            check_world(&l);
            ol_arena_deinit(&l.arena);
        }
    }
    lab_mine(&l, 210); /* every yield has had its time */
    CHECK(!ol_node_has_work(l.node));
    check_world(&l);
    ol_sha256 head = ol_node_head(l.node)->hash;
    CHECK(worked(&l) > 20); /* else nothing was tested */
    lab_close(&l);
    return head;
}

TEST("in random histories money and storage always agree, and they can be repeated")
{
    const char *given = getenv("CHAIN_SEED");
    const char *length = getenv("CHAIN_STEPS");
    uint64_t seed = ol_random_u64(ol_random_kernel());
    uint32_t steps = STEPS;
    if (given != NULL)
        CHECK(ol_u64_parse(ol_str_of(given), &seed));
    if (length != NULL)
        CHECK(ol_u32_parse(ol_str_of(length), &steps));
    (void)printf("CHAIN_SEED=%llu\n", (unsigned long long)seed);
    (void)fflush(stdout);
    ol_sha256 first = history(seed, steps);
    ol_sha256 second = history(seed, steps);
    CHECK(ol_sha256_eq(&first, &second));
}
