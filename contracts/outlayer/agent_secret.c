/* Secrets owned by a wallet's key (Contract 11): the key signs, whoever calls pays. */
#include "contracts/outlayer/events.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/secret.h"
#include "contracts/outlayer/wallet_key.h"

typedef struct agent_arguments {
    ol_str pubkey;
    ol_json accessor;
    ol_str profile;
    ol_str signature;
    ol_str encrypted;
    ol_json access;
    ol_str vault;
} agent_arguments;

static const ol_json_field AGENT_FIELDS[] = {
    {"agent_pubkey", OL_BIND_TEXT, OL_REQUIRED, offsetof(agent_arguments, pubkey)},
    {"accessor", OL_BIND_VALUE, OL_REQUIRED, offsetof(agent_arguments, accessor)},
    {"profile", OL_BIND_TEXT, OL_REQUIRED, offsetof(agent_arguments, profile)},
    {"wallet_signature", OL_BIND_TEXT, OL_REQUIRED, offsetof(agent_arguments, signature)},
    /* store_agent_secret alone */
    {"encrypted_secrets_base64", OL_BIND_TEXT, OL_REQUIRED, offsetof(agent_arguments, encrypted)},
    {"access", OL_BIND_VALUE, OL_REQUIRED, offsetof(agent_arguments, access)},
    {"vault_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(agent_arguments, vault),
     .check = ol_account_id_valid},
};
static const ol_json_table DELETE = {"arguments", AGENT_FIELDS, 4};
static const ol_json_table STORE = {"arguments", AGENT_FIELDS, OL_COUNT(AGENT_FIELDS)};

/* The implicit account of the key: its hex. */
static ol_str agent_account(const wallet_key *key, ol_str sent)
{
    ol_str type;
    ol_str digits;
    (void)ol_str_cut(sent, ':', &type, &digits);
    REQUIRE(key->curve == KEY_ED25519, "Only an ed25519 wallet key has a NEAR account. Got '%.*s'.",
            OL_FMT(type));
    (void)ol_str_cut(key->text, ':', &type, &digits);
    return digits;
}

static secret_name agent_name(call *c, const agent_arguments *in, const wallet_key *key,
                              const char *payment_key_words)
{
    accessor of = accessor_read(c, &in->accessor);
    size_t at;
    REQUIRE(of.kind != ACCESSOR_REPO, "GitHub repositories are not supported for agent secrets.");
    REQUIRE(of.kind != ACCESSOR_PAYMENT_KEY, "%s", payment_key_words);
    REQUIRE(!ol_str_find(in->profile, OL_STR(":"), &at), "profile must not contain ':'");
    return (secret_name){of, in->profile, agent_account(key, in->pubkey)};
}

/* What the messages call the accessor: the project's id, or `wasm:` and the hash. */
static ol_str bound_to(const accessor *of)
{
    ol_buf text = ol_buf_new(of->text.len + 8);
    if (of->kind == ACCESSOR_WASM_HASH)
        ol_buf_add_str(&text, OL_STR("wasm:"));
    ol_buf_add_str(&text, of->text);
    return ol_buf_str(&text);
}

void method_store_agent_secret(call *c)
{
    agent_arguments in = {0};
    call_arguments(c, &STORE, &in);
    wallet_key key = wallet_key_parse(in.pubkey);
    secret it = {
        .name = agent_name(c, &in, &key, "A payment key is not an agent secret."),
        .encrypted = in.encrypted,
        .access_json = access_json(&in.access),
        .vault = in.vault,
    };
    accessor_check(&it.name.accessor);
    ol_str bound = bound_to(&it.name.accessor);
    const ol_str message[] = {OL_STR("store_secrets_for:v1"),
                              in.pubkey,
                              number_text(bound.len),
                              bound,
                              it.name.profile,
                              it.encrypted,
                              c->predecessor,
                              it.vault,
                              it.access_json};
    wallet_key_verify(&key, message, OL_COUNT(message), in.signature);
    secret_store(c, &it);
}

void method_delete_agent_secret(call *c)
{
    agent_arguments in = {0};
    secret removed;
    call_arguments(c, &DELETE, &in);
    wallet_key key = wallet_key_parse(in.pubkey);
    secret_name name = agent_name(c, &in, &key, "delete_agent_secret removes an agent SECRET");
    ol_str bound = bound_to(&name.accessor);
    const ol_str message[] = {OL_STR("delete_agent_secret:v1"),
                              in.pubkey,
                              number_text(bound.len),
                              bound,
                              name.profile,
                              c->predecessor};
    wallet_key_verify(&key, message, OL_COUNT(message), in.signature);
    REQUIRE(secret_take(&name, &removed), "Secrets not found");
    near_log(OL_STR("Secrets deleted"));
    pay(c->predecessor, removed.deposit);
}
