/* Keys, nonces, allowances, delegate actions: NEAR 4.1, 4.2, 5.3. */
#include "tests/chain/node/lab.h"

#include <string.h>

#include "lib/crypto/secp256k1.h"

static const ol_str ALICE = OL_STR_INIT("alice.test.near");
static const ol_str BOB = OL_STR_INIT("bob.test.near");
static const ol_str CAROL = OL_STR_INIT("carol.test.near");
static const ol_str ONE = OL_STR_INIT("one.test.near");
/* Somebody whose key is added to accounts here. */
static const ol_str ROBOT = OL_STR_INIT("robot");

static ol_access_key access_of(lab *l, ol_str id, ol_str key_of)
{
    ol_access_key access = {0};
    ol_public_key key = lab_key(key_of);
    CHECK(ol_access_key_find(&ol_node_head(l->node)->state, id, &key, &l->arena, &access));
    return access;
}

/* Gives alice a key of the robot's that may call `method` of `one` (or any, for NULL). */
static void add_call_key(lab *l, const char *method, ol_yocto allowance)
{
    static ol_str methods[1];
    methods[0] = ol_str_of(method);
    const ol_action add = {.kind = OL_ACTION_ADD_KEY,
                           .add_key = {.key = lab_key(ROBOT),
                                       .access = {.nonce = 77,
                                                  .permission = OL_PERMISSION_CALL,
                                                  .has_allowance = !ol_yocto_is_zero(allowance),
                                                  .allowance = allowance,
                                                  .receiver_id = ONE,
                                                  .methods = methods,
                                                  .method_count = method == NULL ? 0 : 1}}};
    ol_trace t = lab_do(l, ALICE, ALICE, &add, 1);
    CHECK_EQ(t.status, OL_STATUS_VALUE);
}

static ol_bytes robot_call(lab *l, ol_str contract, const char *method, ol_yocto deposit)
{
    const ol_action call = ol_action_call(ol_str_of(method), (ol_bytes){0}, LAB_TGAS(30), deposit);
    return lab_sign_as(l, ROBOT, ALICE, contract, &call, 1);
}

TEST("a nonce must be above the key's and below a million times the height")
{
    lab l;
    lab_open(&l);
    const ol_action transfer = ol_action_transfer(OL_YOCTO(1));
    (void)lab_do(&l, ALICE, BOB, &transfer, 1);
    uint64_t used = access_of(&l, ALICE, ALICE).nonce;
    const ol_block *head = ol_node_head(l.node);
    l.nonce = used - (head->height * 1000000 - 1000000) - 1;
    ol_str again = lab_refusal(&l, lab_sign(&l, ALICE, CAROL, &transfer, 1));
    CHECK_HAS(again,
              ol_arena_printf(&l.arena, "{\"InvalidNonce\":{\"tx_nonce\":%llu,\"ak_nonce\":%llu}}",
                              (unsigned long long)used, (unsigned long long)used),
              "used");
    l.nonce = 2000000 - 1;
    ol_str far = lab_refusal(&l, lab_sign(&l, ALICE, CAROL, &transfer, 1));
    CHECK_HAS(far, OL_STR("{\"InvalidTxError\":{\"NonceTooLarge\":{\"tx_nonce\":"), "far");
    lab_close(&l);
}

