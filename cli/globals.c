/* The global options, the environment, and what is kept, in this order. */
#include <stdlib.h>
#include <unistd.h>

#include "cli/credentials.h"
#include "cli/network.h"

static ol_str environment(const char *name, ol_str otherwise)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? ol_str_of(value) : otherwise;
}

static bool wants_color(const cli_args *args, int fd)
{
    const char *no_color = getenv("NO_COLOR");
    return !cli_flag(args, "no-color") && (no_color == NULL || no_color[0] == '\0') && isatty(fd);
}

/* In this order: the option, the environment, the network's credentials file, what is known of the
 * network. A network on the command line counts for more than an address in the environment, which
 * may be another network's. */
static ol_str address(const cli_args *args, bool network_said, const char *option,
                      const char *variable, ol_str kept, const char *standard)
{
    ol_str found = OL_STR("");
    if (!network_said)
        found = environment(variable, found);
    if (option != NULL)
        (void)cli_global_value(args, option, &found);
    if (found.len == 0)
        found = kept;
    return found.len > 0 ? found : ol_str_of(standard);
}

static void addresses_read(cli *it, const cli_args *args, bool said)
{
    const cli_network *network = cli_network_find(it->network);
    credentials_addresses kept = {0};
    credentials_addresses_load(it, &kept);
    it->api = address(args, said, "api", "OUTLAYER_API", kept.api, network->api);
    it->rpc = address(args, said, "rpc", "OUTLAYER_RPC", kept.rpc, network->rpc);
    it->contract = address(args, said, NULL, "OUTLAYER_CONTRACT", kept.contract, network->contract);
}

ol_rc cli_globals_read(cli *it, const cli_args *args, ol_err *err)
{
    ol_str home = environment("HOME", OL_STR("."));
    it->quiet = cli_flag(args, "quiet");
    it->verbose = cli_flag(args, "verbose");
    it->dry_run = cli_flag(args, "dry-run");
    it->color = wants_color(args, STDERR_FILENO);
    it->color_out = wants_color(args, STDOUT_FILENO);
    it->home =
        environment("OUTLAYER_HOME", ol_arena_printf(it->arena, "%.*s/.outlayer", OL_FMT(home)));
    it->network = cli_value_or(args, "network", environment("OUTLAYER_NETWORK", OL_STR("local")));
    it->account = cli_value_or(args, "account", environment("OUTLAYER_ACCOUNT", OL_STR("")));
    if (cli_network_find(it->network) == NULL)
        return ol_fail(err, OL_ERR_USAGE, "a network is local, testnet or mainnet");
    OL_TRY(cli_number(args, "timeout", 1, 86400, &it->timeout_s, err));
    ol_str network;
    addresses_read(it, args, cli_value(args, "network", &network));
    return OL_OK;
}

const char *cli_network_hint(const cli *it)
{
    return ol_str_eq(it->network, OL_STR("local"))
               ? "is `outlayer dev` running? --api and --rpc name other addresses"
               : "--api and --rpc name other addresses";
}

bool cli_enter_network(cli *it, const cli_args *args, ol_str name)
{
    if (cli_network_find(name) == NULL)
        return false;
    it->network = name;
    addresses_read(it, args, true);
    return true;
}
