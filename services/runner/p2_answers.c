#include "services/runner/p2_answers.h"

/* Any 0.2 will do: the linker matches the import of a component by semver. */
#define FS(name) "wasi:filesystem/" name "@0.2.12"
#define SOCKET(name) "wasi:sockets/" name "@0.2.12"

#define DIR_TYPES(name) FS("types"), "[method]descriptor." name
#define DIR_STREAM(name) FS("types"), "[method]directory-entry-stream." name
#define TCP(name) SOCKET("tcp"), "[method]tcp-socket." name
#define UDP(name) SOCKET("udp"), "[method]udp-socket." name
#define UDP_IN(name) SOCKET("udp"), "[method]incoming-datagram-stream." name
#define UDP_OUT(name) SOCKET("udp"), "[method]outgoing-datagram-stream." name
#define LOOKUP(name) SOCKET("ip-name-lookup"), "[method]resolve-address-stream." name

#define READ_ONLY "err(read-only)"
#define NO_ENTRY "err(no-entry)"
#define DIR_STAT                                                                                   \
    "ok(rec(type=directory link-count=1u64 size=0u64 data-access-timestamp=none "                  \
    "data-modification-timestamp=none status-change-timestamp=none))"
#define DIR_HASH "ok(rec(lower=1u64 upper=1u64))"
#define DENIED "err(access-denied)"
#define TOO_SOON "err(invalid-state)" /* the socket is neither bound nor connected, for ever */