TEST("a transaction is refused in the network's words and order")
{
    lab l;
    lab_open(&l);
    const ol_action transfer = ol_action_transfer(OL_YOCTO(1));
    const ol_action fortune = ol_action_transfer(LAB_NEAR(2000));
    const ol_action no_gas = ol_action_call(OL_STR("m"), (ol_bytes){0}, 0, OL_YOCTO(0));
    const ol_action too_much =
        ol_action_call(OL_STR("m"), (ol_bytes){0}, LAB_TGAS(1001), OL_YOCTO(0));
    const ol_action drop_first[] = {{.kind = OL_ACTION_DELETE_ACCOUNT, .beneficiary = BOB},
                                    transfer};
    CHECK_STR(
        lab_refusal(&l, lab_sign(&l, OL_STR("nobody.near"), BOB, &transfer, 1)),
        OL_STR("{\"InvalidTxError\":{\"SignerDoesNotExist\":{\"signer_id\":\"nobody.near\"}}}"));
    CHECK_HAS(lab_refusal(&l, lab_sign_as(&l, BOB, ALICE, BOB, &transfer, 1)),
              OL_STR("{\"InvalidTxError\":{\"InvalidAccessKeyError\":{\"AccessKeyNotFound\":{"
                     "\"account_id\":\"alice.test.near\",\"public_key\":\"ed25519:"),
              "key");
    CHECK_HAS(lab_refusal(&l, lab_sign(&l, ALICE, BOB, &fortune, 1)),
              OL_STR("{\"NotEnoughBalance\":{\"signer_id\":\"alice.test.near\",\"balance\":\""),
              "balance");
    CHECK_STR(
        lab_refusal(&l, lab_sign(&l, ALICE, BOB, &no_gas, 1)),
        OL_STR("{\"InvalidTxError\":{\"ActionsValidation\":\"FunctionCallZeroAttachedGas\"}}"));
    CHECK_STR(lab_refusal(&l, lab_sign(&l, ALICE, BOB, &too_much, 1)),
              OL_STR("{\"InvalidTxError\":{\"ActionsValidation\":{\"TotalPrepaidGasExceeded\":{"
                     "\"total_prepaid_gas\":1001000000000000,\"limit\":1000000000000000}}}}"));
    CHECK_STR(lab_refusal(&l, lab_sign(&l, ALICE, ALICE, drop_first, 2)),
              OL_STR("{\"InvalidTxError\":{\"ActionsValidation\":\"DeleteActionMustBeFinal\"}}"));
    ol_action many[101];
    for (size_t i = 0; i < OL_COUNT(many); i++)
        many[i] = transfer;
    CHECK_STR(lab_refusal(&l, lab_sign(&l, ALICE, BOB, many, OL_COUNT(many))),
              OL_STR("{\"InvalidTxError\":{\"ActionsValidation\":{"
                     "\"TotalNumberOfActionsExceeded\":{\"total_number_of_actions\":101,"
                     "\"limit\":100}}}}"));
    for (size_t i = 0; i < 11; i++)
        many[i] = ol_action_deploy((ol_bytes){0});
    CHECK_HAS(lab_refusal(&l, lab_sign(&l, ALICE, ALICE, many, 11)),
              OL_STR("{\"TotalNumberOfDeployActionsExceeded\":{\"number_of_deploy_actions\":11,"
                     "\"limit\":10}}"),
              "deploys");
    ol_bytes forged = lab_sign(&l, ALICE, BOB, &transfer, 1);
    uint8_t *last = (uint8_t *)(uintptr_t)(forged.data + forged.len - 1);
    *last ^= 1;
    CHECK_STR(lab_refusal(&l, forged), OL_STR("{\"InvalidTxError\":\"InvalidSignature\"}"));
    lab_close(&l);
}

TEST("a transaction that names a block nobody knows is expired")
{
    lab l;
    lab_open(&l);
    lab other;
    lab_open_with(&other, (ol_node_options){.genesis_height = 100, .seed = OL_STR("other")});
    const ol_action transfer = ol_action_transfer(OL_YOCTO(1));
    CHECK_STR(lab_refusal(&l, lab_sign(&other, ALICE, BOB, &transfer, 1)),
              OL_STR("{\"InvalidTxError\":\"Expired\"}"));
    lab_close(&other);
    lab_close(&l);
}

