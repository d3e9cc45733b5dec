/* The canonical form enters prices and signatures: it is exact to the byte (Contract 3). */
#include "contracts/outlayer/access_condition.h"

#include "tests/harness/test.h"

enum { BYTES_MAX = 1 << 16 };

/* The canonical form; `!` and the fault's words when there is none. */
static ol_str canonical(const char *json, char storage[static BYTES_MAX])
{
    ol_json value;
    ol_err err = {0};
    access_fault fault = {0};
    ol_buf text = ol_buf_over(storage, BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    CHECK_OK(ol_json_parse(ol_str_of(json), &value, &err));
    if (access_condition_write(&value, &w, &fault))
        return ol_buf_str(&text);
    ol_buf_clear(&text);
    ol_buf_addf(&text, "!%s", fault.words);
    return ol_buf_str(&text);
}

TEST("every kind is printed without spaces, members in their order, absent ones as null")
{
    static const struct {
        const char *given;
        const char *canonical;
    } cases[] = {
        {" \"AllowAll\" ", "\"AllowAll\""},
        {"\"\\u0041llowAll\"", "\"AllowAll\""},
        {"{ \"Whitelist\" : { \"accounts\" : [ \"a.near\", \"b\\u002enear\" ] } }",
         "{\"Whitelist\":{\"accounts\":[\"a.near\",\"b.near\"]}}"},
        {"{\"Whitelist\":{\"accounts\":[]}}", "{\"Whitelist\":{\"accounts\":[]}}"},
        {"{\"AccountPattern\":{\"pattern\":\".*\\\\.near\"}}",
         "{\"AccountPattern\":{\"pattern\":\".*\\\\.near\"}}"},
        {"{\"NearBalance\":{\"value\":\"0010\",\"operator\":\"Gte\"}}",
         "{\"NearBalance\":{\"operator\":\"Gte\",\"value\":\"10\"}}"},
        {"{\"FtBalance\":{\"value\":\"0\",\"operator\":\"Ne\",\"contract\":\"t.near\"}}",
         "{\"FtBalance\":{\"contract\":\"t.near\",\"operator\":\"Ne\",\"value\":\"0\"}}"},
        {"{\"NftOwned\":{\"contract\":\"n.near\"}}",
         "{\"NftOwned\":{\"contract\":\"n.near\",\"token_id\":null}}"},
        {"{\"NftOwned\":{\"token_id\":\"7\",\"contract\":\"n.near\"}}",
         "{\"NftOwned\":{\"contract\":\"n.near\",\"token_id\":\"7\"}}"},
        {"{\"DaoMember\":{\"role\":\"council\",\"dao_contract\":\"d.near\"}}",
         "{\"DaoMember\":{\"dao_contract\":\"d.near\",\"role\":\"council\"}}"},
        {"{\"Not\":{\"condition\":\"AllowAll\"}}", "{\"Not\":{\"condition\":\"AllowAll\"}}"},
        {"{\"Logic\":{\"conditions\":[\"AllowAll\",{\"Not\":{\"condition\":\"AllowAll\"}}],"
         "\"operator\":\"Or\"}}",
         "{\"Logic\":{\"operator\":\"Or\",\"conditions\":[\"AllowAll\",{\"Not\":{\"condition\":"
         "\"AllowAll\"}}]}}"},
        {"{\"Not\":{\"condition\":\"AllowAll\",\"comment\":{\"x\":[1]}}}",
         "{\"Not\":{\"condition\":\"AllowAll\"}}"},
    };
    char storage[BYTES_MAX];
    OL_EACH (it, cases)
        CHECK_STR_ROW(canonical(it->given, storage), ol_str_of(it->canonical), it->given);
}

TEST("texts keep slashes and other alphabets, and escape what JSON must")
{
    char storage[BYTES_MAX];
    CHECK_STR(canonical("{\"AccountPattern\":{\"pattern\":"
                        "\"\\u00e4\\/\\u0022\\\\\\b\\f\\n\\r\\t\\u0001\\u001F\\u007f\"}}",
                        storage),
              OL_STR("{\"AccountPattern\":{\"pattern\":"
                     "\"\xc3\xa4/\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"}}"));
}

TEST("what is no condition is refused with its reason")
{
    static const struct {
        const char *given;
        const char *fault;
    } cases[] = {
        {"\"allowall\"", "!expected an access condition"},
        {"7", "!expected an access condition"},
        {"{}", "!expected an object with one member"},
        {"{\"Not\":{\"condition\":\"AllowAll\"},\"Whitelist\":{\"accounts\":[]}}",
         "!expected an object with one member"},
        {"{\"Nothing\":{}}", "!unknown access condition"},
        {"{\"Not\":[]}", "!expected an object"},
        {"{\"Not\":{}}", "!missing field"},
        {"{\"Not\":{\"condition\":null}}", "!expected an access condition"},
        {"{\"Not\":{\"condition\":\"AllowAll\",\"condition\":\"AllowAll\"}}", "!duplicate field"},
        {"{\"Whitelist\":{\"accounts\":\"a.near\"}}", "!expected a list"},
        {"{\"Whitelist\":{\"accounts\":[\"A.near\"]}}", "!expected an account id"},
        {"{\"Whitelist\":{\"accounts\":[1]}}", "!expected an account id"},
        {"{\"NearBalance\":{\"operator\":\"gte\",\"value\":\"1\"}}", "!unknown operator"},
        {"{\"NearBalance\":{\"operator\":\"Gte\",\"value\":1}}",
         "!expected an amount as a decimal string"},
        {"{\"NearBalance\":{\"operator\":\"Gte\",\"value\":"
         "\"340282366920938463463374607431768211456\"}}",
         "!expected an amount as a decimal string"},
        {"{\"Logic\":{\"operator\":\"Xor\",\"conditions\":[]}}", "!unknown operator"},
        {"{\"DaoMember\":{\"dao_contract\":\"d.near\",\"role\":null}}", "!expected a string"},
        {"{\"NftOwned\":{\"contract\":\"n.near\",\"token_id\":7}}", "!expected a string"},
    };
    char storage[BYTES_MAX];
    OL_EACH (it, cases)
        CHECK_STR_ROW(canonical(it->given, storage), ol_str_of(it->fault), it->given);
}

TEST("conditions nest as deep as the reader allows")
{
    char given[BYTES_MAX];
    char storage[BYTES_MAX];
    ol_buf text = ol_buf_over(given, sizeof given);
    enum { LEVELS = 63 }; /* two levels of JSON each; the reader takes 127 */
    for (int i = 0; i < LEVELS; i++)
        ol_buf_add_str(&text, OL_STR("{\"Not\":{\"condition\":"));
    ol_buf_add_str(&text, OL_STR("\"AllowAll\""));
    for (int i = 0; i < LEVELS; i++)
        ol_buf_add_str(&text, OL_STR("}}"));
    ol_buf_add_char(&text, '\0');
    CHECK(ol_buf_ok(&text));
    CHECK_STR(canonical(given, storage), ol_str_of(given));
}