const olw_answer P2_ANSWERS[] = {
    {FS("types"), "resource descriptor", NULL, ""},
    {FS("types"), "resource directory-entry-stream", NULL, ""},
    {FS("preopens"), "get-directories", NULL, "[(own(descriptor) \".\")]"},

    /* The directory itself. */
    {DIR_TYPES("read-via-stream"), NULL, "err(is-directory)"},
    {DIR_TYPES("write-via-stream"), NULL, READ_ONLY},
    {DIR_TYPES("append-via-stream"), NULL, READ_ONLY},
    {DIR_TYPES("advise"), NULL, "err(bad-descriptor)"},
    {DIR_TYPES("sync-data"), NULL, "ok"},
    {DIR_TYPES("get-flags"), NULL, "ok({read})"},
    {DIR_TYPES("get-type"), NULL, "ok(directory)"},
    {DIR_TYPES("set-size"), NULL, READ_ONLY},
    {DIR_TYPES("set-times"), NULL, READ_ONLY},
    {DIR_TYPES("read"), NULL, "err(is-directory)"},
    {DIR_TYPES("write"), NULL, READ_ONLY},
    {DIR_TYPES("read-directory"), NULL, "ok(own(directory-entry-stream))"},
    {DIR_TYPES("sync"), NULL, "ok"},
    {DIR_TYPES("stat"), NULL, DIR_STAT},
    {DIR_TYPES("is-same-object"), NULL, "true"}, /* there is only one */
    {DIR_TYPES("metadata-hash"), NULL, DIR_HASH},
    {DIR_STREAM("read-directory-entry"), NULL, "ok(none)"},

    /* What would be in it. */
    {DIR_TYPES("stat-at"), "..", DIR_STAT},
    {DIR_TYPES("stat-at"), "...", "err(not-permitted)"},
    {DIR_TYPES("stat-at"), NULL, NO_ENTRY},
    {DIR_TYPES("metadata-hash-at"), "..", DIR_HASH},
    {DIR_TYPES("metadata-hash-at"), NULL, NO_ENTRY},
    {DIR_TYPES("open-at"), "+create", READ_ONLY},
    {DIR_TYPES("open-at"), "+truncate", READ_ONLY},
    {DIR_TYPES("open-at"), "+mutate-directory", READ_ONLY},
    {DIR_TYPES("open-at"), "..", "ok(own(descriptor))"},
    {DIR_TYPES("open-at"), "...", "err(not-permitted)"},
    {DIR_TYPES("open-at"), NULL, NO_ENTRY},
    {DIR_TYPES("readlink-at"), NULL, NO_ENTRY},
    {DIR_TYPES("create-directory-at"), NULL, READ_ONLY},
    {DIR_TYPES("set-times-at"), NULL, READ_ONLY},
    {DIR_TYPES("link-at"), NULL, READ_ONLY},
    {DIR_TYPES("remove-directory-at"), NULL, READ_ONLY},
    {DIR_TYPES("rename-at"), NULL, READ_ONLY},
    {DIR_TYPES("symlink-at"), NULL, READ_ONLY},
    {DIR_TYPES("unlink-file-at"), NULL, READ_ONLY},
    {FS("types"), "filesystem-error-code", NULL, "none"},

    {SOCKET("network"), "resource network", NULL, ""},
    {SOCKET("instance-network"), "instance-network", NULL, "own(network)"},
    {SOCKET("ip-name-lookup"), "resource resolve-address-stream", NULL, ""},
    {SOCKET("ip-name-lookup"), "resolve-addresses", NULL, "err(permanent-resolver-failure)"},
    {LOOKUP("resolve-next-address"), NULL, "err(permanent-resolver-failure)"},
    {LOOKUP("subscribe"), NULL, "own(pollable)"},

    {SOCKET("tcp"), "resource tcp-socket", NULL, ""},
    {SOCKET("tcp-create-socket"), "create-tcp-socket", NULL, "ok(own(tcp-socket))"},
    {TCP("start-bind"), NULL, DENIED},
    {TCP("finish-bind"), NULL, "err(not-in-progress)"},
    {TCP("start-connect"), NULL, DENIED},
    {TCP("finish-connect"), NULL, "err(not-in-progress)"},
    {TCP("start-listen"), NULL, TOO_SOON},
    {TCP("finish-listen"), NULL, "err(not-in-progress)"},
    {TCP("accept"), NULL, TOO_SOON},
    {TCP("local-address"), NULL, TOO_SOON},
    {TCP("remote-address"), NULL, TOO_SOON},
    {TCP("is-listening"), NULL, "false"},
    {TCP("address-family"), NULL, "ipv4"},
    {TCP("set-listen-backlog-size"), NULL, "ok"},
    {TCP("keep-alive-enabled"), NULL, "ok(false)"},
    {TCP("set-keep-alive-enabled"), NULL, "ok"},
    {TCP("keep-alive-idle-time"), NULL, "ok(7200000000000u64)"},
    {TCP("set-keep-alive-idle-time"), NULL, "ok"},
    {TCP("keep-alive-interval"), NULL, "ok(75000000000u64)"},
    {TCP("set-keep-alive-interval"), NULL, "ok"},
    {TCP("keep-alive-count"), NULL, "ok(9u32)"},
    {TCP("set-keep-alive-count"), NULL, "ok"},
    {TCP("hop-limit"), NULL, "ok(64u8)"},
    {TCP("set-hop-limit"), NULL, "ok"},
    {TCP("receive-buffer-size"), NULL, "ok(65536u64)"},
    {TCP("set-receive-buffer-size"), NULL, "ok"},
    {TCP("send-buffer-size"), NULL, "ok(65536u64)"},
    {TCP("set-send-buffer-size"), NULL, "ok"},
    {TCP("subscribe"), NULL, "own(pollable)"},
    {TCP("shutdown"), NULL, TOO_SOON},

    {SOCKET("udp"), "resource udp-socket", NULL, ""},
    {SOCKET("udp"), "resource incoming-datagram-stream", NULL, ""},
    {SOCKET("udp"), "resource outgoing-datagram-stream", NULL, ""},
    {SOCKET("udp-create-socket"), "create-udp-socket", NULL, "ok(own(udp-socket))"},
    {UDP("start-bind"), NULL, DENIED},
    {UDP("finish-bind"), NULL, "err(not-in-progress)"},
    {UDP("stream"), NULL, DENIED},
    {UDP("local-address"), NULL, TOO_SOON},
    {UDP("remote-address"), NULL, TOO_SOON},
    {UDP("address-family"), NULL, "ipv4"},
    {UDP("unicast-hop-limit"), NULL, "ok(64u8)"},
    {UDP("set-unicast-hop-limit"), NULL, "ok"},
    {UDP("receive-buffer-size"), NULL, "ok(65536u64)"},
    {UDP("set-receive-buffer-size"), NULL, "ok"},
    {UDP("send-buffer-size"), NULL, "ok(65536u64)"},
    {UDP("set-send-buffer-size"), NULL, "ok"},
    {UDP("subscribe"), NULL, "own(pollable)"},
    {UDP_IN("receive"), NULL, DENIED},
    {UDP_IN("subscribe"), NULL, "own(pollable)"},
    {UDP_OUT("check-send"), NULL, DENIED},
    {UDP_OUT("send"), NULL, DENIED},
    {UDP_OUT("subscribe"), NULL, "own(pollable)"},
};

const size_t P2_ANSWERS_LEN = sizeof P2_ANSWERS / sizeof P2_ANSWERS[0];
