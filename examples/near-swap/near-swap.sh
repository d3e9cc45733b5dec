#!/bin/sh
# Brings a swap to the network of a running `outlayer dev`, which serves near-swap: NEAR is wrapped by
# wrap.test.near, and swap.test.near gives 3 USDC for one. Run in the folder of the examples' wasm.
set -e
contracts=../contracts
as() { who=$1; shift; outlayer contract call -q --account "$who" "$@" >/dev/null; }

outlayer contract deploy -q --account test.near "$contracts/token.wasm" --to wrap.test.near --init new \
    --args '{"owner_id":"bob.test.near","name":"Wrapped NEAR","symbol":"wNEAR","decimals":24,"wraps_near":true}' >/dev/null
outlayer contract deploy -q --account test.near "$contracts/swap.wasm" --to swap.test.near --init new \
    --args '{"operator_id":"bob.test.near","token_in":"wrap.test.near","token_out":"usdc.test.near","rate_in":"1000000000000000000000000","rate_out":"3000000"}' >/dev/null

# Both can be sent wrapped NEAR, and the swap has USDC to give.
as bob.test.near --deposit 0.01near wrap.test.near storage_deposit '{"account_id":"outlayer.test.near"}'
as bob.test.near --deposit 0.01near wrap.test.near storage_deposit '{"account_id":"swap.test.near"}'
as usdc.test.near usdc.test.near mint '{"account_id":"swap.test.near","amount":"9000000000"}'

# The swap obeys bob; the program signs as he. The caller of its run is the key's owner.
key=$(sed 's/.*"account_id":"bob.test.near"[^}]*"private_key":"\([^"]*\)".*/\1/' "$OUTLAYER_HOME/local/accounts.json")
printf 'SWAP_SIGNER=bob.test.near\nSWAP_KEY=%s\nSWAP_FOR=outlayer.test.near\n' "$key" |
    outlayer secrets set -q --from - --project dev.test.near/near-swap --profile swap --access everyone >/dev/null

# The contract sends NEAR to swaps it lists, and to no others.
as outlayer.test.near outlayer.test.near set_near_top_up '{"wrap_contract":"wrap.test.near","project_id":"dev.test.near/near-swap","secrets_profile":"swap","secrets_account":"dev.test.near","swap_contracts":["swap.test.near"]}'
echo "swap.test.near gives 3 USDC for a NEAR"
