#include "lib/broker/policy.h"

bool ol_project_is_connector(ol_str project_id)
{
    ol_str owner;
    ol_str name;
    return ol_str_cut(project_id, '/', &owner, &name) &&
           (ol_str_eq(owner, OL_STR("connectors.outlayer.near")) ||
            ol_str_eq(owner, OL_STR("connectors.outlayer.testnet")));
}

ol_network_policy ol_network_policy_of(const ol_manifest *manifest, bool connector)
{
    if (manifest->has_network)
        return (ol_network_policy){OL_NETWORK_HOSTS, manifest->host, manifest->hosts};
    if (connector || manifest->connector_id.data != NULL)
        return (ol_network_policy){.kind = OL_NETWORK_NONE};
    return (ol_network_policy){.kind = OL_NETWORK_PUBLIC};
}

static ol_str without_dot(ol_str host)
{
    if (ol_str_ends(host, OL_STR(".")))
        host.len--;
    return host;
}

bool ol_network_allows(const ol_network_policy *policy, ol_str host)
{
    switch (policy->kind) {
    case OL_NETWORK_PUBLIC:
        return true;
    case OL_NETWORK_NONE:
        return false;
    case OL_NETWORK_HOSTS:
        for (size_t i = 0; i < policy->hosts; i++) {
            if (ol_str_eq_nocase(without_dot(policy->host[i]), without_dot(host)))
                return true;
        }
        return false;
    }
    OL_UNREACHABLE();
}
