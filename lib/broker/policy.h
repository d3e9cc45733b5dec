/* Where a run may send requests (Host interfaces 5): from the manifest of the executed bytes and
 * the owner of the project. */
#ifndef OL_BROKER_POLICY_H
#define OL_BROKER_POLICY_H

#include "lib/proto/manifest.h"

typedef enum ol_network_kind {
    OL_NETWORK_PUBLIC, /* every public address */
    OL_NETWORK_HOSTS,  /* those on the list alone */
    OL_NETWORK_NONE,
} ol_network_kind;

typedef struct ol_network_policy {
    ol_network_kind kind;
    const ol_str *host; /* borrowed from the manifest */
    size_t hosts;
} ol_network_policy;

/* Is this one of the connector accounts' projects (Worker 7.4)? */
bool ol_project_is_connector(ol_str project_id);

ol_network_policy ol_network_policy_of(const ol_manifest *manifest, bool connector);

/* Whole names, case-insensitive, one trailing dot ignored, no wildcard, no port. */
bool ol_network_allows(const ol_network_policy *policy, ol_str host);

#endif
