/* GETs the URL of its input and prints the status or the host's words; against a server that never
 * answers, a host call that blocks. */
#include <outlayer.h>
#include <stdio.h>

int main(void)
{
    ol_buf input = ol_buf_new(4096);
    if (ol_input(&input) != 0)
        return 1;
    ol_http_response response;
    ol_http_request request = {.method = OL_STR("GET"),
                               .url = ol_str_trim(ol_buf_str(&input)),
                               .bytes_max = (uint32_t)OL_MIB(16)};
    if (ol_http_send(&request, &response) != 0)
        return ol_output(ol_last_error()) != 0;
    (void)printf("%u %zu", response.status, response.body.len);
    return 0;
}
