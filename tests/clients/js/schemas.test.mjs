// Every answer of outlayer-localnet against the published schemas of a node's answers: strict
// clients parse by them. Where a schema leaves a member open, the tests in C look at it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as schemas from '@near-js/jsonrpc-types';
import { Account, JsonRpcProvider, KeyPair, actions } from 'near-api-js';
import { Localnet, probe } from './localnet.mjs';

let net;
let alice;
let sent; // a transaction with several receipts
const NEAR = 10n ** 24n;

before(async () => {
    net = await Localnet.start();
    alice = new Account('alice.test.near', new JsonRpcProvider({ url: net.url }),
        await net.secretKey('alice.test.near'));
    await alice.deployContract(probe());
    await alice.addFunctionCallAccessKey({
        publicKey: KeyPair.fromRandom('ed25519').getPublicKey(), contractId: 'alice.test.near',
        methodNames: ['set', 'get'], allowance: NEAR,
    });
    await alice.callFunctionRaw({ contractId: 'alice.test.near', methodName: 'set', args: { a: 1 } });
    sent = await alice.callFunctionRaw(
        { contractId: 'alice.test.near', methodName: 'give_back', args: {}, deposit: NEAR });
});
after(() => net.stop());

// The schemas are written with camel-case members; a node's answers are in snake case.
function camel(value) {
    if (Array.isArray(value)) return value.map(camel);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [
        /^[a-z]/.test(key) ? key.replace(/_([a-z0-9])/g, (_, c) => c.toUpperCase()) : key,
        camel(inner)]));
}

function fits(schema, result, what) {
    const parsed = schemas[schema]().safeParse(camel(result));
    assert.ok(parsed.success, `${what}: ${JSON.stringify(parsed.error?.issues?.slice(0, 5), null, 1)}`);
}

async function result(method, params) {
    const { status, body } = await net.rpc(method, params);
    assert.equal(status, 200, JSON.stringify(body.error));
    assert.equal(body.error, undefined, JSON.stringify(body.error));
    return body.result;
}

const FINAL = { finality: 'final' };
const QUERIES = [
    { request_type: 'view_account', account_id: 'alice.test.near' },
    { request_type: 'view_access_key_list', account_id: 'alice.test.near' },
    { request_type: 'view_code', account_id: 'alice.test.near' },
    { request_type: 'view_state', account_id: 'alice.test.near', prefix_base64: '' },
    { request_type: 'call_function', account_id: 'alice.test.near', method_name: 'get', args_base64: '' },
];

