// near-api-js as people use it, unchanged, against outlayer-localnet.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Account, JsonRpcProvider, KeyPair, actions, nearToYocto } from 'near-api-js';
import { Localnet, probe } from './localnet.mjs';

let net;
let provider;
let account; // of an id, with the key that follows from the seed
const NEAR = 10n ** 24n;
// What an account has, storage included.
const has = async (id) => BigInt((await provider.viewAccount({ accountId: id })).amount);

before(async () => {
    net = await Localnet.start();
    provider = new JsonRpcProvider({ url: net.url });
    account = async (id) => new Account(id, provider, await net.secretKey(id));
});
after(() => net.stop());

describe('accounts and money', () => {
    test('a transfer moves NEAR and costs a little', async () => {
        const [alice, bob] = [await account('alice.test.near'), await account('bob.test.near')];
        const [a, b] = [await alice.getBalance(), await bob.getBalance()];
        const outcome = await alice.transfer({ receiverId: 'bob.test.near', amount: 3n * NEAR });
        assert.ok('SuccessValue' in outcome.status);
        assert.equal(await bob.getBalance() - b, 3n * NEAR);
        const fee = a - await alice.getBalance() - 3n * NEAR;
        assert.ok(fee > 0n && fee < NEAR / 1000n, `fee ${fee}`);
    });

    test('an account creates a sub-account with a key of its own, and deletes it', async () => {
        const alice = await account('alice.test.near');
        const key = KeyPair.fromRandom('ed25519');
        await alice.createSubAccount({
            accountOrPrefix: 'shop', publicKey: key.getPublicKey(), nearToTransfer: 10n * NEAR,
        });
        const shop = new Account('shop.alice.test.near', provider, key.toString());
        assert.equal(await has('shop.alice.test.near'), 10n * NEAR);
        await shop.deleteAccount('alice.test.near');
        await assert.rejects(shop.getState(), /does not exist/);
    });

    test('a transfer to an implicit id creates the account with its key', async () => {
        const alice = await account('alice.test.near');
        const key = KeyPair.fromRandom('ed25519');
        const id = Buffer.from(key.getPublicKey().data).toString('hex');
        await alice.transfer({ receiverId: id, amount: NEAR });
        const implicit = new Account(id, provider, key.toString());
        await implicit.transfer({ receiverId: 'alice.test.near', amount: NEAR / 10n });
        assert.ok(await implicit.getBalance() < NEAR);
    });

    test('more than the balance is refused by name', async () => {
        const bob = await account('bob.test.near');
        await assert.rejects(bob.transfer({ receiverId: 'alice.test.near', amount: 10n ** 30n }),
            /NotEnoughBalance|does not have enough balance/);
    });

    test('an unknown account is an error, as on the network', async () => {
        const nobody = new Account('nobody.test.near', provider);
        await assert.rejects(nobody.getState(), /nobody.test.near does not exist/);
    });
});

describe('access keys', () => {
    test('a function-call key may call its method and nothing else', async () => {
        const carol = await account('carol.test.near');
        await carol.deployContract(probe());
        const key = KeyPair.fromRandom('ed25519');
        await carol.addFunctionCallAccessKey({
            publicKey: key.getPublicKey(), contractId: 'carol.test.near', methodNames: ['set'],
            allowance: NEAR,
        });
        const limited = new Account('carol.test.near', provider, key.toString());
        await limited.callFunctionRaw({ contractId: 'carol.test.near', methodName: 'set', args: { a: 1 } });
        await assert.rejects(limited.callFunctionRaw(
            { contractId: 'carol.test.near', methodName: 'forget', args: {} }), /MethodNameMismatch|not allowed|allow/i);
        await assert.rejects(limited.transfer({ receiverId: 'bob.test.near', amount: 1n }));
        const { keys } = await carol.getAccessKeyList();
        assert.equal(keys.length, 2);
        await carol.deleteKey(key.getPublicKey());
        assert.equal((await carol.getAccessKeyList()).keys.length, 1);
    });
});

