#include "services/coordinator/program.h"

int main(int argc, char **argv)
{
    return coordinator_main(argc, argv, ol_clock_real());
}