describe('answers fit the published schemas', () => {
    for (const query of QUERIES) {
        test(`query ${query.request_type}`, async () => {
            fits('RpcQueryResponseSchema', await result('query', { ...FINAL, ...query }), 'query');
        });
    }
    const PLAIN = [
        ['block', FINAL, 'RpcBlockResponseSchema'],
        ['status', [], 'RpcStatusResponseSchema'],
        ['gas_price', [null], 'RpcGasPriceResponseSchema'],
        ['network_info', [], 'RpcNetworkInfoResponseSchema'],
        ['validators', [null], 'RpcValidatorResponseSchema'],
        ['chunk', { block_id: 1, shard_id: 0 }, 'RpcChunkResponseSchema'],
    ];
    for (const [method, params, schema] of PLAIN) {
        test(method, async () => fits(schema, await result(method, params), method));
    }

    test('EXPERIMENTAL_protocol_config', async () => {
        const config = await result('EXPERIMENTAL_protocol_config', FINAL);
        // Nodes of this version do not tell this any more; the schema is one version behind.
        config.runtime_config.wasm_config.saturating_float_to_int ??= true;
        fits('RpcProtocolConfigResponseSchema', config, 'config');
    });

    test('tx and EXPERIMENTAL_tx_status, and each receipt and chunk of the transaction', async () => {
        const params = { tx_hash: sent.transaction.hash, sender_account_id: 'alice.test.near', wait_until: 'FINAL' };
        const tx = await result('tx', params);
        fits('RpcTransactionResponseSchema', tx, 'tx');
        fits('RpcTransactionResponseSchema', await result('EXPERIMENTAL_tx_status', params), 'status');
        for (const { id, block_hash } of tx.receipts_outcome) {
            fits('RpcReceiptResponseSchema', await result('EXPERIMENTAL_receipt', { receipt_id: id }), 'receipt');
            fits('RpcChunkResponseSchema', await result('chunk', { block_id: block_hash, shard_id: 0 }), 'chunk');
            fits('RpcBlockResponseSchema', await result('block', { block_id: block_hash }), 'block');
        }
    });

    test('changes of every type, and of a block', async () => {
        const block_id = sent.transaction_outcome.block_hash;
        const account_ids = ['alice.test.near'];
        const types = ['account_changes', 'all_access_key_changes', 'data_changes', 'contract_code_changes'];
        for (const changes_type of types) {
            const changes = await result('EXPERIMENTAL_changes',
                { block_id, changes_type, account_ids, key_prefix_base64: '' });
            fits('RpcStateChangesInBlockResponseSchema', changes, changes_type);
        }
        fits('RpcStateChangesInBlockByTypeResponseSchema',
            await result('EXPERIMENTAL_changes_in_block', { block_id }), 'changes in block');
    });

    test('every kind of action, in its transaction and its receipt', async () => {
        const key = KeyPair.fromRandom('ed25519').getPublicKey();
        const name = 'kinds.alice.test.near';
        const outcome = await alice.signAndSendTransaction({
            receiverId: name,
            actions: [
                actions.createAccount(), actions.transfer(20n * NEAR), actions.addFullAccessKey(key),
                actions.addFunctionCallAccessKey(KeyPair.fromRandom('ed25519').getPublicKey(), name, [], 5n),
                actions.deployContract(probe()), actions.functionCall('set', {}, 10n ** 13n, 0n),
                actions.deleteKey(key), actions.deleteAccount('alice.test.near'),
            ],
        });
        fits('RpcTransactionResponseSchema', outcome, 'transaction');
        const { receipts_outcome: [first] } = outcome;
        fits('RpcReceiptResponseSchema', await result('EXPERIMENTAL_receipt', { receipt_id: first.id }), 'receipt');
    });

    const FAILURES = [
        ['FunctionCallError', 'alice.test.near', () => [actions.functionCall('fail', {}, 10n ** 13n, 0n)]],
        ['FunctionCallError', 'alice.test.near', () => [actions.functionCall('none', {}, 10n ** 13n, 0n)]],
        ['FunctionCallError', 'bob.test.near', () => [actions.functionCall('any', {}, 10n ** 13n, 0n)]],
        ['FunctionCallError', 'alice.test.near', () => [actions.functionCall('get', {}, 1n, 0n)]],
        ['AccountDoesNotExist', 'nobody.test.near', () => [actions.functionCall('any', {}, 10n ** 13n, 0n)]],
        ['ActorNoPermission', 'bob.test.near', () => [actions.deployContract(probe())]],
        ['AccountAlreadyExists', 'bob.test.near', () => [actions.createAccount()]],
        ['CreateAccountNotAllowed', 'x.bob.test.near', () => [actions.createAccount()]],
        ['CreateAccountOnlyByRegistrar', 'toplevel', () => [actions.createAccount()]],
        ['DeleteKeyDoesNotExist', 'alice.test.near',
            () => [actions.deleteKey(KeyPair.fromRandom('ed25519').getPublicKey())]],
        ['LackBalanceForState', 'poor.alice.test.near',
            () => [actions.createAccount(), actions.deployContract(probe())]],
    ];
    test('failed actions, by kind', async () => {
        for (const [kind, receiverId, list] of FAILURES) {
            const outcome = await alice.signAndSendTransaction(
                { receiverId, actions: list(), throwOnFailure: false });
            const failure = outcome.status.Failure?.ActionError;
            assert.ok(failure, `${kind}: ${JSON.stringify(outcome.status)}`);
            assert.equal(Object.keys(failure.kind)[0], kind);
            fits('RpcTransactionResponseSchema', outcome, kind);
            fits('ActionErrorSchema', failure, kind);
        }
    });

    test('refused transactions, by kind', async () => {
        const bob = new Account('bob.test.near', new JsonRpcProvider({ url: net.url }),
            await net.secretKey('alice.test.near')); // not his key
        const cases = [
            ['NotEnoughBalance', alice, [actions.transfer(10n ** 36n)]],
            ['ActionsValidation', alice, [actions.functionCall('get', {}, 0n, 0n)]],
            ['ActionsValidation', alice, [actions.deleteAccount('bob.test.near'), actions.transfer(1n)]],
        ];
        for (const [kind, signer, list] of cases) {
            const signed = await signer.createSignedTransaction(
                { receiverId: signer.accountId, actions: list });
            const { body } = await net.rpc('send_tx',
                { signed_tx_base64: Buffer.from(signed.encode()).toString('base64') });
            assert.equal(body.error?.cause.name, 'INVALID_TRANSACTION', JSON.stringify(body));
            assert.equal(Object.keys(body.error.data.TxExecutionError.InvalidTxError)[0], kind);
            fits('TxExecutionErrorSchema', body.error.data.TxExecutionError, kind);
            fits('JsonRpcResponseFor_RpcTransactionResponseAnd_RpcErrorSchema', body, kind);
        }
        await assert.rejects(bob.transfer({ receiverId: 'alice.test.near', amount: 1n }));
    });

    test('errors of every group', async () => {
        const cases = [
            ['query', { ...FINAL, request_type: 'view_account', account_id: 'nobody.near' }, 200],
            ['block', { block_id: 999999 }, 422],
            ['block', {}, 400],
            ['no_such_method', [], 400],
            ['tx', ['11111111111111111111111111111111', 'alice.test.near'].slice(0, 1), 400],
        ];
        for (const [method, params, wanted] of cases) {
            const { status, body } = await net.rpc(method, params);
            assert.equal(status, wanted, method);
            fits('RpcErrorSchema', body.error, method);
            fits('JsonRpcResponseFor_RpcQueryResponseAnd_RpcErrorSchema', body, method);
        }
    });
});
