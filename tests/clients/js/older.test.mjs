// near-api-js 5, which many pages still use: it matches words of errors (NEAR 5.4).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import nearApi from 'near-api-js-5';
import { Localnet, probe } from './localnet.mjs';

const { KeyPair, connect, keyStores } = nearApi;
const NEAR = 10n ** 24n;
let net;
let near;

before(async () => {
    net = await Localnet.start();
    const keyStore = new keyStores.InMemoryKeyStore();
    for (const id of ['alice.test.near', 'bob.test.near']) {
        await keyStore.setKey('localnet', id, KeyPair.fromString(await net.secretKey(id)));
    }
    near = await connect({ networkId: 'localnet', nodeUrl: net.url, keyStore });
});
after(() => net.stop());

test('near-api-js 5: a transfer, a deployed contract, a call and a view', async () => {
    const alice = await near.account('alice.test.near');
    await alice.sendMoney('bob.test.near', NEAR);
    await alice.deployContract(probe());
    const outcome = await alice.functionCall({
        contractId: 'alice.test.near', methodName: 'set', args: { n: 5 }, gas: 10n ** 13n,
    });
    assert.equal(outcome.receipts_outcome[0].outcome.logs[1], '{"n":5}');
    assert.deepEqual(await alice.viewFunction(
        { contractId: 'alice.test.near', methodName: 'get' }), { n: 5 });
    const state = await alice.viewState('note');
    assert.equal(state[0].value.toString(), '{"n":5}');
});

test('near-api-js 5: sub-accounts and keys', async () => {
    const alice = await near.account('alice.test.near');
    const key = KeyPair.fromRandom('ed25519');
    await alice.createAccount('five.alice.test.near', key.getPublicKey(), NEAR);
    assert.equal((await (await near.account('five.alice.test.near')).state()).amount, String(NEAR));
    await alice.addKey(KeyPair.fromRandom('ed25519').getPublicKey(), 'bob.test.near', ['ping'], NEAR);
    assert.equal((await alice.getAccessKeys()).length, 2);
    const details = await alice.getAccountDetails();
    assert.equal(details.authorizedApps.length, 1);
});

test('near-api-js 5: errors are known by their words', async () => {
    const alice = await near.account('alice.test.near');
    const nobody = await near.account('nobody.test.near');
    await assert.rejects(nobody.state(), { type: 'AccountDoesNotExist' });
    await assert.rejects(alice.sendMoney('bob.test.near', 10n ** 30n), { type: 'NotEnoughBalance' });
    await assert.rejects(alice.functionCall({
        contractId: 'alice.test.near', methodName: 'fail', args: {}, gas: 10n ** 13n,
    }), /no such luck/);
    await assert.rejects(alice.viewFunction(
        { contractId: 'alice.test.near', methodName: 'nothing' }), /method is not found/i);
});
