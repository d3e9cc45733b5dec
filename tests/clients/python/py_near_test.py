"""py-near as people use it, unchanged, against outlayer-localnet."""

import unittest

from nacl.signing import SigningKey
from py_near import transactions
from py_near.account import Account, ViewFunctionError
from py_near.exceptions.provider import InvalidTransactionError, UnknownAccount

from localnet import Localnet, probe

NEAR = 10**24


class PyNear(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.net = Localnet()

    @classmethod
    def tearDownClass(cls):
        cls.net.stop()

    async def asyncSetUp(self):
        self.opened = []

    async def asyncTearDown(self):
        for account in self.opened:
            await account.shutdown()

    async def account(self, account_id, key=None):
        account = Account(account_id, key or self.net.secret_key(account_id), self.net.url)
        await account.startup()
        self.opened.append(account)
        return account

    async def test_status_names_the_chain(self):
        alice = await self.account("alice.test.near")
        self.assertEqual(alice.chain_id, "localnet")

    async def test_a_transfer_moves_near(self):
        alice = await self.account("alice.test.near")
        before = await alice.get_balance("bob.test.near")
        outcome = await alice.send_money("bob.test.near", 2 * NEAR)
        self.assertIn("SuccessValue", outcome.status)
        self.assertEqual(await alice.get_balance("bob.test.near") - before, 2 * NEAR)

    async def test_an_account_is_created_and_its_keys_are_listed(self):
        alice = await self.account("alice.test.near")
        key = SigningKey.generate()
        await alice.create_account("py.alice.test.near", bytes(key.verify_key), 5 * NEAR)
        created = await self.account("py.alice.test.near", bytes(key) + bytes(key.verify_key))
        self.assertEqual(int((await created.fetch_state())["amount"]), 5 * NEAR)
        await created.add_public_key(
            bytes(SigningKey.generate().verify_key), "bob.test.near", ["ping"], NEAR)
        self.assertEqual(len(await created.get_access_key_list()), 2)

    async def test_a_contract_is_deployed_called_and_viewed(self):
        dev = await self.account("dev.test.near")
        await dev.deploy_contract(probe())
        outcome = await dev.function_call("dev.test.near", "set", {"n": 3})
        self.assertEqual(outcome.receipt_outcome[0].logs, ["kept", '{"n": 3}'])
        view = await dev.view_function("dev.test.near", "get", {})
        self.assertEqual(view.result, {"n": 3})
        failed = await dev.function_call("dev.test.near", "fail", {})
        self.assertIn("Failure", failed.status)
        with self.assertRaises(ViewFunctionError):
            await dev.view_function("dev.test.near", "nothing", {})

    async def test_a_relayer_sends_what_somebody_else_signed(self):
        bob = await self.account("bob.test.near")
        carol = await self.account("carol.test.near")
        action = await bob.create_delegate_action(
            [transactions.create_transfer_action(NEAR)], "alice.test.near")
        before = await bob.get_balance(), await bob.get_balance("alice.test.near")
        outcome = await carol.call_delegate_transaction(
            action, bob.sign_delegate_transaction(action))
        self.assertIn("SuccessValue", outcome.status)
        self.assertEqual(await bob.get_balance(), before[0])
        self.assertEqual(await bob.get_balance("alice.test.near") - before[1], NEAR)

    async def test_errors_arrive_as_the_library_names_them(self):
        alice = await self.account("alice.test.near")
        with self.assertRaises(UnknownAccount):
            await alice.get_balance("nobody.test.near")
        with self.assertRaises(InvalidTransactionError):
            await alice.send_money("bob.test.near", 10**36)


if __name__ == "__main__":
    unittest.main()