describe('contracts', () => {
    let dev;
    before(async () => {
        dev = await account('dev.test.near');
        await dev.deployContract(probe());
    });

    test('a call keeps what a view reads', async () => {
        const outcome = await dev.callFunctionRaw(
            { contractId: 'dev.test.near', methodName: 'set', args: { n: 7 } });
        assert.deepEqual(outcome.receipts_outcome[0].outcome.logs, ['kept', '{"n":7}']);
        assert.deepEqual(await provider.callFunction(
            { contractId: 'dev.test.near', method: 'get', args: {} }), { n: 7 });
    });

    test('state, code and account agree with what was deployed', async () => {
        const state = await dev.getContractState('note');
        assert.equal(Buffer.from(state.values[0].value, 'base64').toString(), '{"n":7}');
        const code = await dev.getContractCode();
        assert.deepEqual(new Uint8Array(Buffer.from(code.code_base64, 'base64')), probe());
    });

    test('a panic comes back with its words', async () => {
        await assert.rejects(
            dev.callFunctionRaw({ contractId: 'dev.test.near', methodName: 'fail', args: {} }),
            /no such luck/);
    });

    test('a deposit goes to the contract and back', async () => {
        const alice = await account('alice.test.near');
        const before = await alice.getBalance();
        await alice.callFunction(
            { contractId: 'dev.test.near', methodName: 'give_back', args: {}, deposit: 5n * NEAR });
        assert.ok(before - await alice.getBalance() < NEAR / 10n);
    });

    test('a view that fails tells why', async () => {
        await assert.rejects(provider.callFunction(
            { contractId: 'dev.test.near', method: 'nothing', args: {} }), /MethodNotFound/);
    });

    test('several actions are one transaction', async () => {
        const outcome = await dev.signAndSendTransaction({
            receiverId: 'dev.test.near',
            actions: [
                actions.functionCall('set', { n: 1 }, 10n ** 13n, 0n),
                actions.functionCall('set', { n: 2 }, 10n ** 13n, 0n),
            ],
        });
        assert.equal(outcome.receipts_outcome[0].outcome.logs.length, 4);
    });

    test('yield: the caller waits, and gets what somebody answers later', async () => {
        const alice = await account('alice.test.near');
        const called = alice.callFunction(
            { contractId: 'dev.test.near', methodName: 'wait', args: {}, gas: 10n ** 14n });
        for (;;) { // until the block in which the call began to wait
            const { height } = (await net.get('/dev/status')).body;
            const { values } = await dev.getContractState('pending');
            if (values.length > 0) break;
            await net.get(`/v0/block_opt/${height + 1}`);
        }
        const bob = await account('bob.test.near');
        assert.equal(await bob.callFunction(
            { contractId: 'dev.test.near', methodName: 'answer', args: { worth: 42 } }), true);
        assert.deepEqual(await called, { worth: 42 });
    });
});

describe('delegate actions', () => {
    test('a relayer pays for what somebody else signed', async () => {
        const [bob, carol] = [await account('bob.test.near'), await account('carol.test.near')];
        const { signedDelegate } = await bob.createSignedMetaTransaction({
            receiverId: 'alice.test.near', actions: [actions.transfer(2n * NEAR)],
        });
        const before = { alice: await has('alice.test.near'), bob: await has('bob.test.near') };
        const outcome = await carol.relayMetaTransaction(signedDelegate);
        assert.ok('SuccessValue' in outcome.status);
        assert.equal(await has('alice.test.near') - before.alice, 2n * NEAR);
        assert.equal(await has('bob.test.near'), before.bob);
    });
});

describe('the network', () => {
    test('blocks, gas price, validators and status are readable', async () => {
        const block = await provider.viewBlock({ finality: 'final' });
        assert.ok(block.header.height > 1);
        assert.equal((await provider.viewBlock({ blockId: block.header.hash })).header.height,
            block.header.height);
        assert.equal((await provider.viewGasPrice()).gas_price, '100000000');
        assert.equal((await provider.viewValidators()).current_validators.length, 1);
        assert.equal(await provider.getNetworkId(), 'localnet');
        assert.equal(nearToYocto('1'), NEAR);
    });

    test('a lost answer and a failing node are survived by retrying', async () => {
        const alice = await account('alice.test.near');
        const bob = await account('bob.test.near');
        const before = await bob.getBalance();
        await net.dev('fault', { kind: 'rpc-timeout', count: 1, method: 'send_tx' });
        await net.dev('fault', { kind: 'http-500', count: 1, method: 'query' });
        await alice.transfer({ receiverId: 'bob.test.near', amount: NEAR });
        assert.equal(await bob.getBalance() - before, NEAR);
        const { faults } = (await net.get('/dev/status')).body;
        assert.equal(faults['rpc-timeout'] + faults['http-500'], 2);
    });
});

// Last: it waits through the node's own polling timeout.
describe('waiting long', () => {
    test('yield: a call that nobody answers times out after 200 blocks, through re-sent requests',
        async () => {
            const patient = await Localnet.start('--wait-ms', '300', '--block-ms', '10',
                '--produce', 'interval');
            try {
                const other = new JsonRpcProvider({ url: patient.url });
                const alice = new Account('alice.test.near', other,
                    await patient.secretKey('alice.test.near'));
                await alice.deployContract(probe());
                assert.equal(await alice.callFunction({
                    contractId: 'alice.test.near', methodName: 'wait', args: {}, gas: 10n ** 14n,
                }), 'timeout');
            } finally {
                await patient.stop();
            }
        });
});