TEST("submitting a known transaction again succeeds and does nothing")
{
    lab l;
    lab_open(&l);
    const ol_action transfer = ol_action_transfer(LAB_NEAR(1));
    ol_bytes bytes = lab_sign(&l, ALICE, BOB, &transfer, 1);
    ol_sha256 first = lab_submit(&l, bytes);
    ol_sha256 second = lab_submit(&l, bytes);
    CHECK(ol_sha256_eq(&first, &second));
    lab_run(&l);
    (void)lab_submit(&l, bytes);
    CHECK(!ol_node_has_work(l.node));
    CHECK(lab_balance(&l, BOB).yocto == LAB_NEAR(1001).yocto);
    lab_close(&l);
}

TEST("transactions of one key are taken in the order of their nonces")
{
    lab l;
    lab_open(&l);
    const ol_action transfer = ol_action_transfer(OL_YOCTO(1));
    ol_bytes first = lab_sign(&l, ALICE, BOB, &transfer, 1);
    ol_bytes second = lab_sign(&l, ALICE, BOB, &transfer, 1);
    (void)lab_submit(&l, second);
    (void)lab_submit(&l, first);
    lab_mine(&l, 1);
    const ol_block *head = ol_node_head(l.node);
    CHECK_EQ(head->transaction_outcomes, 2);
    CHECK_EQ(head->outcomes[0].status, OL_STATUS_RECEIPT);
    CHECK_EQ(head->outcomes[1].status, OL_STATUS_RECEIPT);
    lab_close(&l);
}

TEST("a transaction that became impossible in the pool has a failed outcome")
{
    lab l;
    lab_open(&l);
    const ol_action most = ol_action_transfer(LAB_NEAR(600));
    (void)lab_submit(&l, lab_sign(&l, ALICE, BOB, &most, 1));
    ol_sha256 second = lab_submit(&l, lab_sign(&l, ALICE, BOB, &most, 1));
    lab_run(&l);
    ol_trace t = lab_trace(&l, &second);
    CHECK_EQ(t.status, OL_STATUS_FAILURE);
    CHECK_HAS(lab_failure(&l, t.status_outcome),
              OL_STR("{\"InvalidTxError\":{\"NotEnoughBalance\""), "");
    lab_close(&l);
}

TEST("a hundred transactions go into one block")
{
    lab l;
    lab_open(&l);
    const ol_action transfer = ol_action_transfer(OL_YOCTO(1));
    for (unsigned i = 0; i < 101; i++)
        (void)lab_submit(&l, lab_sign(&l, ALICE, BOB, &transfer, 1));
    lab_mine(&l, 1);
    CHECK_EQ(ol_node_head(l.node)->transaction_count, 100);
    lab_run(&l);
    CHECK(lab_balance(&l, BOB).yocto == LAB_NEAR(1000).yocto + 101);
    lab_close(&l);
}

TEST("a new key's nonce begins with its block, whatever the action said")
{
    lab l;
    lab_open(&l);
    add_call_key(&l, "echo", OL_YOCTO(0));
    const ol_block *made = ol_node_head(l.node);
    CHECK(access_of(&l, ALICE, ROBOT).nonce >= (made->height - 3) * 1000000);
    CHECK_EQ(access_of(&l, ALICE, ROBOT).nonce % 1000000, 0);
    CHECK_EQ(lab_account(&l, ALICE).storage_usage,
             182 + 40 + 33 + (8 + 1 + 1 + 4 + 13 + 4 + 4 + 4));
    lab_close(&l);
}

