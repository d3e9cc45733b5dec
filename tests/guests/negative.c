/* Fails as programs do that hand on an error code of the library: by returning it from main. */
#include <outlayer.h>

int main(void)
{
    (void)ol_error_output(OL_STR("no such thing"));
    return OL_ENOENT;
}
