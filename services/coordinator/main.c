#include <sys/stat.h>

#include "lib/crypto/secret.h"
#include "services/coordinator/program.h"

int main(int argc, char **argv)
{
    (void)umask(077);         /* the database and the cache are the owner's alone */
    ol_secret_hide_process(); /* the admin's credential, and what callers send */
    return coordinator_main(argc, argv, ol_clock_real());
}