TEST("a function-call key does one call without deposit, to its contract and methods")
{
    lab l;
    lab_open(&l);
    lab_deploy(&l, ONE, "contracts/node_guest.wasm");
    add_call_key(&l, "echo", OL_YOCTO(0));
    const ol_action transfer = ol_action_transfer(OL_YOCTO(1));
    CHECK_STR(lab_refusal(&l, lab_sign_as(&l, ROBOT, ALICE, BOB, &transfer, 1)),
              OL_STR("{\"InvalidTxError\":{\"InvalidAccessKeyError\":\"RequiresFullAccess\"}}"));
    CHECK_STR(lab_refusal(&l, robot_call(&l, BOB, "echo", OL_YOCTO(0))),
              OL_STR("{\"InvalidTxError\":{\"InvalidAccessKeyError\":{\"ReceiverMismatch\":{"
                     "\"tx_receiver\":\"bob.test.near\",\"ak_receiver\":\"one.test.near\"}}}}"));
    CHECK_STR(lab_refusal(&l, robot_call(&l, ONE, "set", OL_YOCTO(0))),
              OL_STR("{\"InvalidTxError\":{\"InvalidAccessKeyError\":{\"MethodNameMismatch\":{"
                     "\"method_name\":\"set\"}}}}"));
    CHECK_STR(
        lab_refusal(&l, robot_call(&l, ONE, "echo", OL_YOCTO(1))),
        OL_STR("{\"InvalidTxError\":{\"InvalidAccessKeyError\":\"DepositWithFunctionCall\"}}"));
    ol_sha256 hash = lab_submit(&l, robot_call(&l, ONE, "echo", OL_YOCTO(0)));
    lab_run(&l);
    CHECK_EQ(lab_trace(&l, &hash).status, OL_STATUS_VALUE);
    lab_close(&l);
}

TEST("an allowance pays for gas, gets the refund back, and ends")
{
    lab l;
    lab_open(&l);
    lab_deploy(&l, ONE, "contracts/node_guest.wasm");
    ol_yocto given = LAB_NEAR(1);
    add_call_key(&l, NULL, given);
    ol_yocto balance = lab_balance(&l, ALICE);
    (void)lab_submit(&l, robot_call(&l, ONE, "echo", OL_YOCTO(0)));
    lab_run(&l);
    ol_yocto left = access_of(&l, ALICE, ROBOT).allowance;
    /* The key pays what the account pays. */
    CHECK(given.yocto - left.yocto == balance.yocto - lab_balance(&l, ALICE).yocto);
    CHECK(left.yocto < given.yocto && left.yocto > given.yocto - LAB_NEAR(1).yocto / 100);
    const ol_action drop = {.kind = OL_ACTION_DELETE_KEY, .delete_key = lab_key(ROBOT)};
    (void)lab_do(&l, ALICE, ALICE, &drop, 1);
    CHECK_EQ(lab_account(&l, ALICE).storage_usage, 182);
    add_call_key(&l, NULL, OL_YOCTO(1000));
    CHECK_HAS(lab_refusal(&l, robot_call(&l, ONE, "echo", OL_YOCTO(0))),
              OL_STR("{\"NotEnoughAllowance\":{\"account_id\":\"alice.test.near\",\"public_key\":"),
              "");
    lab_close(&l);
}

TEST("a secp256k1 key signs for its account")
{
    static const uint8_t secret[32] = {[31] = 9};
    lab l;
    lab_open(&l);
    ol_secp256k1_public public;
    ol_secp256k1_signature made;
    ol_public_key key = {.curve = OL_CURVE_SECP256K1};
    CHECK(ol_secp256k1_public_of(secret, &public));
    memcpy(key.bytes, public.bytes, sizeof public.bytes);
    const ol_action add = ol_action_add_full_key(&key);
    (void)lab_do(&l, ALICE, ALICE, &add, 1);
    CHECK_EQ(lab_account(&l, ALICE).storage_usage, 182 + 65 + 9 + 40);
    const ol_action transfer = ol_action_transfer(LAB_NEAR(1));
    const ol_block *head = ol_node_head(l.node);
    ol_signed_transaction t = {.transaction = {.signer_id = ALICE,
                                               .key = key,
                                               .nonce = head->height * 1000000 - 1,
                                               .receiver_id = BOB,
                                               .actions = &transfer,
                                               .action_count = 1},
                               .signature = {.curve = OL_CURVE_SECP256K1}};
    memcpy(t.transaction.block_hash, head->hash.bytes, sizeof t.transaction.block_hash);
    ol_buf bytes = ol_buf_new(OL_KIB(4));
    ol_transaction_encode(&t.transaction, &bytes);
    ol_sha256 hash = ol_sha256_of(ol_buf_bytes(&bytes));
    CHECK(ol_secp256k1_sign(secret, hash.bytes, &made));
    memcpy(t.signature.bytes, made.bytes, sizeof made.bytes);
    ol_signature_encode(&t.signature, &bytes);
    (void)lab_submit(&l, ol_buf_bytes(&bytes));
    ol_buf_deinit(&bytes);
    lab_run(&l);
    CHECK(lab_balance(&l, BOB).yocto == LAB_NEAR(1001).yocto);
    lab_close(&l);
}

