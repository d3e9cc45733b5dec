/* {"dice":2} → {"roll":[3,6],"proofs":[…]}: a roll nobody could choose, and what anyone needs to
 * check it: each proof is the Ed25519 signature of its alpha under the published key, the output
 * its SHA-256, and the die follows from the output (ol_vrf_below). */
#include <outlayer.h>

enum { DICE_MAX = 10, SIDES = 6 };

static bool dice_read(const ol_json *input, uint32_t *ret)
{
    ol_json dice;
    *ret = 1;
    if (!ol_json_find(input, OL_STR("dice"), &dice))
        return true;
    return ol_json_u32(&dice, ret, NULL) == OL_OK && *ret >= 1 && *ret <= DICE_MAX;
}

/* Each die is drawn by a seed of its own, so that the dice are independent. */
static int32_t roll(uint32_t number, ol_json_writer *w, ol_vrf_result *ret)
{
    char seed[] = {'d', 'i', 'e', '-', (char)('0' + number)};
    int32_t rc = ol_vrf_generate((ol_str){seed, sizeof seed}, ret);
    if (rc == 0)
        ol_json_add_u64(w, ol_vrf_below(ret, SIDES) + 1);
    return rc;
}

static void put_proof(ol_json_writer *w, const ol_vrf_result *vrf)
{
    ol_json_object_begin(w);
    ol_json_put_str(w, "alpha", ol_buf_str(&vrf->alpha));
    ol_json_put_hex(w, "output", (ol_bytes){vrf->output, sizeof vrf->output});
    ol_json_put_hex(w, "proof", (ol_bytes){vrf->proof, sizeof vrf->proof});
    ol_json_object_end(w);
}

int main(void)
{
    static ol_vrf_result vrf[DICE_MAX];
    ol_buf storage = ol_buf_new(OL_KIB(64));
    ol_buf answer = ol_buf_new(OL_KIB(16));
    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json input;
    uint32_t dice;
    if (ol_input_json(&storage, &input) != 0)
        return ol_fail_with(ol_last_error());
    if (!dice_read(&input, &dice))
        return ol_fail_with(OL_STR("dice must be 1 to 10"));
    ol_json_object_begin(&w);
    ol_json_key(&w, "roll");
    ol_json_array_begin(&w);
    for (uint32_t i = 0; i < dice; i++) {
        if (roll(i, &w, &vrf[i]) != 0)
            return ol_fail_with(ol_last_error());
    }
    ol_json_array_end(&w);
    ol_json_key(&w, "proofs");
    ol_json_array_begin(&w);
    for (uint32_t i = 0; i < dice; i++)
        put_proof(&w, &vrf[i]);
    ol_json_array_end(&w);
    ol_json_object_end(&w);
    return ol_output(ol_buf_str(&answer)) != 0;
}