TEST("only the account itself changes its keys and code")
{
    static const struct {
        ol_action_kind kind;
        const char *error;
    } cases[] = {
        {OL_ACTION_ADD_KEY, "ActorNoPermission"},
        {OL_ACTION_DELETE_KEY, "ActorNoPermission"},
        {OL_ACTION_DEPLOY_CONTRACT, "ActorNoPermission"},
        {OL_ACTION_DELETE_ACCOUNT, "ActorNoPermission"},
        {OL_ACTION_CREATE_ACCOUNT, "AccountAlreadyExists"},
    };
    lab l;
    lab_open(&l);
    OL_EACH (c, cases) {
        ol_action action = {.kind = c->kind};
        if (c->kind == OL_ACTION_ADD_KEY)
            action = (ol_action){
                .kind = c->kind,
                .add_key = {.key = lab_key(ROBOT), .access = {.permission = OL_PERMISSION_FULL}}};
        if (c->kind == OL_ACTION_DELETE_ACCOUNT)
            action.beneficiary = ALICE;
        ol_trace t = lab_do(&l, ALICE, BOB, &action, 1);
        CHECK_HAS(lab_failure(&l, t.status_outcome), ol_str_of(c->error), c->error);
    }
    lab_close(&l);
}

static const ol_delegate *delegate_of(lab *l, const ol_action *inner, size_t count, ol_str receiver,
                                      uint64_t max_height)
{
    ol_ed25519_key key = lab_secret(ALICE);
    ol_delegate *delegate = OL_ARENA_NEW(&l->arena, ol_delegate);
    *delegate = (ol_delegate){.sender_id = ALICE,
                              .receiver_id = receiver,
                              .actions = inner,
                              .action_count = count,
                              .nonce = access_of(l, ALICE, ALICE).nonce + 1,
                              .max_block_height = max_height,
                              .key = lab_key(ALICE)};
    ol_sha256 hash;
    CHECK(ol_delegate_hash(delegate, false, &hash));
    ol_ed25519_signature made = ol_ed25519_sign(&key, ol_sha256_bytes(&hash));
    delegate->signature = ol_signature_of_ed25519(&made);
    return delegate;
}

static ol_trace relay(lab *l, const ol_delegate *delegate)
{
    const ol_action action = {.kind = OL_ACTION_DELEGATE, .delegate = delegate};
    return lab_do(l, BOB, ALICE, &action, 1);
}

TEST("a delegate action moves its sender's NEAR at its relayer's cost")
{
    lab l;
    lab_open(&l);
    const ol_action transfer = ol_action_transfer(LAB_NEAR(3));
    ol_yocto alice = lab_balance(&l, ALICE);
    ol_yocto bob = lab_balance(&l, BOB);
    const ol_delegate *delegate = delegate_of(&l, &transfer, 1, CAROL, 1000);
    ol_trace t = relay(&l, delegate);
    CHECK_EQ(t.status, OL_STATUS_VALUE);
    CHECK(lab_balance(&l, CAROL).yocto == LAB_NEAR(1003).yocto);
    /* The relayer's transaction brings the deposit along, too (NEAR 4.1). */
    CHECK(lab_balance(&l, ALICE).yocto == alice.yocto);
    CHECK(bob.yocto - lab_balance(&l, BOB).yocto > LAB_NEAR(3).yocto);
    CHECK_EQ(access_of(&l, ALICE, ALICE).nonce, delegate->nonce);
    const ol_receipt *inner = t.receipts[1].outcome->receipt;
    CHECK_STR(inner->predecessor_id, ALICE);
    CHECK_STR(inner->signer_id, BOB);
    lab_close(&l);
}

TEST("a delegated deposit that fails goes back to the sender, not to the relayer")
{
    lab l;
    lab_open(&l);
    const ol_action transfer = ol_action_transfer(LAB_NEAR(3));
    ol_yocto alice = lab_balance(&l, ALICE);
    (void)relay(&l, delegate_of(&l, &transfer, 1, OL_STR("nobody.near"), 1000));
    CHECK(lab_balance(&l, ALICE).yocto == alice.yocto + LAB_NEAR(3).yocto);
    lab_close(&l);
}

TEST("a delegate action is refused in the network's words")
{
    lab l;
    lab_open(&l);
    const ol_action transfer = ol_action_transfer(OL_YOCTO(1));
    ol_trace t = relay(&l, delegate_of(&l, &transfer, 1, CAROL, 1));
    CHECK_HAS(lab_failure(&l, t.status_outcome), OL_STR("\"DelegateActionExpired\""), "expired");
    ol_delegate forged = *delegate_of(&l, &transfer, 1, CAROL, 1000);
    forged.nonce++;
    t = relay(&l, &forged);
    CHECK_HAS(lab_failure(&l, t.status_outcome), OL_STR("\"DelegateActionInvalidSignature\""),
              "forged");
    const ol_delegate *once = delegate_of(&l, &transfer, 1, CAROL, 1000);
    CHECK_EQ(relay(&l, once).status, OL_STATUS_VALUE);
    t = relay(&l, once);
    CHECK_HAS(lab_failure(&l, t.status_outcome),
              OL_STR("{\"DelegateActionInvalidNonce\":{\"delegate_nonce\":"), "used");
    const ol_action action = {.kind = OL_ACTION_DELEGATE,
                              .delegate = delegate_of(&l, &transfer, 1, CAROL, 1000)};
    t = lab_do(&l, BOB, CAROL, &action, 1);
    CHECK_HAS(lab_failure(&l, t.status_outcome),
              OL_STR("{\"DelegateActionSenderDoesNotMatchTxReceiver\":{\"sender_id\":"
                     "\"alice.test.near\",\"receiver_id\":\"carol.test.near\"}}"),
              "receiver");
    lab_close(&l);
}

TEST("ids that cannot be are refused wherever an action names one")
{
    static const char letters[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    lab l;
    lab_open(&l);
    const ol_action transfer = ol_action_transfer(OL_YOCTO(1));
    const ol_str ids[] = {ol_str_of(letters), OL_STR("Upper"), OL_STR("")};
    OL_EACH (id, ids) {
        const ol_action cases[] = {
            {.kind = OL_ACTION_DELETE_ACCOUNT, .beneficiary = *id},
            {.kind = OL_ACTION_USE_GLOBAL, .use_global = {.by_account = true, .account_id = *id}},
            {.kind = OL_ACTION_STATE_INIT,
             .state_init = {.init = {.code = {.by_account = true, .account_id = *id}}}},
            {.kind = OL_ACTION_DELEGATE, .delegate = delegate_of(&l, &transfer, 1, *id, 1000)},
            {.kind = OL_ACTION_ADD_KEY,
             .add_key = {.key = lab_key(ROBOT),
                         .access = {.permission = OL_PERMISSION_CALL, .receiver_id = *id}}}};
        OL_EACH (action, cases)
            CHECK_HAS(lab_refusal(&l, lab_sign(&l, ALICE, ALICE, action, 1)),
                      OL_STR("{\"ActionsValidation\":{\"InvalidAccountId\":"), "id");
        CHECK_HAS(lab_refusal(&l, lab_sign(&l, ALICE, *id, &transfer, 1)),
                  OL_STR("{\"InvalidReceiverId\""), "receiver");
        CHECK(!lab_exists(&l, *id));
    }
    lab_close(&l);
}
